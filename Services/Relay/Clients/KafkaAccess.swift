// SPDX-License-Identifier: Apache-2.0

package import Baton
package import Kafka
package import Logging

/// A Kafka, and what the relay's topics are called there.
package struct KafkaAccess: Sendable {
    /// How the brokers are reached.
    package let kafka: KafkaConfiguration
    /// The names of the relay's topics.
    package let topics: Topics

    /// Of its parts.
    package init(kafka: KafkaConfiguration, topics: Topics) {
        self.kafka = kafka
        self.topics = topics
    }

    /// For clients of a command: what heals by itself is not worth a line.
    package var logger: Logger {
        var logger = Logger(label: "relay") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .error
        return logger
    }
}
