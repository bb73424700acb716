// SPDX-License-Identifier: Apache-2.0

/// What groups may take of the broker. `BrokerSettings` lists the names.
public struct GroupLimits: Sendable, Equatable {
    /// Members of one group (`group.max.size`); Kafka sets no bound by default.
    public var maxSize = 1000
    /// Groups, also those that only have committed offsets (`groups.max`).
    public var maxGroups = 10_000
    /// Bytes of what one member says of itself (`group.member.max.bytes`).
    public var memberMaxBytes = 1 << 20
    /// Bytes of what the members of all groups say and are assigned (`groups.max.bytes`).
    public var maxBytes = 256 << 20

    /// Bytes of one group: it is one record of the metadata log.
    static let largestGroup = 32 << 20
    /// As in Kafka.
    static let longestInstanceID = 249

    /// The limits that suit a laptop.
    public init() {}

    /// Decides about a member's words before the group hears them.
    ///
    /// - Parameters:
    ///   - said: what the same member has said before, in bytes.
    ///   - group: the bytes of its group; nil when the group is new.
    func check(_ words: Int, said: Int, group: Int?, all: GroupMemory, groups: @autoclosure () -> Int) throws(ErrorCode)
    {
        guard words <= memberMaxBytes else { throw .invalidRequest }
        let more = max(0, words - said)
        guard all.bytes + more <= maxBytes, (group ?? 0) + more <= Self.largestGroup else {
            throw .groupMaximumSizeReached
        }
        if group == nil { try check(groups: groups()) }
    }

    /// Decides whether there may be another group.
    func check(groups: Int) throws(ErrorCode) {
        guard groups < maxGroups else { throw .groupMaximumSizeReached }
    }
}

/// How many bytes the members of groups have said and are assigned.
struct GroupMemory: Equatable {
    private var shares: [String: Int] = [:]
    private(set) var bytes = 0

    mutating func set(_ group: String, _ bytes: Int?) {
        self.bytes += (bytes ?? 0) - (shares[group] ?? 0)
        shares[group] = bytes
    }

    subscript(group: String) -> Int? { shares[group] }
}

extension GroupMember {
    /// What the member has said, and what keeping it costs.
    var words: Int { Self.words(protocols, [id, instanceID ?? "", clientID, clientHost]) }

    static func words(_ protocols: [GroupProtocol], _ texts: [String]) -> Int {
        let overhead = 200
        let spoken = protocols.reduce(0) { $0 + $1.name.utf8.count + $1.metadata.bytes.count + 50 }
        return overhead + spoken + texts.reduce(0) { $0 + $1.utf8.count }
    }
}

extension Group {
    /// Bytes that clients decide.
    var bytes: Int {
        members.values.reduce(id.utf8.count + pending.keys.reduce(0) { $0 + $1.utf8.count + 50 }) {
            $0 + $1.words + $1.assignment.bytes.count
        }
    }

    /// Whether nothing would be lost with it.
    var isUnused: Bool { members.isEmpty && pending.isEmpty && generation == 0 }
}
