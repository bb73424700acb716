// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import RelayClients

/// What goes wrong on a machine, and that a person is told in words what it was and what to do.
@Suite("What a command says when it cannot", .serialized)
struct FailureWordsTests {
    /// What only a programmer understands.
    static let jargon = [
        "NSCocoa", "NSPOSIX", "Error Domain", "errno", "bind(", "connect(", "NIO", "DecodingError", "CocoaError",
        "Swift.", "Optional(", "UserInfo",
    ]

    struct Situation: Sendable, CustomTestStringConvertible {
        let arguments: [String]
        var environment: [String: String] = [:]
        let says: [String]
        var testDescription: String { arguments.joined(separator: " ") }
    }

    static let situations: [Situation] = [
        .init(
            arguments: ["up", "--data-directory", "/proc/nope"],
            says: ["the directory /proc/nope cannot be made: no such file", "--data-directory"]),
        .init(
            arguments: ["status", "--captain", "http://127.0.0.1:1"],
            says: ["the captain at http://127.0.0.1:1 cannot be reached", "connection refused", "`relay up`"]),
        .init(
            arguments: ["status", "0123456789ABCDEFGHJKMNPQRS", "--captain", "http://127.0.0.1:1"],
            says: ["cannot be reached", "connection refused", "--captain"]),
        .init(
            arguments: ["status", "--captain", "http://nowhere.invalid"],
            says: ["the name nowhere.invalid is not known"]),
        .init(
            arguments: ["health", "--url", "http://127.0.0.1:1"],
            says: ["not ready", "connection refused", "What to do: "]),
        .init(
            arguments: ["access", "apply", "--file", "/nope", "--bootstrap-servers", "127.0.0.1:1"],
            says: ["/nope cannot be read: no such file"]),
        .init(
            arguments: ["run", "/nope", "--captain", "http://127.0.0.1:1"], says: ["there is no /nope/relay.yaml"]),
        .init(arguments: ["status", "no-id", "--captain", "http://127.0.0.1:1"], says: ["is not a baton's id"]),
    ]

    @Test("is what happened, and what to do", arguments: situations)
    func situation(_ situation: Situation) async throws {
        let (status, output) = try await RelayProgram.run(situation.arguments, environment: situation.environment)
        #expect(status == .exited(1))
        expectWords(output, situation.says)
    }

    @Test("names the address that another process has")
    func takenPort() async throws {
        let other = try ScriptedWebServer([:])
        defer { other.stop() }
        let directory = RelayProgram.directory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (status, output) = try await RelayProgram.run(
            ["broker", "--data-directory", directory, "--listen", "127.0.0.1:\(other.port)"])
        #expect(status == .exited(1))
        expectWords(output, ["127.0.0.1:\(other.port) cannot be listened on: another process listens there"])
    }

    @Test("shows the line of the log that explains it", .timeLimit(.minutes(1)))
    func wrongSetting() async throws {
        let directory = RelayProgram.directory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (status, output) = try await RelayProgram.run(
            ["up", "--data-directory", directory], environment: ["RELAY_DEPLOY_ATTEMPT_TIMEOUT": "nonsense"])
        #expect(status == .exited(1))
        let setting = "RELAY_DEPLOY_ATTEMPT_TIMEOUT"
        expectWords(output, ["its configuration is wrong", "It said: deploy", setting, "\(directory)/logs/"])
    }

    @Test("says what it waits for while Kafka is away", .timeLimit(.minutes(1)))
    func kafkaAway() async throws {
        let directory = RelayProgram.directory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = RelayProgram.directory()
        defer { unlink(path) }
        let up = try await ChildProcess.spawn(
            Command(
                executable: RelayProgram.path, arguments: ["up", "--data-directory", directory],
                environment: RelayProgram.environment.merging(["RELAY_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"]) { $1 },
                output: .appending(toFile: path)))
        let said = try? await eventually(within: .seconds(20), "it is said twice") { () -> String? in
            let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            return text.matches(of: /waiting captain: .*127\.0\.0\.1:1/).count >= 2 ? text : nil
        }
        await up.terminate(grace: .seconds(15))
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(said != nil, "\(text)")
    }

    private func expectWords(_ output: String, _ says: [String]) {
        for words in says { #expect(output.contains(words), "\(words) is not in \(output)") }
        for words in Self.jargon { #expect(!output.contains(words), "\(words) is in \(output)") }
    }
}
