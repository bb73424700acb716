// SPDX-License-Identifier: Apache-2.0

import Baton
import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import RelayClients

@Suite("Where a command's output goes", .serialized)
struct ClosedOutputTests {
    /// A file that takes what a command says on one of its streams.
    private struct Kept {
        let path = RelayProgram.directory()
        let descriptor: CInt

        init() { descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }

        func text() throws -> String {
            close(descriptor)
            defer { unlink(path) }
            return try String(contentsOfFile: path, encoding: .utf8)
        }
    }

    /// Runs `relay status` beside a captain that knows of some batons.
    private func status(output: CInt, error: CInt) async throws -> ExitReport.Status {
        let line = BatonLine(try ShowFixture(model: "iris").report(at: .build))
        let list = String(decoding: JSON.encode(BatonList(batons: [line, line, line])), as: UTF8.self)
        let captain = try ScriptedWebServer(["/batons": [list]])
        defer { captain.stop() }
        return try await RelayProgram.run(["status", "--captain", captain.url], descriptors: (output, error)).status
    }

    @Test("a reader that has gone ends it quietly, as SIGPIPE would")
    func closedPipe() async throws {
        var ends: [CInt] = [-1, -1]
        #expect(pipe(&ends) == 0)
        close(ends[0])
        defer { close(ends[1]) }
        let said = Kept()
        #expect(try await status(output: ends[1], error: said.descriptor) == .exited(141))
        #expect(try said.text() == "")
    }

    @Test("a full disk is told, with what to do")
    func fullDisk() async throws {
        let full = open("/dev/full", O_WRONLY)
        defer { close(full) }
        let said = Kept()
        #expect(try await status(output: full, error: said.descriptor) == .exited(1))
        let words = try said.text()
        #expect(words.contains("no space left on device") && words.contains("What to do: "))
        #expect(words.split(separator: "\n").count == 1)
    }

    @Test("a standard error that takes nothing changes nothing")
    func closedError() async throws {
        let full = open("/dev/full", O_WRONLY)
        defer { close(full) }
        let said = Kept()
        #expect(try await status(output: said.descriptor, error: full) == .exited(0))
        #expect(try said.text().contains("iris"))
        #expect(
            try await RelayProgram.run(
                ["status", "no-id", "--captain", "http://127.0.0.1:1"], descriptors: (full, full)
            )
            .status == .exited(1))
    }

    @Test("a closed descriptor is not given to the next file that is opened", arguments: [">&-", "2>&-", ">&- 2>&-"])
    func closed(redirection: String) async throws {
        let directory = RelayProgram.directory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let report = try await ChildProcess.run(
            Command(
                executable: "/bin/sh",
                arguments: [
                    "-c", "exec \"$0\" up --data-directory \"$1\" \(redirection)", RelayProgram.path, directory,
                ],
                environment: RelayProgram.environment.merging(["RELAY_DEPLOY_ROUTER_PORT": "nonsense"]) { $1 }))
        guard case .exited = report.status else { return #expect(Bool(false), "\(report.status)") }
        let lock = try String(contentsOfFile: directory + "/relay.lock", encoding: .utf8)
        #expect(lock == "")
    }

    @Test("colours and movements of the cursor are for terminals alone")
    func plain() async throws {
        let fixture = ShowFixture()
        let ended = String(decoding: JSON.encode(try fixture.dropped("no luck")), as: UTF8.self)
        let captain = try ScriptedWebServer(["/batons/\(fixture.id)": [ended]])
        defer { captain.stop() }
        for arguments in [["status", "\(fixture.id)"], ["status", "\(fixture.id)", "--watch"]] {
            let (status, output) = try await RelayProgram.run(arguments + ["--captain", captain.url])
            #expect(status == .exited(0))
            #expect(!output.contains("\u{1B}"))
        }
    }
}
