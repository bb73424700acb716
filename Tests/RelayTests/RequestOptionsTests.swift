// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import Testing

@testable import RelayClients
@testable import RelayCommands

@Suite("What relay publish and relay run ask for")
struct RequestOptionsTests {
    private func request(_ arguments: [String]) throws -> ReleaseRequest {
        let options = try RequestOptions.parse(
            ["--project", "/p", "--model", "iris", "--requester", "ann"] + arguments)
        return try ReleaseRequest.read(options.event(source: "relay-cli", id: "1"))
    }

    @Test(
        "--set carries a number in the text in which it was written, and what is not JSON as a text",
        arguments: [
            ("9007199254740993", "9007199254740993"), ("1.0", "1.0"), ("1e-5", "1e-5"), ("true", "true"),
            ("[1, 2.50]", "[1,2.50]"), ("1.2.3", #""1.2.3""#), ("007", #""007""#), ("2024-01-02", #""2024-01-02""#),
            ("word", #""word""#), ("", #""""#), ("\"9\"", #""9""#), ("a=b", #""a=b""#),
        ])
    func carried(text: String, json: String) throws {
        let value = try #require(request(["--set", "x.y=\(text)"]).parameters?["x.y"])
        #expect(String(decoding: value.encoded(), as: UTF8.self) == json)
    }

    @Test(
        "--set refuses what was meant as JSON and cannot be carried",
        arguments: ["1e400", "[1,", "{\"a\":1,\"a\":2}", "\"a"])
    func refused(text: String) {
        let failure = #expect(throws: RelayFailure.self) { try request(["--set", "x=\(text)"]) }
        #expect(failure?.description.contains("--set x") == true)
    }

    @Test("--set refuses a parameter that is given twice")
    func twice() {
        #expect(throws: RelayFailure.self) { try request(["--set", "x=1", "--set", "x=2"]) }
    }

    @Test("what the captain would not take is refused before it is sent, with all that is wrong")
    func checked() throws {
        let options = try RequestOptions.parse(["--project", "/p", "--model", "i\u{202E}s", "--reason", "\u{1B}[2J"])
        let failure = #expect(throws: RelayFailure.self) { try options.event(source: "my laptop", id: "1") }
        #expect(failure?.description.contains("/source: ") == true)
        let odd = #expect(throws: RelayFailure.self) { try options.event(source: "laptop", id: "1") }
        #expect(odd?.description.contains("/data/model: ") == true)
        #expect(odd?.description.contains("/data/reason: ") == true)
    }
}
