// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import Foundation
import Kafka
import Logging
import Operations
import RelayClients
import RelaySupervisor

/// Which Kafka a command talks to. Every command that talks to Kafka takes these options, and reads what the services
/// read: `RELAY_KAFKA_BOOTSTRAP_SERVERS`, `RELAY_KAFKA_PROPERTIES_FILE`, `RELAY_TOPIC_PREFIX`,
/// `RELAY_CONFIGURATION_FILE`.
struct KafkaOptions: ParsableArguments {
    @Option(help: "Kafka's address, as RELAY_KAFKA_BOOTSTRAP_SERVERS; the one of the data directory's relay otherwise.")
    var bootstrapServers: String?

    @Option(help: "File of librdkafka properties (TLS, SASL), as RELAY_KAFKA_PROPERTIES_FILE.")
    var kafkaPropertiesFile: String?

    /// How Kafka is reached: what the options say, else the environment, else the relay that runs on a data directory.
    /// - Parameters:
    ///   - client: Names the command in the brokers' logs.
    ///   - layout: Where a relay of this machine would run.
    /// - Throws: `ConfigurationError` naming each wrong key; `RelayFailure` when there is no Kafka to talk to.
    func access(
        _ client: String, _ layout: SuiteLayout,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> KafkaAccess {
        let running = ProcessAddress.read(layout.addressFile(of: SuitePlan.brokerName))
        guard let access = try configured(client, running: running, environment) else {
            throw RelayFailure(
                "no relay runs on \(layout.dataDirectory)",
                remedy: "start one with `relay up`, or name Kafka's address with --bootstrap-servers")
        }
        return access
    }

    /// Whether options or environment name a Kafka, rather than a running relay.
    func namesKafka(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> Bool {
        try configured("relay", running: nil, environment) != nil
    }

    private func configured(
        _ client: String, running: ProcessAddress?, _ environment: [String: String]
    ) throws -> KafkaAccess? {
        var arguments = [client]
        if let bootstrapServers { arguments += ["--kafka-bootstrap-servers=\(bootstrapServers)"] }
        if let kafkaPropertiesFile { arguments += ["--kafka-properties-file=\(kafkaPropertiesFile)"] }
        let configuration = try ProcessConfiguration.load(
            service: "relay", arguments: arguments, environment: environment)
        var servers = configuration.kafkaBootstrapServers
        // The default of the services is no answer here: without a name, it is the relay of this machine.
        if !configuration.namesKafka {
            guard let running else { return nil }
            servers = ["\(running.host):\(running.port)"]
        }
        let topics = Topics(prefix: configuration.topicPrefix)
        return KafkaAccess(
            kafka: KafkaConfiguration(
                bootstrapServers: servers, clientID: client, readerGroup: topics.readerGroup("relay"),
                properties: configuration.kafkaProperties),
            topics: topics)
    }
}
