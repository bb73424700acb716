// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Operations
import Testing

@testable import DeployService
@testable import RolloutRules

@Suite("Settings and records of the deploy service")
struct SettingsTests {
    func settings(_ environment: [String: String]) throws -> DeploySettings {
        try DeploySettings(
            ProcessConfiguration.load(service: "deploy", arguments: ["relay-deploy"], environment: environment))
    }

    @Test("without settings the lane program is looked for beside this one, and any port is taken")
    func defaults() throws {
        let settings = try settings(["RELAY_INSTANCE": "deploy-1", "RELAY_DATA_DIRECTORY": "/data"])
        #expect(settings.laneExecutable.hasSuffix("/relay-lane"))
        #expect(settings.routerPort == 0 && settings.routerHost == "127.0.0.1" && settings.endpoint == nil)
        #expect(settings.directory == "/data/deploy/deploy-1")
    }

    @Test(
        "a wrong setting is named",
        arguments: [
            ("RELAY_DEPLOY_ROUTER_PORT", "70000"), ("RELAY_DEPLOY_REQUEST_TIMEOUT", "10"),
            ("RELAY_DEPLOY_USAGE_INTERVAL", "1ms"),
        ])
    func wrong(key: String, value: String) {
        let error = #expect(throws: ConfigurationError.self) { _ = try settings([key: value]) }
        #expect(error?.problems.map(\.key) == [key])
    }

    @Test("a record of the releases topic is read back as written, and another record is refused")
    func releaseRecord() throws {
        let written = release("one", try Workshop().manifest())
        let event = written.event(id: "1", source: "relay/captain", subject: nil, time: Timestamp(milliseconds: 1))
        func record(_ headers: [KafkaHeader]) -> ConsumerRecord {
            ConsumerRecord(
                topic: "relay.releases", partition: 0, offset: 0, key: Array(written.key.utf8), value: event.data,
                headers: headers, timestampMilliseconds: 0)
        }
        let headers = event.kafkaHeaders.map { KafkaHeader(name: $0.name, value: $0.value) }
        guard case .record(let read) = try ReleaseLogItem(record(headers)) else {
            Issue.record("no record was read")
            return
        }
        #expect(read == written)
        #expect(throws: Refusal.self) { _ = try ReleaseLogItem(record([])) }
    }
}
