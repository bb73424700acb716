// SPDX-License-Identifier: Apache-2.0

/// One server-sent event, as it goes over the wire.
///
/// Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
enum ServerSentEvent {
    /// - Parameter data: one line of JSON.
    static func encode(name: String, id: String?, data: [UInt8]) -> [UInt8] {
        var bytes = Array((id.map { "id: \($0)\n" } ?? "").utf8)
        bytes += Array("event: \(name)\ndata: ".utf8)
        bytes += data
        bytes += Array("\n\n".utf8)
        return bytes
    }
}

/// The numbered events of one run of this captain, the newest of them kept for clients that come back.
struct FeedLog: Sendable {
    /// Tells the numbers of this run from those of another.
    let epoch: String
    let limit: Int
    private(set) var sequence = 0
    private var kept: [[UInt8]] = []

    init(epoch: String, limit: Int = 512) {
        self.epoch = epoch
        self.limit = limit
    }

    /// The id of the newest event.
    var newestID: String { "\(epoch)-\(sequence)" }

    /// Numbers an event and keeps it.
    mutating func append(name: String, data: [UInt8]) -> [UInt8] {
        sequence += 1
        let bytes = ServerSentEvent.encode(name: name, id: newestID, data: data)
        kept.append(bytes)
        if kept.count > limit { kept.removeFirst(kept.count - limit) }
        return bytes
    }

    /// Something happened that nobody was there to be told: whoever saw what came before does not know it.
    mutating func skip() {
        sequence += 1
        kept = []
    }

    /// Everything after an event that a client has seen; nil when that is not known any more.
    func events(after id: String) -> [[UInt8]]? {
        let parts = id.split(separator: "-")
        guard parts.count == 2, parts[0] == epoch, let seen = Int(parts[1]), seen <= sequence else { return nil }
        let missed = sequence - seen
        return missed <= kept.count ? Array(kept.suffix(missed)) : nil
    }
}
