// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import ShownText
import Testing

@testable import DeadLetters
@testable import Doctor
@testable import RaceView
@testable import RelayClients
@testable import RelayCommands
@testable import RelayTerminal

/// What whoever can write to a topic could do to the terminal of somebody else.
@Suite("Forged texts")
struct ForgedTextTests {
    static let evil = "x\u{1B}]0;pwned\u{7}\u{1B}[2J\u{9B}2J\nrelay: all is well\r\u{202E}\u{2066}\u{2028}"
    static let shown = #"x\u001b]0;pwned\u0007\u001b[2J\u009b2J\nrelay: all is well\r\u202e\u2066\u2028"#
    let id = BatonID(source: "s", id: "1")
    let begin = Timestamp(milliseconds: 1_000_000)

    private func check(_ lines: [String], times: Int, sourceLocation: SourceLocation = #_sourceLocation) {
        for line in lines {
            let isHarmless = !line.unicodeScalars.contains { HiddenCharacters.contains($0) }
            #expect(isHarmless, "\(line)", sourceLocation: sourceLocation)
        }
        let found = lines.joined(separator: "\n").ranges(of: Self.shown).count
        #expect(found == times, "\(lines)", sourceLocation: sourceLocation)
    }

    /// A race that runs on forged events: an order that is refused by a worker of that name for that reason.
    private func report() throws -> BatonReport {
        let request = ReleaseRequest(
            project: .init(directory: "/p"), model: Self.evil, requester: Self.evil, reason: Self.evil)
        var state: BatonState?
        var journal: [JournalEntry] = []
        func take(_ event: RaceEvent) {
            let (next, commands) = Race().apply(event, to: state, of: id, now: begin)
            state = next
            journal += commands.compactMap { if case .journal(let entry) = $0 { entry } else { nil } }
        }
        take(.requested(request, source: "s", id: "1"))
        take(
            .handedOff(
                Handoff(
                    baton: id, duty: .admission, attempt: 1, lane: .primary, worker: Self.evil, outcome: .refused,
                    reason: Self.evil, results: Results(), startedAt: begin, finishedAt: begin)))
        let progress = Progress(
            baton: id, duty: .admission, attempt: 1, lane: .primary, worker: Self.evil, fraction: 0.5,
            note: Self.evil, at: begin)
        // As it comes from a captain.
        return try JSON.decode(
            BatonReport.self,
            from: JSON.encode(
                BatonReport(state: #require(state), progress: progress, cost: nil, journal: journal, asOf: begin)))
    }

    @Test("reach relay status as shown text: the drawing, and a line for each decision")
    func status() throws {
        let report = try report().shown
        let drawing = RaceDrawing(hasColour: false).lines(report, now: begin, traffic: nil)
        // The model, and why it ended.
        check(drawing, times: 2)
        let story = report.journal.map { RaceShow.sentence($0, report.state) }
        #expect(story.count == 4)
        // Asked for by whom and why; handed over by whom and why; and why it ended.
        check(story, times: 5)
        check(Summary(report, traffic: nil, screen: "http://h").lines, times: 2)
    }

    @Test("do not fill the screen")
    func long() throws {
        var report = try report()
        report.state.ending = Ending(.refused, reason: String(repeating: "x", count: 100_000))
        let lines = RaceDrawing(hasColour: false).lines(report.shown, now: begin, traffic: nil)
        #expect(lines.allSatisfy { $0.count < 1_100 })
    }

    @Test("leave what other programs read as it is")
    func machines() throws {
        let report = try report()
        #expect(report.state.request.model == Self.evil)
        #expect(try JSON.decode(BatonReport.self, from: JSON.encode(report)) == report)
        // A line of JSON is the same JSON, without a character that a terminal would obey.
        let line = Terminal.harmless(String(decoding: JSON.encode(report), as: UTF8.self))
        #expect(!line.unicodeScalars.contains { HiddenCharacters.contains($0) })
        #expect(try JSON.decode(BatonReport.self, from: Array(line.utf8)) == report)
    }

    @Test("in a line that nobody thought of move nothing; colours of the suite stay")
    func lastDefence() {
        let painted = Ink.red.paint("BROKEN", true) + "  \u{1B}[2J\u{1B}]0;t\u{7}\u{202E}"
        #expect(Terminal.harmless(painted) == "\u{1B}[31mBROKEN\u{1B}[0m  " + #"\u001b[2J\u001b]0;t\u0007\u202e"#)
        #expect(Terminal.harmless("one\ntwo") == "one\ntwo")
    }

    @Test("reach the tables of dead letters, of the doctor and of the judge as shown text")
    func tables() {
        func header(_ header: DeadLetterHeader, _ text: String) -> KafkaHeader {
            KafkaHeader(name: header.rawValue, text: text)
        }
        let record = ConsumerRecord(
            topic: "relay.dead-letters", partition: 0, offset: 7, key: nil, value: [1],
            headers: [
                header(.reason, Self.evil), header(.reader, Self.evil), header(.topic, Self.evil),
                header(.partition, "1"), header(.offset, "2"),
            ], timestampMilliseconds: 0)
        var box = LetterBox(limit: 5) { _ in true }
        box.take(record)
        check(LetterTable(box).text.split(separator: "\n").map(String.init), times: 3)
        let check = Check.problem(.deadLetters, Self.evil, Self.evil, do: Self.evil)
        let diagnosis = Diagnosis(version: "1", checks: [check], couldLook: true)
        self.check(diagnosis.lines(hasColour: false), times: 3)
    }

    @Test("reach a failure's words as shown text")
    func failure() {
        check([RelayFailure(Self.evil, remedy: "wait").description], times: 1)
    }
}
