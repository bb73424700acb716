// SPDX-License-Identifier: Apache-2.0

import Baton

/// When a watch is over, by what lies in the log alone: whoever reads it, whenever and however often, stops behind the
/// same record.
///
/// Each router marks how far it is. A watch is over behind the mark with which all that answered in its period are past
/// its end. It does not wait for a router that said that it rests, nor for one whose instance has begun anew, nor for
/// ever: once somebody's marks have come for `patience` behind the end, it ends without who is missing, and says so.
struct WatchEnd: Sendable {
    /// How long marks of others must have come, behind the end of the period, before a silent router is given up.
    static let patience = Duration.seconds(10)
    /// The time between two marks counts up to here. What is longer was an outage, and those who were silent could not
    /// be heard either.
    static let longestStep = Duration.seconds(2)
    /// After an outage marks must have come for so long until nobody is missing: some find the way back later.
    static let settling = Duration.seconds(2)
    /// Where no router at all is known, as of the release before this one, a witness must have marked for so long.
    static let witnessing = Duration.seconds(3)
    /// Who was heard so shortly before the period was there in it.
    static let aliveFor = Duration.seconds(3)

    private struct Router: Sendable {
        var heardUntil: Timestamp
        /// Whether it was there in the period.
        var isExpected = false
        /// Whether it is past the end.
        var isPast = false
        var isResting = false
        /// The highest number known of.
        var last: Int64
        var missed: Int64 = 0
        var dropped: Int64 = 0
        var droppedBefore: Int64 = 0
    }

    /// Somebody's marks, a router's or a witness's.
    private struct Marks: Sendable {
        var last: Timestamp
        /// For how long they have come behind the end of the period.
        var waited = Duration.zero
        /// Whether the first of those came after an outage.
        var isAfterOutage = false

        mutating func take(_ through: Timestamp, until end: Timestamp) {
            let step = through - last
            if last >= end {
                waited += min(max(step, .zero), WatchEnd.longestStep)
            } else {
                isAfterOutage = step > WatchEnd.longestStep
            }
            last = max(last, through)
        }
    }

    private struct Partition: Sendable {
        var routers: [RouterID: Router] = [:]
        var marks: [RouterID: Marks] = [:]
        /// The offset behind the last record that counts.
        var end: Int64?

        func isReplaced(_ router: RouterID) -> Bool { routers.keys.contains { $0.replaces(router) } }

        var awaited: [(key: RouterID, value: Router)] {
            routers.filter { $0.value.isExpected && !$0.value.isPast && !$0.value.isResting && !isReplaced($0.key) }
                .sorted { $0.key.rawValue < $1.key.rawValue }
        }

        /// Whether the watch is over behind the newest of these marks.
        func isOver(with newest: Marks, until end: Timestamp) -> Bool {
            if newest.waited >= (routers.isEmpty ? WatchEnd.witnessing : WatchEnd.patience) { return true }
            let hasSettled = newest.last >= end && (!newest.isAfterOutage || newest.waited >= WatchEnd.settling)
            // One that rests says so with a last mark, which may be of before the end.
            let isPast = hasSettled || marks.values.contains { $0.waited >= WatchEnd.settling }
            return isPast && awaited.isEmpty && routers.values.contains(where: \.isExpected)
        }
    }

    private let baton: BatonID
    private let from: Timestamp
    private let until: Timestamp
    private var partitions: [Int32: Partition] = [:]

    init(of baton: BatonID, from: Timestamp, until: Timestamp) {
        self.baton = baton
        self.from = from
        self.until = until
    }

    var isOver: Bool { partitions.values.contains { $0.end != nil } }

    /// The offset behind the last record that counts; nil where there is no such end.
    func end(of partition: Int32) -> Int64? { partitions[partition]?.end }

    /// Whether a record is not behind the end.
    func admits(_ place: WatchRecord.Place) -> Bool { end(of: place.partition).map { place.offset < $0 } ?? true }

    /// Takes in a prediction; one of no router, or of another release, says nothing.
    mutating func take(_ prediction: Prediction, at place: WatchRecord.Place) {
        guard prediction.baton == baton, let id = prediction.router, let number = prediction.number, admits(place)
        else { return }
        var router =
            partitions[place.partition, default: Partition()].routers[id]
            ?? Router(heardUntil: prediction.at, last: number - 1)
        router.heardUntil = max(router.heardUntil, prediction.at)
        router.isResting = false
        if !router.isPast { router.missed += max(0, number - router.last - 1) }
        router.last = max(router.last, number)
        if from <= prediction.at, prediction.at < until { router.isExpected = true }
        partitions[place.partition]?.routers[id] = router
    }

    /// Takes in a mark; the watch may be over with it.
    mutating func take(_ mark: RouterMark, at place: WatchRecord.Place) {
        guard mark.baton == baton, admits(place) else { return }
        var partition = partitions[place.partition, default: Partition()]
        if mark.isWitness != true { partition.routers[mark.router] = heard(mark, partition.routers[mark.router]) }
        // Before its first mark there was nothing of the release to tell.
        var marks = partition.marks[mark.router] ?? Marks(last: min(from, mark.through))
        marks.take(mark.through, until: until)
        partition.marks[mark.router] = marks
        if partition.isOver(with: marks, until: until) { partition.end = place.offset + 1 }
        partitions[place.partition] = partition
    }

    private func heard(_ mark: RouterMark, _ known: Router?) -> Router {
        var router = known ?? Router(heardUntil: mark.through, last: mark.written, droppedBefore: mark.dropped)
        router.heardUntil = max(router.heardUntil, mark.through)
        router.isResting = mark.isLast
        guard !router.isPast else { return router }
        router.missed += max(0, mark.written - router.last)
        router.last = max(router.last, mark.written)
        router.dropped = mark.dropped - router.droppedBefore
        if mark.through <= from, known?.last ?? 0 <= mark.written {
            // What is missing from before is nobody's concern here.
            (router.missed, router.dropped, router.droppedBefore) = (0, 0, mark.dropped)
        }
        router.isExpected = router.isExpected || mark.through >= from + Self.aliveFor * -1
        router.isPast = mark.through >= until
        return router
    }

    /// Who answered, or could have.
    var routers: [WatchReport.Router] {
        partitions.values.flatMap(\.routers).filter(\.value.isExpected).map { id, router in
            WatchReport.Router(
                router: id, heardUntil: min(router.heardUntil, until), missed: router.missed, dropped: router.dropped,
                isComplete: router.isPast || router.isResting)
        }.sorted { $0.router.rawValue < $1.router.rawValue }
    }

    /// Who is waited for.
    var awaited: [RouterID] { partitions.values.flatMap { $0.awaited.map(\.key) } }
}
