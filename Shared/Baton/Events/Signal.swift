// SPDX-License-Identifier: Apache-2.0

/// Something that people should see at once: raised, updated or cleared under its name.
public struct Signal: EventPayload, Equatable {
    public static let eventType = EventType.signalChanged

    public enum Level: String, Codable, Sendable { case info, warning, critical }

    /// `cost`, `budget`, `lanes`, `drift`...
    public var name: String
    public var level: Level
    public var baton: BatonID?
    public var model: String?
    /// One sentence.
    public var text: String
    /// Numbers behind the sentence, by name with unit.
    public var values: [String: Double]
    public var at: Timestamp

    public init(
        name: String, level: Level, baton: BatonID?, model: String?, text: String, values: [String: Double],
        at: Timestamp
    ) {
        self.name = name
        self.level = level
        self.baton = baton
        self.model = model
        self.text = text
        self.values = values
        self.at = at
    }
}
