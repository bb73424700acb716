// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import Testing

@testable import Operations

@Suite("Configuration")
struct ConfigurationTests {
    private func load(
        _ flags: [String] = [], _ environment: [String: String] = [:], own: [SettingDeclaration] = []
    ) throws(ConfigurationError) -> ProcessConfiguration {
        try .load(
            service: "pipeline", settings: [SettingGroup("Own", own)], arguments: ["relay-pipeline"] + flags,
            environment: environment)
    }

    @Test("Nothing set gives the documented defaults")
    func defaults() throws {
        let configuration = try load()
        #expect(configuration.kafkaBootstrapServers == ["127.0.0.1:9092"])
        #expect(configuration.topicPrefix == "relay.")
        #expect(configuration.lane == "primary")
        #expect(configuration.httpHost == "127.0.0.1")
        #expect(configuration.httpPort == 0)
        #expect(configuration.addressFile == nil)
        #expect(configuration.storeDirectory == ".relay/store")
        #expect(configuration.kafkaSessionTimeout == .seconds(6))
        #expect(configuration.logLevel == .info)
        #expect(!configuration.instanceIsExplicit)
        #expect(configuration.instance.hasPrefix("pipeline-"))
        #expect(configuration.instance.hasSuffix("-\(ProcessInfo.processInfo.processIdentifier)"))
    }

    @Test("A flag is stronger than the environment, which is stronger than the file")
    func precedence() throws {
        let path = try temporaryFile("# settings\nRELAY_HTTP_PORT=1\nRELAY_LANE = fallback\nRELAY_LOG_LEVEL=debug\n")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let environment = ["RELAY_CONFIGURATION_FILE": path, "RELAY_HTTP_PORT": "2", "RELAY_LOG_LEVEL": "error"]
        let configuration = try load(["--http-port", "3"], environment)
        #expect(configuration.httpPort == 3)
        #expect(configuration.logLevel == .error)
        #expect(configuration.lane == "fallback")
    }

    @Test("An empty variable counts as not set")
    func emptyVariable() throws {
        #expect(try load([], ["RELAY_INSTANCE": ""]).instanceIsExplicit == false)
    }

    @Test("Every wrong value is named with its key in one error")
    func allProblems() throws {
        let environment = [
            "RELAY_HTTP_PORT": "70000", "RELAY_LANE": "middle", "RELAY_KAFKA_BOOTSTRAP_SERVERS": "nowhere",
            "RELAY_LOG_LEVEL": "loud", "RELAY_INSTANCE": "two words", "RELAY_KAFKA_SESSION_TIMEOUT": "6",
            "RELAY_TOPIC_PREFIX": "a b", "RELAY_KAFKA_PROPERTIES_FILE": "/does/not/exist",
        ]
        let error = try #require(throws: ConfigurationError.self) { _ = try load(["stray"], environment) }
        #expect(Set(error.problems.map(\.key)) == Set(environment.keys).union(["stray"]))
        #expect(error.remedy.contains("RELAY_LANE"))
    }

    @Test("A line that is no property is named by its number and not shown")
    func propertiesProblem() throws {
        let path = try temporaryFile("sasl.username=me\nsecret-without-key\n")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let error = try #require(throws: ConfigurationError.self) {
            _ = try load([], ["RELAY_KAFKA_PROPERTIES_FILE": path])
        }
        #expect(error.reason.contains("line 2"))
        #expect(!error.reason.contains("secret"))
    }

    static let pause = Setting<Duration>.duration("pause", default: .seconds(1), "a pause")
    static let limit = Setting<Int>.int("limit", default: 4, in: 1...64, "a limit")
    static let pace = Setting<Duration>.duration(
        "pace", scope: .suite, default: .zero, atLeast: .milliseconds(10), atMost: .seconds(2), "a pace")
    static let sandbox = Setting<String?>.text("sandbox", "a sandbox")
    static let own = [pause.declaration, limit.declaration, pace.declaration, sandbox.declaration]

    @Test("A service's own key carries the service's name, and one of the suite does not")
    func ownKeys() throws {
        let environment = ["RELAY_PIPELINE_PAUSE": "250ms", "RELAY_PIPELINE_LIMIT": "7", "RELAY_PACE": "1.5s"]
        let configuration = try load(["--pipeline-sandbox=none"], environment, own: Self.own)
        #expect(try configuration.value(Self.pause) == .milliseconds(250))
        #expect(try configuration.value(Self.limit) == 7)
        #expect(try configuration.value(Self.sandbox) == "none")
        #expect(try configuration.value(Self.pace) == .milliseconds(1500))
    }

    @Test("A setting that nobody set has its default, and says that it is not set")
    func ownDefaults() throws {
        let configuration = try load(own: Self.own)
        #expect(try configuration.value(Self.limit) == 4)
        #expect(try configuration.value(Self.sandbox) == nil)
        #expect(!configuration.isSet(Self.limit))
    }

    @Test("A service's own wrong values are refused at load, each with its key and what would be right")
    func ownProblems() throws {
        let wrong = ["RELAY_PIPELINE_LIMIT": "0", "RELAY_PACE": "3s", "RELAY_HTTP_PORT": "x"]
        let error = try #require(throws: ConfigurationError.self) { try load([], wrong, own: Self.own) }
        #expect(Set(error.problems.map(\.key)) == Set(wrong.keys))
        #expect(error.reason.contains("RELAY_PIPELINE_LIMIT: \"0\" is not a whole number from 1 to 64"))
        #expect(error.reason.contains("at least 10ms, at most 2s"))
    }

    @Test("A flag that is no setting is refused")
    func unknownFlag() throws {
        let error = try #require(throws: ConfigurationError.self) {
            try load(["--htp-port", "1", "--http-host", "::1", "--pipeline-limit", "3"], own: Self.own)
        }
        #expect(error.problems.map(\.key) == ["--htp-port"])
    }

    @Test("The reference names each key in the form that its reader writes it in")
    func reference() {
        let reference = SettingReference(service: "pipeline", groups: [SettingGroup("Own", Self.own)])
        #expect(reference.plain.contains("--pipeline-limit (4)\n      a limit; a whole number from 1 to 64\n"))
        #expect(reference.markdown.hasPrefix("## Own\n\n| key | default | meaning | accepted |\n|---|---|---|---|\n"))
        #expect(reference.markdown.contains("| `RELAY_PIPELINE_PAUSE` | `1s` | a pause | a number with a unit"))
    }

    @Test(
        "A duration is written as it is read",
        arguments: ["0s", "90s", "2m", "1h", "250ms", "100s", "1.5ms", "1s", "7h"])
    func writtenDurations(_ text: String) throws {
        #expect(DurationText.write(try #require(DurationText.parse(text))) == text)
    }

    @Test("Durations need a unit", arguments: ["1", "s", "-1s", "1d", "", "nans", "infs", "1e300h"])
    func badDurations(_ text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(
        "Durations are read in each unit",
        arguments: [
            ("250ms", Duration.milliseconds(250)), ("1.5s", .milliseconds(1500)), ("10m", .seconds(600)),
            ("7h", .seconds(25200)), ("0s", .zero),
        ])
    func durations(_ text: String, _ duration: Duration) {
        #expect(DurationText.parse(text) == duration)
    }
}

func temporaryFile(_ text: String) throws -> String {
    let path = FileManager.default.temporaryDirectory.appending(path: "relay-\(UUID().uuidString)").path
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
}
