// SPDX-License-Identifier: Apache-2.0

/// The ready lanes of one release and what each has to do: the rules of choosing one. No I/O.
package struct LaneRoster<Lane: Sendable & Identifiable>: Sendable where Lane.ID == String {
    /// A ready lane and what it has to do.
    package struct Entry: Sendable {
        /// The lane.
        package let lane: Lane
        /// Requests that it has not answered yet.
        package var outstanding = 0
        /// Failures in a row.
        var failures = 0
        /// Avoided until then, unless there is no other.
        var avoidedUntil: ContinuousClock.Instant?
    }

    /// Who is to answer a request.
    package enum Choice: Sendable {
        case lane(Lane)
        case noneReady
        /// The release is being stopped; another one serves by now.
        case closed
    }

    /// The ready lanes.
    package private(set) var entries: [Entry] = []
    /// Whether the release takes no more requests.
    package private(set) var isClosed = false
    /// Ties go round, so that idle lanes share the work.
    private var turn = 0

    /// Requests under way at all lanes.
    package var outstanding: Int { entries.reduce(0) { $0 + $1.outstanding } }

    /// A lane has become ready.
    package mutating func add(_ lane: Lane) { entries.append(Entry(lane: lane)) }

    /// A lane is gone.
    package mutating func remove(_ id: String) { entries.removeAll { $0.lane.id == id } }

    /// No more requests; those under way go on.
    package mutating func close() { isClosed = true }

    /// Nobody is ready yet.
    package init() {}

    /// The lane with the least outstanding requests, among those that do not stumble if there are any.
    package mutating func checkOut(except tried: String?, now: ContinuousClock.Instant) -> Choice {
        guard !isClosed else { return .closed }
        guard !entries.isEmpty else { return .noneReady }
        turn += 1
        func rank(_ index: Int) -> (Int, Int, Int) {
            let entry = entries[index]
            let isAvoided = entry.lane.id == tried || entry.avoidedUntil.map { $0 > now } ?? false
            return (isAvoided ? 1 : 0, entry.outstanding, (index + turn) % entries.count)
        }
        guard let best = entries.indices.min(by: { rank($0) < rank($1) }) else { return .noneReady }
        entries[best].outstanding += 1
        return .lane(entries[best].lane)
    }

    /// Ends what `checkOut` began. The lane may have left the roster meanwhile.
    package mutating func checkIn(_ id: String, stumbled: Bool, now: ContinuousClock.Instant) {
        guard let index = entries.firstIndex(where: { $0.lane.id == id }) else { return }
        entries[index].outstanding -= 1
        guard stumbled else {
            entries[index].failures = 0
            entries[index].avoidedUntil = nil
            return
        }
        entries[index].failures += 1
        let doublings = min(entries[index].failures - 1, 5)
        let avoidance = min(LaneAvoidance.first * (1 << doublings), LaneAvoidance.longest)
        entries[index].avoidedUntil = now + avoidance
    }
}
