// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import Foundation
import Operations
import Testing

@testable import RelayClients
@testable import RelayCommands

@Suite("Asking a service for its health")
struct HealthTests {
    private func address(_ environment: [String: String]) throws -> String {
        try HealthCommand.address(.ofCommand(environment))
    }

    @Test("200 is healthy, whatever the body")
    func ready() {
        #expect(HealthAnswer.problems(status: 200, body: []) == [])
    }

    @Test("the parts that are not ready are named with their reasons, and no others")
    func unready() {
        let body = """
            {"ready":false,"parts":[{"part":"http","ready":true,"reason":"listening"},
            {"part":"race","ready":false,"reason":"joining"}]}
            """
        #expect(HealthAnswer.problems(status: 503, body: Array(body.utf8)) == ["race: joining"])
    }

    @Test("an answer of another kind is told by its status")
    func other() {
        #expect(HealthAnswer.problems(status: 502, body: Array("<html>".utf8)) == ["HTTP 502"])
    }

    @Test("the service is found by the settings that it was given")
    func found() throws {
        #expect(try address([:]) == "http://127.0.0.1:8080")
        #expect(try address(["RELAY_HTTP_PORT": "9000"]) == "http://127.0.0.1:9000")
        #expect(try address(["RELAY_HTTP_HOST": "0.0.0.0", "RELAY_HTTP_PORT": "81"]) == "http://127.0.0.1:81")
        #expect(try address(["RELAY_HTTP_HOST": "10.0.0.7", "RELAY_HTTP_PORT": "81"]) == "http://10.0.0.7:81")
    }

    @Test("an address file says where it is, and its absence that it has not started")
    func addressFile() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "relay-\(UUID().uuidString).json").path
        #expect(throws: RelayFailure.self) { try address(["RELAY_ADDRESS_FILE": path]) }
        try BoundAddress(host: "0.0.0.0", port: 4711).write(to: path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(try address(["RELAY_ADDRESS_FILE": path]) == "http://127.0.0.1:4711")
    }
}

@Suite("A relay elsewhere")
struct TrackTests {
    @Test("a captain is the one named by the option, else by the environment")
    func captain() throws {
        let environment = ["RELAY_CAPTAIN_URL": "http://captain:8080/"]
        #expect(try CaptainOptions.parse([]).named(environment) == "http://captain:8080")
        #expect(try CaptainOptions.parse(["--captain", "http://other:1"]).named(environment) == "http://other:1")
        #expect(try CaptainOptions.parse([]).named([:]) == nil)
    }

    @Test("a store that cannot be read is left alone, and not made")
    func store() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "relay-\(UUID().uuidString)").path
        let track = Track(
            elsewhere: "http://captain:8080", try .ofCommand(["RELAY_STORE_DIRECTORY": directory]))
        #expect(track.store == nil)
        #expect(!track.isOurs)
        #expect(!FileManager.default.fileExists(atPath: directory))
        try FileManager.default.createDirectory(
            atPath: directory + "/objects/sha256", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        #expect(track.store == directory)
    }

    @Test("time limits are read and shown with their unit")
    func limits() {
        #expect(TimeLimit(argument: "60s") == TimeLimit(.seconds(60)))
        #expect(TimeLimit(argument: "60") == nil)
        #expect(TimeLimit(.milliseconds(1500)).description == "1500ms")
        #expect(TimeLimit(.seconds(60)).description == "60s")
    }
}
