// SPDX-License-Identifier: Apache-2.0

import Baton
import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import RelayTerminal

@Suite("The live view in a terminal")
struct PseudoTerminalTests {
    /// The two ends of a terminal that nobody sits at.
    private struct PseudoTerminal {
        let master: CInt
        let slave: CInt

        init() throws {
            // What unlockpt and ptsname do; Glibc's module does not have them.
            master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
            var (locked, number): (CInt, CInt) = (0, -1)
            try #require(ioctl(master, 0x4004_5431, &locked) == 0 && ioctl(master, 0x8004_5430, &number) == 0)
            slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
            try #require(slave >= 0)
            _ = fcntl(master, F_SETFL, O_NONBLOCK)
        }

        func resize(columns: Int, rows: Int) {
            var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
            #expect(ioctl(master, UInt(TIOCSWINSZ), &size) == 0)
        }

        /// What has been written since the last time; nil once nobody writes any more.
        func read() -> [UInt8]? {
            var bytes = [UInt8](repeating: 0, count: 65_536)
            let count = Foundation.read(master, &bytes, bytes.count)
            if count > 0 { return Array(bytes.prefix(count)) }
            return count < 0 && errno == EAGAIN ? [] : nil
        }
    }

    @Test("stays one drawing in windows of any width, also while they change", .timeLimit(.minutes(1)))
    func resized() async throws {
        let fixture = ShowFixture()
        let running = try (0..<30).map { step in
            String(decoding: JSON.encode(try fixture.report(at: .rollout, fraction: Double(step) / 30)), as: UTF8.self)
        }
        let ended = String(decoding: JSON.encode(try fixture.dropped("no lane gets ready")), as: UTF8.self)
        let captain = try ScriptedWebServer(["/batons/\(fixture.id)": running + [ended]])
        defer { captain.stop() }

        let terminal = try PseudoTerminal()
        defer { close(terminal.master) }
        var screen = ScreenModel(columns: 110, rows: 24, reflows: true)
        terminal.resize(columns: 110, rows: 24)
        let relay = try await ChildProcess.spawn(
            Command(
                executable: RelayProgram.path,
                arguments: ["status", "\(fixture.id)", "--watch", "--captain", captain.url],
                environment: RelayProgram.environment,
                output: .descriptors(standardOutput: terminal.slave, standardError: terminal.slave)))
        close(terminal.slave)

        var sizes = [(60, 24), (45, 12), (200, 30), (80, 24)]
        var seen = 0
        var pending: [UInt8] = []
        try await eventually(within: .seconds(40), pause: .milliseconds(20), "the end of the view: \(screen.shown)") {
            guard let bytes = terminal.read() else { return () }
            pending += bytes
            // Whole frames only: an escape or a character may be cut in two by the read.
            guard let end = pending.lastIndex(of: UInt8(ascii: "h")) else { return nil }
            let text = String(decoding: pending[...end], as: UTF8.self)
            pending.removeFirst(end + 1)
            screen.feed(text)
            seen += text.matches(of: /\?7h/).count
            #expect(screen.broken == 0)
            if seen >= 4, !sizes.isEmpty {
                let (columns, rows) = sizes.removeFirst()
                terminal.resize(columns: columns, rows: rows)
                screen.resize(columns: columns, rows: rows)
                seen = 0
            }
            return nil
        }
        #expect(await relay.exit().status == .exited(0))
        #expect(sizes.isEmpty)
        let shown = screen.shown
        #expect(shown.filter { $0.contains(fixture.model) }.count == 1, "\(shown)")
        #expect(shown.contains { $0.contains("dropped: no lane gets ready") }, "\(shown)")
        #expect(!shown.contains { $0.contains("▶") }, "\(shown)")
    }
}
