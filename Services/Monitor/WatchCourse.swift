// SPDX-License-Identifier: Apache-2.0

import Baton

/// A watch with its end: what is read goes in, and what lies behind the end is left out.
struct WatchCourse: Sendable {
    private(set) var watch: Watch
    private(set) var end: WatchEnd
    /// Of each partition the offset behind the last prediction that counts.
    private var counted: [Int32: Int64] = [:]

    init(_ plan: WatchPlan) {
        watch = Watch(plan)
        end = WatchEnd(of: plan.baton, from: plan.liveSince, until: plan.until)
    }

    /// Takes in what was read, in the order of its partition.
    mutating func take(_ items: [PredictionStream.Item]) {
        for item in items where end.admits(item.place) {
            switch item.content {
            case .prediction(let prediction):
                if watch.add(prediction) { counted[item.place.partition] = item.place.offset + 1 }
                end.take(prediction, at: item.place)
            case .mark(let mark): end.take(mark, at: item.place)
            case .unreadable(let problem): watch.addUnreadable(problem)
            }
        }
    }

    /// The final report.
    /// - Parameter starts: where reading began, by partition.
    func report(from starts: [Int32: Int64] = [:]) -> WatchReport {
        // A partition without an end by marks is told up to what counts there: how far it goes on depends on when one
        // looks.
        let ends = starts.keys.compactMap { partition in
            (end.end(of: partition) ?? counted[partition]).map { (partition: partition, end: $0) }
        }
        let readings = ends.map {
            WatchReport.Reading(partition: $0.partition, from: starts[$0.partition] ?? 0, to: $0.end)
        }
        return watch.report(
            at: watch.plan.until, routers: end.routers, readings: readings.sorted { $0.partition < $1.partition })
    }
}
