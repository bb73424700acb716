// SPDX-License-Identifier: Apache-2.0

import Baton

@testable import RelayTerminal

/// A race to draw at any place of its course.
struct ShowFixture {
    let id = BatonID(source: "s", id: "1")
    let begin = Timestamp(milliseconds: 1_000_000)
    var model = "breast-cancer"
    var note = "42 of 569 rows are read"

    /// A baton whose duties before `duty` are done, and which is at work in it.
    func report(
        at duty: Duty, lane: RaceLane = .primary, attempt: Int = 1, fraction: Double = 0.45
    ) throws -> BatonReport {
        var state = try started()
        state.accepted = try Duty.allCases.prefix { $0 != duty }.map { try accepted($0) }
        state.current = try read(
            """
            {"duty":"\(duty.rawValue)","number":\(attempt),"lane":"\(lane.rawValue)","assignedAt":"\(begin)",
            "firstAssignedAt":"\(begin)","deadline":"\(begin)","failures":0}
            """)
        let progress = Progress(
            baton: id, duty: duty, attempt: attempt, lane: lane, worker: "w", fraction: fraction, note: note, at: begin)
        return BatonReport(
            state: state, progress: progress, cost: Money(micros: 1234, currency: "USD"), journal: [], asOf: begin)
    }

    /// One that was dropped after its fallback failed in the build.
    func dropped(_ reason: String) throws -> BatonReport {
        var state = try started()
        state.accepted = [
            try accepted(.admission), try accepted(.build, outcome: "failed", lane: .fallback, attempt: 2),
            try accepted(.closing),
        ]
        state.current = nil
        state.ending = Ending(.dropped, reason: reason)
        return BatonReport(state: state, progress: nil, cost: nil, journal: [], asOf: begin)
    }

    private func started() throws -> BatonState {
        let request = ReleaseRequest(project: .init(directory: "/p"), model: model, requester: "ann")
        guard let state = Race().apply(.requested(request, source: "s", id: "1"), to: nil, of: id, now: begin).0 else {
            throw Refusal("no state")
        }
        return state
    }

    private func accepted(
        _ duty: Duty, outcome: String = "completed", lane: RaceLane = .primary, attempt: Int = 1
    ) throws -> BatonState.Accepted {
        try read(
            """
            {"duty":"\(duty.rawValue)","attempt":\(attempt),"lane":"\(lane.rawValue)","worker":"w",
            "outcome":"\(outcome)","acceptedAt":"\(begin)"}
            """)
    }

    private func read<Value: Decodable>(_ text: String) throws -> Value {
        try JSON.decode(Value.self, from: Array(text.utf8))
    }
}

/// What a terminal shows of what is written to it: as much of one as the live view asks for.
struct ScreenModel {
    private(set) var columns: Int
    private(set) var height: Int
    /// Whether a narrower window breaks the lines that are there anew, as some terminals do, or cuts them off.
    let reflows: Bool
    private var rows: [[Character]] = [[]]
    private var cursor = (row: 0, column: 0)
    private var wraps = true
    /// Lines that the terminal broke because they were too long: there should be none.
    private(set) var broken = 0

    init(columns: Int, rows: Int, reflows: Bool) { (self.columns, height, self.reflows) = (columns, rows, reflows) }

    /// Rows from the top of the screen, without the spaces behind them.
    var shown: [String] {
        rows.map { String($0).replacing("\0", with: "").replacing(/\ +$/, with: "") }
    }

    mutating func resize(columns: Int, rows height: Int) {
        if reflows, columns < self.columns {
            var broken: [[Character]] = []
            for (index, row) in rows.enumerated() {
                if index == cursor.row { cursor.row = broken.count }
                var rest = row[...]
                repeat {
                    broken.append(Array(rest.prefix(columns)))
                    rest = rest.dropFirst(columns)
                } while !rest.isEmpty
            }
            rows = broken
        } else {
            rows = rows.map { Array($0.prefix(columns)) }
        }
        (self.columns, self.height) = (columns, height)
        scroll()
    }

    mutating func feed(_ text: String) {
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\u{1B}": control(&rest)
            case "\r": cursor.column = 0
            case "\n":
                cursor = (cursor.row + 1, 0)
                scroll()
            default: put(Character(scalar), DisplayWidth.of(scalar))
            }
        }
    }

    private mutating func put(_ character: Character, _ width: Int) {
        guard width > 0 else { return }
        if cursor.column + width > columns {
            guard wraps else { return }
            broken += 1
            cursor = (cursor.row + 1, 0)
            scroll()
        }
        while rows[cursor.row].count < cursor.column + width { rows[cursor.row].append(" ") }
        rows[cursor.row][cursor.column] = character
        if width == 2 { rows[cursor.row][cursor.column + 1] = "\0" }
        cursor.column += width
    }

    private mutating func scroll() {
        while rows.count <= cursor.row { rows.append([]) }
        while rows.count > height, cursor.row > 0 {
            rows.removeFirst()
            cursor.row -= 1
        }
    }

    private mutating func control(_ rest: inout String.UnicodeScalarView.SubSequence) {
        guard rest.popFirst() == "[" else { return }
        var argument = ""
        while let scalar = rest.popFirst() {
            guard scalar.properties.isAlphabetic else {
                argument.unicodeScalars.append(scalar)
                continue
            }
            switch (scalar, argument) {
            case ("A", _): cursor.row = max(0, cursor.row - (Int(argument) ?? 1))
            case ("H", ""): cursor = (0, 0)
            case ("J", "2"): rows = rows.map { _ in [] }
            case ("J", ""):
                rows[cursor.row] = Array(rows[cursor.row].prefix(cursor.column))
                rows.removeSubrange((cursor.row + 1)...)
            case ("K", "2"): rows[cursor.row] = []
            case ("h", "?7"): wraps = true
            case ("l", "?7"): wraps = false
            default: break
            }
            return
        }
    }
}
