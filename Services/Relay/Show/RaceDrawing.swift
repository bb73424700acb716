// SPDX-License-Identifier: Apache-2.0

import Baton
import Digest

/// Draws a baton's race as lines of text. Pure: the same report and moment give the same lines.
struct RaceDrawing {
    let hasColour: Bool
    static let barWidth = 24

    func lines(_ report: BatonReport, now: Timestamp, traffic: TrafficCount?) -> [String] {
        let state = report.state
        let cost = report.cost?.description ?? "no cost yet"
        let elapsed = Self.clock((state.hasEnded ? state.changedAt : now) - state.requestedAt)
        let head = "  \(state.request.model)   \(state.id)   \(elapsed)   \(cost)"
        return [Ink.bold.paint(head, hasColour), ""] + Duty.allCases.map { line($0, report, now) }
            + foot(state, traffic)
    }

    private func line(_ duty: Duty, _ report: BatonReport, _ now: Timestamp) -> String {
        let name = "\(duty.rawValue.padded(13))\(duty.leg.rawValue.padded(12))"
        if let accepted = report.state.accepted.last(where: { $0.duty == duty }) {
            let mark = accepted.outcome == .completed ? Ink.green.paint("✔", hasColour) : Ink.red.paint("✘", hasColour)
            let again = accepted.attempt > 1 ? "   attempt \(accepted.attempt)" : ""
            return "  \(mark) \(name)\(lane(accepted.lane)) \(Self.detail(of: duty, report.state))\(again)"
        }
        guard let current = report.state.current, current.duty == duty else {
            return Ink.faint.paint("  · \(name)", hasColour)
        }
        let progress = report.progress.flatMap { $0.key == report.state.currentKey ? $0 : nil }
        let fraction = progress?.fraction ?? 0
        let note =
            report.state.isWithdrawing ? "withdrawing" : progress?.note ?? "handed to the \(current.lane.rawValue) lane"
        let again = current.number > 1 ? "   attempt \(current.number)" : ""
        let elapsed = Self.clock(now - current.firstAssignedAt)
        return
            "  \(Ink.cyan.paint("▶", hasColour)) \(name)\(lane(current.lane)) "
            + "\(bar(fraction)) \(elapsed)  \(note)\(again)"
    }

    private func lane(_ lane: RaceLane) -> String {
        lane == .primary ? "primary ".padded(9) : Ink.yellow.paint("fallback ".padded(9), hasColour)
    }

    private func bar(_ fraction: Double) -> String {
        let done = Int((min(max(fraction, 0), 1) * Double(Self.barWidth)).rounded())
        return String(repeating: "█", count: done) + String(repeating: "░", count: Self.barWidth - done)
    }

    private func foot(_ state: BatonState, _ traffic: TrafficCount?) -> [String] {
        var lines: [String] = []
        if let traffic {
            lines.append("    traffic: \(traffic.sentence)")
        }
        if let ending = state.ending {
            let ink: Ink = ending.kind == .finished ? .green : ending.supersededBy == nil ? .red : .yellow
            lines.append(ink.paint("  \(ending.sentence)", hasColour))
        }
        return lines.isEmpty ? [] : [""] + lines
    }

    /// What a duty handed over, in a few words.
    static func detail(of duty: Duty, _ state: BatonState) -> String {
        let results = state.results
        switch duty {
        case .admission: return results.admission.map { "account \($0.account), \($0.available) left" } ?? ""
        case .build:
            return results.build.map { build in
                let ran = build.stages.filter { $0.result == .ran }.count
                return
                    "\(ran) stages ran, \(build.stages.count - ran) unchanged, "
                    + build.artifact.digest.description.prefix(19)
            } ?? ""
        case .verification:
            return results.verification.map { report in
                "\(report.gates.filter(\.passed).count) of \(report.gates.count) gates passed"
            } ?? ""
        case .approval: return results.approval.map { "\($0.spent) of \($0.limit)" } ?? ""
        case .rollout: return results.rollout.map { "\($0.lanes.count) lanes live at \($0.endpoint)" } ?? ""
        case .watch: return results.watch.map { "\($0.verdict.rawValue), \($0.total.predictions) predictions" } ?? ""
        case .closing: return results.closing.map { "total \($0.total)" } ?? ""
        }
    }

    /// `01:02.3`.
    static func clock(_ duration: Duration) -> String {
        let tenths = max(0, duration.milliseconds / 100)
        let (minutes, rest) = tenths.quotientAndRemainder(dividingBy: 600)
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(two(minutes)):\(two(rest / 10)).\(rest % 10)"
    }
}

extension String {
    func padded(_ width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(1, width - count))
    }
}
