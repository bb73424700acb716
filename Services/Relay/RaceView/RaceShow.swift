// SPDX-License-Identifier: Apache-2.0

package import Baton
package import RelayTerminal

/// Shows a race as it goes: drawn over and over on a terminal, one line a change elsewhere.
package struct RaceShow {
    let terminal: Terminal
    let drawing: RaceDrawing
    private var screen = LiveScreen()
    private var last: (report: BatonReport, traffic: TrafficCount?)?
    private var told: Set<String> = []

    /// Draws on a terminal.
    package init(terminal: Terminal) {
        self.terminal = terminal
        drawing = RaceDrawing(hasColour: terminal.hasColour)
    }

    /// Shows a report.
    package mutating func show(_ received: BatonReport, now: Timestamp, traffic: TrafficCount?) {
        let report = received.shown
        guard terminal.isInteractive else { return tell(report, now) }
        last = (report, traffic)
        draw(now: now, notice: nil)
    }

    /// Says that what is on the screen is not current.
    mutating func stale(since: Duration, now: Timestamp) {
        let text = "the captain does not answer; this is how it was \(RaceDrawing.clock(since)) ago"
        if terminal.isInteractive {
            draw(now: now + (.zero - since), notice: text)
        } else if told.insert("stale \(since.components.seconds)").inserted {
            terminal.line(text)
        }
    }

    /// Measured before each frame, so that a new size of the terminal needs no signal.
    private mutating func draw(now: Timestamp, notice: String?) {
        let size = terminal.size
        let lines =
            if let (report, traffic) = last {
                drawing.lines(
                    report, now: now, traffic: traffic, notice: notice,
                    on: TerminalSize(columns: size.columns, rows: report.state.hasEnded ? .max : size.rows))
            } else {
                [StyledLine(notice ?? "", .yellow).cut(to: size.columns)]
            }
        terminal.write(screen.frame(lines, hasColour: terminal.hasColour, on: size))
    }

    private mutating func tell(_ report: BatonReport, _ now: Timestamp) {
        for entry in report.journal where told.insert(entry.id).inserted {
            let elapsed = RaceDrawing.clock(entry.at - report.state.requestedAt)
            terminal.line("\(elapsed)  \(Self.sentence(entry, report.state))")
        }
        guard let progress = report.progress, progress.key == report.state.currentKey,
            told.insert("\(progress.key) \(progress.note)").inserted
        else { return }
        let elapsed = RaceDrawing.clock(now - report.state.requestedAt)
        let cost = report.cost.map { "  \($0)" } ?? ""
        let share = "\(progress.duty.rawValue) \(Int(progress.fraction * 100)) %"
        terminal.line("\(elapsed)  \(share)  \(progress.note)  [\(progress.worker)]\(cost)")
    }

    /// A decision, in a line of its own.
    package static func sentence(_ entry: JournalEntry, _ state: BatonState) -> String {
        let place = [
            entry.duty?.rawValue, entry.attempt.map { "attempt \($0)" }, entry.lane.map { "\($0.rawValue) lane" },
        ]
        .compactMap(\.self).joined(separator: ", ")
        let detail = entry.action == .handoffAccepted ? entry.duty.map { DutyDetail.text(of: $0, state) } : nil
        return [entry.action.rawValue, place, entry.reason ?? detail].compactMap { $0?.isEmpty == true ? nil : $0 }
            .joined(separator: "  ") + "  [\(entry.actor)]"
    }
}
