// SPDX-License-Identifier: Apache-2.0

package import Baton

/// A watch with its end: what is read goes in, and what lies behind the end is left out.
package struct WatchCourse: Sendable {
    /// How long marks must have come, behind the end of the period, before a silent router is given up.
    package static let patience = WatchEnd.patience

    /// What was seen so far.
    package private(set) var watch: Watch
    private(set) var end: WatchEnd
    /// Of each partition the offset behind the last prediction that counts.
    private var counted: [Int32: Int64] = [:]

    /// Nothing is read yet.
    package init(_ plan: WatchPlan) {
        watch = Watch(plan)
        end = WatchEnd(of: plan.baton, from: plan.liveSince, until: plan.until)
    }

    /// Whether the log says that nothing is to come.
    package var isOver: Bool { end.isOver }

    /// Whether a partition has its end by marks.
    package func hasEnd(in partition: Int32) -> Bool { end.end(of: partition) != nil }

    /// Takes in what was read, in the order of its partition.
    package mutating func take(_ records: [WatchRecord]) {
        for record in records where end.admits(record.place) {
            switch record.content {
            case .prediction(let prediction):
                if watch.add(prediction) { counted[record.place.partition] = record.place.offset + 1 }
                end.take(prediction, at: record.place)
            case .mark(let mark): end.take(mark, at: record.place)
            case .unreadable(let problem): watch.addUnreadable(problem)
            }
        }
    }

    /// The final report.
    /// - Parameter starts: where reading began, by partition.
    package func report(from starts: [Int32: Int64] = [:]) -> WatchReport {
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
