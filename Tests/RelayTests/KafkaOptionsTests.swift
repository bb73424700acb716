// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import Foundation
import Kafka
import Operations
import Testing

@testable import RelayClients
@testable import RelayCommands
@testable import RelaySupervisor

@Suite("Kafka settings of the command line")
struct KafkaOptionsTests {
    private let nowhere = SuiteLayout(dataDirectory: "/nonexistent/relay")

    @Test("The environment's servers, properties and prefix are those of the services")
    func environment() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "relay-\(UUID().uuidString).properties")
        try Data("security.protocol=SSL\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let access = try KafkaOptions.parse([]).access(
            "relay-test", nowhere,
            environment: [
                "RELAY_KAFKA_BOOTSTRAP_SERVERS": "a:1,b:2", "RELAY_KAFKA_PROPERTIES_FILE": file.path,
                "RELAY_TOPIC_PREFIX": "team.",
            ])
        #expect(access.kafka.bootstrapServers == ["a:1", "b:2"])
        #expect(access.kafka.clientID == "relay-test")
        #expect(access.kafka.readerGroup == "team.relay.reader")
        #expect(access.kafka.properties == ["security.protocol": "SSL"])
        #expect(access.topics.inbox == "team.inbox")
    }

    @Test("An option wins over the environment")
    func option() throws {
        let access = try KafkaOptions.parse(["--bootstrap-servers", "c:3"]).access(
            "relay-test", nowhere, environment: ["RELAY_KAFKA_BOOTSTRAP_SERVERS": "a:1"])
        #expect(access.kafka.bootstrapServers == ["c:3"])
    }

    @Test("Without a name it is the relay of the data directory")
    func running() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "relay-\(UUID().uuidString)")
        let layout = SuiteLayout(dataDirectory: directory.path)
        try layout.prepare()
        defer { try? FileManager.default.removeItem(at: directory) }
        try Data(#"{"host":"127.0.0.1","port":4711,"pid":1}"#.utf8).write(
            to: URL(filePath: layout.addressFile(of: SuitePlan.brokerName)))
        let access = try KafkaOptions.parse([]).access("relay-test", layout, environment: [:])
        #expect(access.kafka.bootstrapServers == ["127.0.0.1:4711"])
        #expect(try !KafkaOptions.parse([]).namesKafka(environment: [:]))
    }

    @Test("Without a name and without a relay it says what to do")
    func nothing() {
        #expect(throws: RelayFailure.self) {
            try KafkaOptions.parse([]).access("relay-test", nowhere, environment: [:])
        }
    }

    @Test("A properties file that cannot be read is named by its key")
    func unreadable() {
        let error = #expect(throws: ConfigurationError.self) {
            try KafkaOptions.parse(["--bootstrap-servers", "a:1", "--kafka-properties-file", "/nonexistent"])
                .access("relay-test", nowhere, environment: [:])
        }
        #expect(error?.problems.map(\.key) == ["RELAY_KAFKA_PROPERTIES_FILE"])
    }
}
