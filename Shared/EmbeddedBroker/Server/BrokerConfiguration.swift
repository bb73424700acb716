// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How an embedded broker runs.
public struct BrokerConfiguration: Sendable {
    /// When what clients are told to be safe is on the device.
    public enum Fsync: String, Sendable, CaseIterable {
        /// Acknowledgements wait for a sync that many writes share: they survive a loss of power.
        case groupCommit = "group-commit"
        /// Acknowledgements wait for the write only: they survive the end of the process, not of the machine.
        case never
    }

    /// Directory of the log; created when missing. One broker at a time may use it.
    public var dataDirectory: String
    /// Where to listen; at least one. Clients of each are told an address of its own, so that they may come through
    /// different networks or proxies.
    public var listeners: [Listener]
    /// Partitions of a topic that is created without saying how many.
    public var defaultPartitions: Int32 = 4
    /// The largest replication factor that a new topic may ask for. There is one replica all the same: this lets tools
    /// that are written for a larger cluster create their topics. Kafka with one broker takes 1 only.
    public var acceptedReplicationFactor: Int16 = 1
    /// Whether asking for a topic that does not exist creates it, if the client allows that.
    public var autoCreateTopics = true
    /// When acknowledgements are given.
    public var fsync = Fsync.groupCommit
    /// How long an empty group waits for more members before its first generation.
    public var groupInitialRebalanceDelay: Duration = .zero
    /// Bounds of a member's session timeout.
    public var groupSessionTimeouts: ClosedRange<Duration> = .milliseconds(100) ... .seconds(1800)
    /// The longest timeout that a transactional producer may ask for.
    public var transactionMaxTimeout: Duration = .seconds(900)
    /// What clients may take of the broker.
    public var limits = ConnectionLimits()
    /// What groups and their members may take of the broker.
    public var groupLimits = GroupLimits()
    /// The largest answer to a fetch in bytes.
    public var maximumFetchBytes = 55 << 20
    /// How long a fetch that wants more than there is waits at most once there is something; as long as its client is
    /// ready to if nil, as in Kafka. With it a client may wait long for the first record and still get it soon, and
    /// whatever came with it in one answer.
    public var fetchGathering: Duration?
    /// Longest metadata string that a group may commit with an offset, in bytes.
    public var offsetMetadataMaxBytes = 4096

    /// For tests of clients: how long after the answer to the end of a transaction of this id its markers are written.
    /// Kafka writes them so, in whichever order its coordinators come to it; on one machine nothing is gained by it.
    public var markerDelay: @Sendable (_ transactionalID: String) -> Duration = { _ in .zero }
    /// How long a partition remembers the sequence of a producer that does not write.
    public var producerIDExpiration: Duration = .seconds(86_400)
    /// How long a transactional id is remembered without a transaction of its.
    public var transactionalIDExpiration: Duration = .seconds(7 * 86_400)
    /// How long the offsets of a group without members are kept.
    public var offsetsRetention: Duration = .seconds(7 * 86_400)
    /// Between two passes of the cleaner: checkpoints, compaction, expiry.
    public var cleaningInterval: Duration = .seconds(15)
    /// Between two looks for segments that are past their topic's retention, in passes of the cleaner.
    public var retentionInterval: Duration = .seconds(300)
    /// The part of a compacted log's bytes that must be new for a compaction, where a topic does not say.
    public var minimumCleanableRatio = 0.5
    /// The most keys that compaction holds in memory at a time, at about 50 bytes each.
    public var compactionKeyLimit = 500_000
    /// Milliseconds since 1970; tests bring their own.
    var wallClock: @Sendable () -> Int64 = { Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)) }

    /// A broker on the given directory and address.
    public init(dataDirectory: String, host: String = "127.0.0.1", port: Int = 0) {
        self.dataDirectory = dataDirectory
        listeners = [Listener(host: host, port: port)]
    }

    /// An address to listen on, and the one that its clients are told to connect to.
    public struct Listener: Sendable, Hashable {
        /// Address to listen on.
        public var host: String
        /// Port to listen on; 0 takes a free one.
        public var port: Int
        /// What clients are told; the address that they came to if nil.
        public var advertised: BoundAddress?

        /// A listener that advertises itself unless told otherwise.
        public init(host: String, port: Int, advertised: BoundAddress? = nil) {
            self.host = host
            self.port = port
            self.advertised = advertised
        }
    }
}

/// Where a broker listens, or is told to be.
public struct BoundAddress: Sendable, Hashable, CustomStringConvertible {
    /// Host name or address.
    public let host: String
    /// TCP port.
    public let port: Int

    /// An address.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// `host:port`, as clients take it for a bootstrap server.
    public var description: String { "\(host):\(port)" }
}
