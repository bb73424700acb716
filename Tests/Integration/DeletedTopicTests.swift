// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Kafka
import Logging
import TestSupport
import Testing

@Suite("A process whose topic is deleted")
struct DeletedTopicTests {
    private let topic = "relay.legs.pipeline"
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test(
        "ends well and in time when it is asked to, though its client of that topic may never end",
        .timeLimit(.minutes(2)))
    func ends() async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/deleted-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try await LoneBroker.with(directory: directory) { kafka in
            let log = "\(directory)/pipeline.log"
            let leg = try await ChildProcess.spawn(
                Command(
                    executable: TestRelay.binaries + "/relay-pipeline",
                    environment: TestRelay.environment.merging([
                        "RELAY_KAFKA_BOOTSTRAP_SERVERS": kafka, "RELAY_HTTP_PORT": "0",
                        "RELAY_DATA_DIRECTORY": directory, "RELAY_STORE_DIRECTORY": "\(directory)/store",
                        "RELAY_LOG_FORMAT": "json",
                    ]) { $1 },
                    output: .appending(toFile: log)))
            let reading = await Result { try await readAndLose(kafka, log) }
            let report = await leg.terminate(grace: .seconds(12))
            try reading.get()
            let said = try String(contentsOfFile: log, encoding: .utf8)
            #expect(report.status == .exited(0), "\(said.suffix(2000))")
            // It has left: what took its time was only the client's end.
            #expect(!said.contains("the group was not left in time"), "\(said.suffix(2000))")
        }
    }

    /// Waits until the process has read from the topic, and deletes it.
    private func readAndLose(_ kafka: String, _ log: String) async throws {
        func says(_ text: String) async throws {
            _ = try await eventually(within: .seconds(40), "\(text) in \(log)") {
                try String(contentsOfFile: log, encoding: .utf8).contains(text) ? true : nil
            }
        }
        let configuration = KafkaConfiguration(bootstrapServers: [kafka], clientID: "test")
        try await says("partitions assigned")
        let producer = try KafkaProducer(configuration, logger: logger)
        _ = try await producer.send(ProducerRecord(topic: topic, partition: 0, key: nil, value: Array("no event".utf8)))
        await producer.close(timeout: .seconds(5))
        try await says("a record cannot be read")
        // Told before its transaction ends; a topic that goes meanwhile takes the producer's epoch with it.
        _ = try await eventually(within: .seconds(20), "the dead letter") {
            try await KafkaOutside(bootstrapServers: kafka).lines(of: "relay.dead-letters", format: "%o\\n").first
        }
        let admin = try KafkaAdmin(configuration, logger: logger)
        try await admin.deleteTopics([topic])
        await admin.close()
        try await says("partitions revoked")
    }
}

extension Result where Failure == any Error {
    /// What asynchronous work returned or threw.
    fileprivate init(_ work: () async throws -> Success) async {
        do { self = .success(try await work()) } catch { self = .failure(error) }
    }
}
