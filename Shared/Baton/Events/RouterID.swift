// SPDX-License-Identifier: Apache-2.0

/// One run of a router: `deploy-0/1764072000000`, the instance and when this run of it began. Two runs of an instance
/// are never alive at once, so a later one says that the earlier one is gone.
public struct RouterID: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    public let instance: String
    public let startedAt: Timestamp

    public init(instance: String, startedAt: Timestamp) {
        self.instance = instance
        self.startedAt = startedAt
    }

    public init?(rawValue: String) {
        guard let slash = rawValue.lastIndex(of: "/"), slash > rawValue.startIndex,
            let start = Int64(rawValue[rawValue.index(after: slash)...])
        else { return nil }
        self.init(instance: String(rawValue[..<slash]), startedAt: Timestamp(milliseconds: start))
    }

    public var rawValue: String { "\(instance)/\(startedAt.milliseconds)" }
    public var description: String { rawValue }

    /// Whether this run began after another one of the same instance, which is gone then.
    public func replaces(_ other: RouterID) -> Bool { instance == other.instance && startedAt > other.startedAt }
}
