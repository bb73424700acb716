// SPDX-License-Identifier: Apache-2.0

import Digest

/// A record on the ledger's topic that is no link of its chain, as governance put it aside: the chain goes on as if it
/// were not there. Nothing can be taken out of a topic, so everybody who checks the chain passes over it.
///
/// The entry that holds this is a link like any other. Its origin names the record.
public struct LedgerQuarantine: Codable, Sendable, Equatable {
    /// The record's offset in the partition of its chain.
    public var offset: Int64
    /// SHA-256 of the record's value, hexadecimal: no other record can be meant.
    public var digest: String
    /// The length of the record's value.
    public var bytes: Int
    /// What is wrong with it.
    public var problem: String
    /// Who put it aside.
    public var by: String
    /// Why, in that person's words.
    public var reason: String

    /// A record that is put aside.
    public init(offset: Int64, value: [UInt8], problem: String, by: String, reason: String) {
        self.offset = offset
        digest = SHA256.hash(value).hex
        bytes = value.count
        self.problem = problem
        self.by = by
        self.reason = reason
    }
}

/// The records of chains that were put aside, as the entries that say so name them.
public struct LedgerQuarantines: Sendable, Equatable {
    private var digests: [String: [Int64: String]] = [:]
    private var entries: [String: [Int64: LedgerQuarantine]] = [:]

    private static let marker = Array("\"quarantine\"".utf8)

    /// Nothing was put aside.
    public init() {}

    /// Whether nothing was put aside.
    public var isEmpty: Bool { entries.allSatisfy(\.value.isEmpty) }

    /// Notes a record as one of a chain, if it is an entry that puts another aside. Whether it is a link of the chain
    /// is not asked: the verifier finds it wrong, and with it the chain, when it is none.
    /// - Returns: whether it is such an entry.
    @discardableResult
    public mutating func note(value: [UInt8], in chain: String, at offset: Int64) -> Bool {
        // Decoding is dear, and these are rare.
        guard value.contains(Self.marker), let entry = try? JSON.decode(LedgerEntry.self, from: value),
            entry.chain == chain,
            case .quarantine(let quarantine) = entry.fact, entry.hash == entry.contentHash
        else { return false }
        note(quarantine, in: chain, at: offset)
        return true
    }

    /// Notes what is put aside by an entry at an offset.
    public mutating func note(_ quarantine: LedgerQuarantine, in chain: String, at offset: Int64) {
        entries[chain, default: [:]][offset] = quarantine
        // The newest first: what one of them puts aside, another of these entries perhaps, counts for nothing.
        var named: [Int64: String] = [:]
        for (place, entry) in (entries[chain] ?? [:]).sorted(by: { $0.key > $1.key }) where named[place] == nil {
            named[entry.offset] = entry.digest
        }
        digests[chain] = named
    }

    /// Whether a record was put aside.
    public func hold(value: [UInt8], in chain: String, at offset: Int64) -> Bool {
        guard let digest = digests[chain]?[offset] else { return false }
        return digest == SHA256.hash(value).hex
    }

    /// The offsets that were put aside, by chain.
    public var offsets: [String: [Int64]] { digests.mapValues { $0.keys.sorted() }.filter { !$0.value.isEmpty } }
}
