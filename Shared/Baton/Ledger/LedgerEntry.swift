// SPDX-License-Identifier: Apache-2.0

import Digest

/// One link of the ledger: a fact, bound by its hash to every entry before it in its chain.
///
/// The hash is SHA-256 over the UTF-8 bytes of the entry's JSON without the member `hash`. The JSON is written with
/// sorted keys, no white space and `/` unescaped, and that is exactly the record's value on `relay.ledger`; so a
/// verifier in any language takes the value's bytes, cuts out the first `"hash":"<64 digits>",` and hashes the rest,
/// without having to write a number the same way again. `previous` of a chain's first entry is 64 zeros.
public struct LedgerEntry: EventPayload, Equatable {
    /// The CloudEvents `type`.
    public static let eventType = EventType.ledgerAppended

    /// What an entry records.
    public enum Kind: String, Codable, Sendable { case journal, usage, quarantine }

    /// Where the fact was read.
    public struct Origin: Codable, Sendable, Equatable {
        /// The topic's full name.
        public var topic: String
        /// The partition of that topic.
        public var partition: Int32
        /// The record's offset in that partition.
        public var offset: Int64

        /// An address in Kafka.
        public init(topic: String, partition: Int32, offset: Int64) {
            self.topic = topic
            self.partition = partition
            self.offset = offset
        }
    }

    /// A fact as it is entered.
    public enum Fact: Sendable, Equatable {
        /// A decision. `account` is who pays for the baton by the policy in force: set on `requested` entries whose
        /// requester the policy knows.
        case journal(JournalEntry, account: String?)
        /// A consumption and what it cost by the rate card in force.
        case usage(Usage, price: Money)
        /// A record of the chain's own partition that is none of its links.
        case quarantine(LedgerQuarantine)

        /// The fact's own id; a chain holds each once.
        public var id: String {
            switch self {
            case .journal(let entry, _): entry.id
            case .usage(let usage, _): usage.id
            case .quarantine(let quarantine): "quarantine/\(quarantine.offset)"
            }
        }

        /// Whom it is about; nil when it is about the ledger itself.
        public var baton: BatonID? {
            switch self {
            case .journal(let entry, _): entry.baton
            case .usage(let usage, _): usage.baton
            case .quarantine: nil
            }
        }
    }

    /// The chain's name: the number of its partition.
    public private(set) var chain: String
    /// Counts from 1 within the chain.
    public private(set) var sequence: Int64
    /// The hash of the entry before, hexadecimal.
    public private(set) var previous: String
    /// What is recorded.
    public private(set) var fact: Fact
    /// Where the fact was read.
    public private(set) var origin: Origin
    /// When it was entered.
    public private(set) var at: Timestamp
    /// This entry's hash, hexadecimal.
    public private(set) var hash: String

    /// The entry that comes after `head`, with its hash.
    public init(after head: LedgerHead, fact: Fact, origin: Origin, at: Timestamp) {
        chain = head.chain
        sequence = head.length + 1
        previous = head.hash
        self.fact = fact
        self.origin = origin
        self.at = at
        hash = ""
        hash = contentHash
    }

    /// The end of the chain when this entry is the last.
    public var head: LedgerHead { LedgerHead(chain: chain, length: sequence, hash: hash) }

    /// The hash that the entry's content calls for.
    public var contentHash: String {
        SHA256.hash(JSON.encode(Hashed(entry: self))).hex
    }
}

extension LedgerHead {
    /// The end of a chain without entries.
    public static func empty(chain: String) -> LedgerHead {
        LedgerHead(chain: chain, length: 0, hash: String(repeating: "0", count: 64))
    }
}

extension LedgerEntry {
    private enum CodingKeys: String, CodingKey {
        case chain, sequence, previous, kind, journal, account, usage, price, quarantine, origin, at, hash
    }

    /// What the hash covers: everything but the hash.
    private struct Hashed: Encodable {
        let entry: LedgerEntry

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try entry.encodeContent(to: &container)
        }
    }

    private func encodeContent(to container: inout KeyedEncodingContainer<CodingKeys>) throws {
        try container.encode(chain, forKey: .chain)
        try container.encode(sequence, forKey: .sequence)
        try container.encode(previous, forKey: .previous)
        switch fact {
        case .journal(let entry, let account):
            try container.encode(Kind.journal, forKey: .kind)
            try container.encode(entry, forKey: .journal)
            try container.encodeIfPresent(account, forKey: .account)
        case .usage(let usage, let price):
            try container.encode(Kind.usage, forKey: .kind)
            try container.encode(usage, forKey: .usage)
            try container.encode(price, forKey: .price)
        case .quarantine(let quarantine):
            try container.encode(Kind.quarantine, forKey: .kind)
            try container.encode(quarantine, forKey: .quarantine)
        }
        try container.encode(origin, forKey: .origin)
        try container.encode(at, forKey: .at)
    }

    /// Writes the content and the hash.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try encodeContent(to: &container)
        try container.encode(hash, forKey: .hash)
    }

    /// Reads an entry as it stands; whether its hash is right is the verifier's question.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        chain = try container.decode(String.self, forKey: .chain)
        sequence = try container.decode(Int64.self, forKey: .sequence)
        previous = try container.decode(String.self, forKey: .previous)
        switch try container.decode(Kind.self, forKey: .kind) {
        case .journal:
            fact = .journal(
                try container.decode(JournalEntry.self, forKey: .journal),
                account: try container.decodeIfPresent(String.self, forKey: .account))
        case .usage:
            fact = .usage(
                try container.decode(Usage.self, forKey: .usage),
                price: try container.decode(Money.self, forKey: .price))
        case .quarantine:
            fact = .quarantine(try container.decode(LedgerQuarantine.self, forKey: .quarantine))
        }
        origin = try container.decode(Origin.self, forKey: .origin)
        at = try container.decode(Timestamp.self, forKey: .at)
        hash = try container.decode(String.self, forKey: .hash)
    }
}
