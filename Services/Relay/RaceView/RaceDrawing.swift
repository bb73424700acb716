// SPDX-License-Identifier: Apache-2.0

package import Baton
import Digest
package import RelayTerminal

/// Draws a baton's race as lines of text. Pure: the same report, moment and size give the same lines, and none of them
/// is wider than the size.
package struct RaceDrawing {
    let hasColour: Bool

    /// Of its parts.
    package init(hasColour: Bool) {
        self.hasColour = hasColour
    }
    static let barWidth = 24
    /// From here on each duty has one line, in columns; below, a duty's facts go over as many as they need.
    static let tableWidth = 60
    /// From here on the leg, which follows from the duty, has its own column.
    private static let legWidth = 76
    /// Lines of a reason that stay while the race is drawn over and over.
    private static let reasonLines = 6

    /// A line, and how much it is missed where not all fit.
    package struct Row {
        /// What is left out first where there is no room.
        package enum Weight: Int, CaseIterable { case spare, ahead, done, vital }

        let line: StyledLine
        let weight: Weight

        /// A line, and how much it matters.
        package init(_ line: StyledLine, _ weight: Weight) { (self.line, self.weight) = (line, weight) }
    }

    /// The whole drawing, as wide as it comes.
    package func lines(_ report: BatonReport, now: Timestamp, traffic: TrafficCount?) -> [String] {
        lines(report, now: now, traffic: traffic, on: nil).map { $0.rendered(hasColour: hasColour) }
    }

    /// The drawing for a terminal.
    /// - Parameters:
    ///   - notice: what is to be known about the drawing itself.
    ///   - size: nil for paper without end.
    package func lines(
        _ report: BatonReport, now: Timestamp, traffic: TrafficCount?, notice: String? = nil, on size: TerminalSize?
    ) -> [StyledLine] {
        // Wide enough for everything, and far from overflowing.
        let width = size?.columns ?? 100_000
        let isTable = width >= Self.tableWidth
        var rows = head(report, now, isTable, width).map { Row($0, .vital) }
        if isTable { rows.append(Row(StyledLine(""), .spare)) }
        for duty in Duty.allCases {
            rows += isTable ? [tableRow(duty, report, now, width)] : compactRows(duty, report, now, width)
        }
        rows += foot(report.state, traffic, notice, width, isBounded: size != nil)
        return Self.fitting(rows, size.map { $0.rows - 1 }).map { $0.cut(to: width) }
    }

    /// What is missed least goes first: blank lines, then duties that are still far ahead, then those long done.
    private static func fitting(_ rows: [Row], _ height: Int?) -> [StyledLine] {
        var rows = rows
        guard let height, rows.count > height else { return rows.map(\.line) }
        for weight in Row.Weight.allCases where weight != .vital {
            while rows.count > height {
                let isLess = { (row: Row) in row.weight == weight }
                let index = weight == .ahead ? rows.lastIndex(where: isLess) : rows.firstIndex(where: isLess)
                guard let index else { break }
                rows.remove(at: index)
            }
        }
        return rows.prefix(max(1, height)).map(\.line)
    }

    private func head(_ report: BatonReport, _ now: Timestamp, _ isTable: Bool, _ width: Int) -> [StyledLine] {
        let state = report.state
        let elapsed = Self.clock((state.hasEnded ? state.changedAt : now) - state.requestedAt)
        let cost = report.cost?.description ?? "no cost yet"
        let indent = isTable ? 2 : 0
        let model = state.request.model.cut(to: width - indent)
        let facts = ["\(String(repeating: " ", count: indent))\(model)", "\(state.id)", elapsed, cost]
        return StyledLine.flow(facts.map { ($0, .bold) }, gap: isTable ? 3 : 2, hanging: 2, width: width)
    }

    private func foot(
        _ state: BatonState, _ traffic: TrafficCount?, _ notice: String?, _ width: Int, isBounded: Bool
    ) -> [Row] {
        func block(_ text: String, indent: Int, _ ink: Ink) -> [StyledLine] {
            let lines = isBounded ? text.wrapped(to: max(1, width - indent)) : [text]
            return lines.map { StyledLine(String(repeating: " ", count: indent) + $0, ink) }
        }
        let isTable = width >= Self.tableWidth
        var lines = traffic.map { block("traffic: \($0.sentence)", indent: isTable ? 4 : 0, .plain) } ?? []
        if let ending = state.ending {
            let ink: Ink = ending.kind == .finished ? .green : ending.supersededBy == nil ? .red : .yellow
            let reason = block(ending.sentence, indent: isTable ? 2 : 0, ink)
            // What has ended is drawn for the last time, and has as much room as it needs.
            lines += state.hasEnded ? reason[...] : reason.prefix(Self.reasonLines)
        }
        if let notice { lines += block(notice, indent: isTable ? 2 : 0, .yellow) }
        guard !lines.isEmpty else { return [] }
        return [Row(StyledLine(""), .spare)] + lines.map { Row($0, .vital) }
    }

    /// `01:02.3`.
    package static func clock(_ duration: Duration) -> String {
        let tenths = max(0, duration.milliseconds / 100)
        let (minutes, rest) = tenths.quotientAndRemainder(dividingBy: 600)
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(two(minutes)):\(two(rest / 10)).\(rest % 10)"
    }
}

/// What a duty that is out is at.
struct DutyProgress {
    let lane: RaceLane
    let attempt: Int
    let fraction: Double
    let elapsed: String
    let note: String

    /// Nil for a duty that is not out.
    init?(_ duty: Duty, _ report: BatonReport, _ now: Timestamp) {
        guard let current = report.state.current, current.duty == duty else { return nil }
        let progress = report.progress.flatMap { $0.key == report.state.currentKey ? $0 : nil }
        lane = current.lane
        attempt = current.number
        fraction = min(max(progress?.fraction ?? 0, 0), 1)
        elapsed = RaceDrawing.clock(now - current.firstAssignedAt)
        note =
            report.state.isWithdrawing ? "withdrawing" : progress?.note ?? "handed to the \(current.lane.rawValue) lane"
    }

    var percent: String { "\(Int(fraction * 100)) %" }
}

extension RaceDrawing {
    /// A duty on one line: what is cut at the end is said elsewhere too.
    private func tableRow(_ duty: Duty, _ report: BatonReport, _ now: Timestamp, _ width: Int) -> Row {
        let name =
            duty.rawValue.padded(13) + (width >= Self.legWidth ? duty.leg.rawValue.padded(12) : "")
        if let accepted = report.state.accepted.last(where: { $0.duty == duty }) {
            let isDone = accepted.outcome == .completed
            var line = StyledLine("  ")
            line.append(isDone ? "✔" : "✘", isDone ? .green : .red)
            line.append(" \(name)")
            line.append(lane: accepted.lane)
            let again = Self.again(accepted.attempt)
            let room = width - line.width - DisplayWidth.of(again)
            line.append(" " + DutyDetail.text(of: duty, report.state).cut(to: max(0, room - 1)) + again)
            return Row(line, isDone ? .done : .vital)
        }
        guard let progress = DutyProgress(duty, report, now) else {
            return Row(StyledLine("  · \(name)", .faint), .ahead)
        }
        var line = StyledLine("  ")
        line.append("▶", .cyan)
        line.append(" \(name)")
        line.append(lane: progress.lane)
        let again = Self.again(progress.attempt)
        let room = width - line.width - 1 - DisplayWidth.of(again)
        line.append(" " + Self.measured(progress, room: max(0, room)) + again)
        return Row(line, .vital)
    }

    /// Bar, time and note in as many columns as there are: the note gets a third of them before the bar grows.
    private static func measured(_ progress: DutyProgress, room: Int) -> String {
        let time = " \(progress.elapsed)"
        let noteRoom = min(DisplayWidth.of(progress.note), max(10, room / 3)) + 2
        let bar = min(barWidth, room - time.count - noteRoom)
        let start = (bar >= 6 ? self.bar(progress.fraction, bar) : progress.percent) + time
        let rest = room - DisplayWidth.of(start) - 2
        return rest > 1 ? start + "  " + progress.note.cut(to: rest) : start
    }

    private static func bar(_ fraction: Double, _ width: Int) -> String {
        let done = Int((fraction * Double(width)).rounded())
        return String(repeating: "█", count: done) + String(repeating: "░", count: width - done)
    }

    private static func again(_ attempt: Int) -> String { attempt > 1 ? "   attempt \(attempt)" : "" }

    /// A duty with its facts over as many lines as they need; the primary lane and a first attempt go without saying.
    private func compactRows(_ duty: Duty, _ report: BatonReport, _ now: Timestamp, _ width: Int) -> [Row] {
        func rows(
            _ mark: String, _ ink: Ink, _ lane: RaceLane, _ attempt: Int, _ facts: [String], _ weight: Row.Weight
        ) -> [Row] {
            let all: [(String, Ink)] =
                [("\(mark) \(duty.rawValue)", ink)]
                + (lane == .fallback ? [(lane.rawValue, .yellow)] : [])
                + (attempt > 1 ? [("attempt \(attempt)", .plain)] : [])
                + facts.map { ($0, .plain) }
            return StyledLine.flow(all, gap: 1, hanging: 2, width: width).map { Row($0, weight) }
        }
        if let accepted = report.state.accepted.last(where: { $0.duty == duty }) {
            let isDone = accepted.outcome == .completed
            return rows(
                isDone ? "✔" : "✘", isDone ? .green : .red, accepted.lane, accepted.attempt, [],
                isDone ? .done : .vital)
        }
        guard let progress = DutyProgress(duty, report, now) else {
            return [Row(StyledLine("· \(duty.rawValue)", .faint), .ahead)]
        }
        let note = progress.note.cut(to: max(1, width - 2))
        return rows(
            "▶", .cyan, progress.lane, progress.attempt, [progress.percent, progress.elapsed, note], .vital)
    }
}

extension StyledLine {
    fileprivate mutating func append(lane: RaceLane) {
        append(lane.rawValue.padded(9), lane == .primary ? .plain : .yellow)
    }
}
