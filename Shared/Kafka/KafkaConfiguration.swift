// SPDX-License-Identifier: Apache-2.0

/// Where the brokers are and how to connect to them.
public struct KafkaConfiguration: Sendable {
    /// Brokers to learn the cluster from, each `host:port`.
    public var bootstrapServers: [String]
    /// Name under which brokers log and meter this client.
    public var clientID: String
    /// Group that readers without a group name where librdkafka wants one; see `PartitionReader`.
    public var readerGroup: String
    /// For how long a broker may keep an answer back from a reader that gathers records. One that gathers by itself,
    /// and answers soon once there is something, may be given longer: who has nothing to read then asks less often.
    public var gatheringWait = Duration.milliseconds(100)
    /// Raw librdkafka properties (TLS, SASL, tuning), applied last, so they win over what this library sets.
    ///
    /// The values are secret: they are never logged, and no description or error shows them.
    /// Property names and meanings: https://github.com/confluentinc/librdkafka/blob/v2.0.2/CONFIGURATION.md
    public var properties: [String: String]

    /// Describes a cluster.
    /// - Parameter readerGroup: `<client>.reader` unless given.
    public init(
        bootstrapServers: [String], clientID: String, readerGroup: String? = nil, properties: [String: String] = [:]
    ) {
        self.bootstrapServers = bootstrapServers
        self.clientID = clientID
        self.readerGroup = readerGroup ?? clientID + ".reader"
        self.properties = properties
    }
}

extension KafkaConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Servers, client and the names (not the values) of the properties.
    public var description: String {
        let names = properties.keys.sorted().map { "\($0)=<redacted>" }.joined(separator: ", ")
        return "KafkaConfiguration(\(bootstrapServers.joined(separator: ",")), client \(clientID), [\(names)])"
    }

    /// The same as `description`: a debugger's print must not show secrets either.
    public var debugDescription: String { description }

    /// A mirror without the values of the properties, for `dump` and the like.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "bootstrapServers": bootstrapServers, "clientID": clientID, "propertyNames": properties.keys.sorted(),
            ])
    }
}
