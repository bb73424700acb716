// SPDX-License-Identifier: Apache-2.0

package import Baton

/// What the screen's feed said, or that it fell silent.
package struct Sight: Sendable, Equatable {
    /// By the judge's own clock.
    var at: Timestamp
    var what: What

    /// Of its parts.
    package init(at: Timestamp, what: What) {
        self.at = at
        self.what = what
    }

    /// What was said, or happened to the connection.
    package enum What: Sendable, Equatable {
        /// The feed answers.
        case connected
        case disconnected
        /// The captain's sign that it is there.
        case tick(newest: EventID, isComplete: Bool, kafkaAge: Duration?)
        /// Everything anew: the version of each baton that it shows.
        case snapshot(EventID, versions: [BatonID: Int])
        case baton(EventID, BatonID, version: Int)
        /// A numbered event that tells no state.
        case other(EventID)
        /// The judge has read the past: states that come from now on are news, and must be shown.
        case following
    }

    /// The number of an event within one run of a captain.
    package struct EventID: Sendable, Equatable, CustomStringConvertible {
        var epoch: String
        var sequence: Int

        /// As the feed writes it.
        package var description: String { "\(epoch)-\(sequence)" }
    }
}

extension Sight.EventID {
    init?(_ text: String) {
        let parts = text.split(separator: "-")
        guard parts.count == 2, let sequence = Int(parts[1]) else { return nil }
        self.init(epoch: String(parts[0]), sequence: sequence)
    }
}

/// Puts server-sent events together from lines, and reads those of the captain's feed.
///
/// Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
package struct FeedReader: Sendable {
    private var id = ""
    private var name = ""
    private var data: [String] = []

    /// Before the first line.
    package init() {}

    /// Takes a line.
    /// - Returns: what was said, once it is said in full.
    /// - Throws: `Refusal` for an event that cannot be read.
    package mutating func take(_ line: String, at now: Timestamp) throws(Refusal) -> Sight? {
        guard line.isEmpty else {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? String(parts[1].hasPrefix(" ") ? parts[1].dropFirst() : parts[1]) : ""
            switch parts[0] {
            case "id": id = value
            case "event": name = value
            case "data": data.append(value)
            default: break
            }
            return nil
        }
        defer { (id, name, data) = ("", "", []) }
        guard !data.isEmpty else { return nil }
        return Sight(at: now, what: try read(Array(data.joined(separator: "\n").utf8)))
    }

    private func read(_ bytes: [UInt8]) throws(Refusal) -> Sight.What {
        if name == "tick" {
            let tick = try JSON.decode(Tick.self, from: bytes)
            guard let newest = Sight.EventID(tick.newest) else { throw Refusal("a tick's number is \(tick.newest)") }
            return .tick(
                newest: newest, isComplete: tick.complete, kafkaAge: tick.kafkaAnsweredAt.map { tick.now - $0 })
        }
        guard let id = Sight.EventID(id) else { throw Refusal("the event \(name) has the number \"\(id)\"") }
        switch name {
        case "snapshot":
            let batons = try JSON.decode(Snapshot.self, from: bytes).batons
            return .snapshot(id, versions: Dictionary(batons.map { ($0.state.id, $0.state.version) }) { $1 })
        case "baton":
            let state = try JSON.decode(Shown.self, from: bytes).state
            return .baton(id, state.id, version: state.version)
        default: return .other(id)
        }
    }

    private struct Tick: Decodable {
        var now: Timestamp
        var newest: String
        var complete: Bool
        var kafkaAnsweredAt: Timestamp?
    }

    private struct Snapshot: Decodable {
        var batons: [Shown]
    }

    private struct Shown: Decodable {
        struct State: Decodable {
            var id: BatonID
            var version: Int
        }
        var state: State
    }
}
