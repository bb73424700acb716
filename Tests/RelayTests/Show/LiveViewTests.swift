// SPDX-License-Identifier: Apache-2.0

import Baton
import TestSupport
import Testing

@testable import RaceView
@testable import RelayClients
@testable import RelayTerminal

@Suite("The live view")
struct LiveViewTests {
    static let widths = 20...300
    let fixture = ShowFixture()
    let traffic = TrafficCount(sent: 120, failed: 3, demandPerMinute: 612, lanes: ["a": 60, "b": 60])

    private func lines(_ report: BatonReport, _ columns: Int, _ rows: Int = 50, notice: String? = nil) -> [StyledLine] {
        RaceDrawing(hasColour: true).lines(
            report, now: fixture.begin + .milliseconds(61_234), traffic: traffic, notice: notice,
            on: TerminalSize(columns: columns, rows: rows))
    }

    private func text(_ lines: [StyledLine]) -> String {
        lines.map { $0.rendered(hasColour: false) }.joined(separator: "\n")
    }

    /// Without the breaks between lines: what is broken over two is still there.
    private func joined(_ lines: [StyledLine]) -> String {
        lines.map { $0.rendered(hasColour: false).drop(while: \.isWhitespace) }.joined()
    }

    @Test("no line is wider than the terminal, in any width, at any duty", arguments: Duty.allCases)
    func fits(duty: Duty) throws {
        for (lane, attempt) in [(RaceLane.primary, 1), (.fallback, 12)] {
            let report = try fixture.report(at: duty, lane: lane, attempt: attempt)
            for columns in 1...300 {
                let widest = lines(report, columns, notice: "the captain does not answer").map(\.width).max() ?? 0
                #expect(widest <= columns, "\(duty) at \(columns)")
            }
        }
    }

    @Test("what a person looks for is there in every width", arguments: Duty.allCases)
    func facts(duty: Duty) throws {
        let report = try fixture.report(at: duty, lane: .fallback, attempt: 2)
        for columns in Self.widths {
            let drawn = lines(report, columns)
            let whole = joined(drawn)
            for fact in [
                fixture.model, fixture.id.description, "0.0012", "01:01.2", "fallback", "attempt 2", "120 sent",
                "3 failed",
            ] + Duty.allCases.map(\.rawValue) {
                #expect(whole.replacing(" ", with: "").contains(fact.replacing(" ", with: "")), "\(fact) at \(columns)")
            }
            #expect(whole.contains("▶"), "\(columns)")
            #expect(whole.contains("█") || whole.contains("45 %"), "\(columns)")
        }
    }

    @Test("the reason of an end is there as a whole in every width")
    func reason() throws {
        let reason = "build: the stage train failed with exit code 3: Traceback (most recent call last): no such file"
        let report = try fixture.dropped(reason)
        for columns in Self.widths {
            let words = joined(lines(report, columns, .max)).replacing(" ", with: "")
            #expect(words.contains("dropped:" + reason.replacing(" ", with: "")), "\(columns)")
        }
    }

    @Test("wide and combining characters are counted as they are shown")
    func wide() throws {
        var fixture = fixture
        fixture.model = "模型-e\u{301}tude-🚀"
        fixture.note = "读取数据 ".padding(60)
        let report = try fixture.report(at: .build)
        for columns in Self.widths {
            var screen = ScreenModel(columns: columns, rows: 60, reflows: false)
            screen.feed(lines(report, columns).map { $0.rendered(hasColour: true) + "\n" }.joined())
            #expect(screen.broken == 0, "\(columns)")
        }
        #expect(DisplayWidth.of("模型") == 4)
        #expect(DisplayWidth.of("e\u{301}") == 1)
        #expect("模型模型".cut(to: 4) == "模…")
    }

    @Test("a low terminal keeps the head, the duty that is out, and the end of what is known")
    func low() throws {
        let report = try fixture.report(at: .rollout)
        for rows in 7...20 {
            let drawn = lines(report, 80, rows)
            #expect(drawn.count < rows)
            #expect(text(drawn).contains(fixture.id.description))
            #expect(text(drawn).contains("▶ rollout"))
            #expect(text(drawn).contains("traffic: "))
        }
    }

    @Test("frames take each other's place, also while the window changes", arguments: [true, false])
    func frames(reflows: Bool) throws {
        var random = SeededGenerator(seed: 14)
        for _ in 0..<40 {
            var size = TerminalSize(columns: 110, rows: 24)
            var screen = ScreenModel(columns: size.columns, rows: size.rows, reflows: reflows)
            var live = LiveScreen()
            screen.feed("ready   broker\nready   captain\n")
            for step in 0..<30 {
                if step % 3 == 2 {
                    size = TerminalSize(
                        columns: Int.random(in: 20...300, using: &random), rows: Int.random(in: 4...40, using: &random))
                    screen.resize(columns: size.columns, rows: size.rows)
                }
                let report = try fixture.report(
                    at: Duty.allCases[step % Duty.allCases.count], fraction: Double(step) / 30)
                let drawn = lines(report, size.columns, size.rows)
                screen.feed(live.frame(drawn, hasColour: true, on: size))
                #expect(screen.broken == 0)
                let expected = drawn.map { $0.rendered(hasColour: false).replacing(/\ +$/, with: "") }
                #expect(screen.shown.suffix(expected.count + 1).dropLast() == expected[...], "\(size)")
                let heads = screen.shown.filter { $0.contains(fixture.model) }.count
                #expect(heads == 1, "the head is there \(heads) times at \(size)")
            }
        }
    }

    @Test("a frame leaves the terminal as it found it: wrapping, and with no colour left on")
    func leaves() throws {
        var live = LiveScreen()
        let drawn = lines(try fixture.report(at: .watch), 80)
        let frame = live.frame(drawn, hasColour: true, on: TerminalSize(columns: 80, rows: 24))
        #expect(frame.hasSuffix("\u{1B}[?7h"))
        #expect(frame.matches(of: /\u{1B}\[0m/).count == frame.matches(of: /\u{1B}\[[1-9][0-9]?m/).count)
        #expect(!live.frame(drawn, hasColour: false, on: TerminalSize(columns: 80, rows: 24)).contains("\u{1B}[0m"))
    }
}

extension String {
    /// The text again and again, up to a length.
    fileprivate func padding(_ length: Int) -> String { String(String(repeating: self, count: length).prefix(length)) }
}
