// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import LegRuntime
import Operations
import Synchronization

/// What an audit of the ledger found.
struct LedgerVerdict: Codable, Sendable, Equatable {
    /// A record that was put aside, as the ledger says.
    struct Aside: Codable, Sendable, Equatable {
        var chain: String
        var record: LedgerQuarantine
    }

    /// The end of each chain.
    var heads: [LedgerHead]
    /// One sentence each; empty when every link holds.
    var violations: [String]
    /// What stands between the links and was put aside.
    var quarantined: [Aside]
    /// What nothing was found to compare with: there a chain cut short or written anew would not show.
    var unseen: [String]
}

/// Reads the whole ledger from outside, committed entries only, and checks it: each chain in itself, and against the
/// ends that were noted when batons' books were closed.
struct LedgerAudit: Sendable {
    /// How long nothing may come of a read.
    static let patience = Duration.seconds(60)

    let access: KafkaAccess

    func run() async throws -> LedgerVerdict {
        let topics = access.topics
        let admin = try KafkaAdmin(access.kafka, logger: access.logger)
        let found: [TopicDescription]
        do { found = try await access.announcingWait { try await admin.topics() } } catch {
            await admin.close()
            throw error
        }
        await admin.close()
        guard let ledger = found.first(where: { $0.name == topics.ledger }) else {
            throw RelayFailure(
                "there is no topic \(topics.ledger)",
                remedy: "name the Kafka that the relay uses with --bootstrap-servers")
        }
        // The states first: what they note is on the ledger by then.
        let batons = found.first { $0.name == topics.batons }?.topicPartitions ?? []
        var noted = NotedEnds()
        try await read(batons) { noted.take($0) }
        var pages = LedgerPages(noted: noted, partitions: ledger.topicPartitions.map(\.partition))
        try await read(ledger.topicPartitions) { pages.take($0) }
        if pages.mustReadAgain {
            pages.begin()
            try await read(ledger.topicPartitions) { pages.take($0) }
        }
        return pages.verdict()
    }

    /// Reads partitions to their ends, or says after a while that nothing comes.
    private func read(_ partitions: [TopicPartition], _ each: (ConsumerRecord) -> Void) async throws {
        guard !partitions.isEmpty else { return }
        let reader = try PartitionReader(access.kafka, logger: access.logger)
        let heard = Mutex(ContinuousClock.now)
        let watch = Task {
            while heard.withLock({ ContinuousClock.now - $0 }) < Self.patience {
                try await Task.sleep(for: .seconds(1))
            }
            await reader.close()
        }
        defer { watch.cancel() }
        do {
            try await reader.readToEnd(partitions) { records in
                heard.withLock { $0 = ContinuousClock.now }
                records.forEach(each)
            }
        } catch {
            let isMute = heard.withLock { ContinuousClock.now - $0 } >= Self.patience
            await reader.close()
            guard isMute else { throw error }
            throw RelayFailure(
                "nothing came of \(partitions[0].topic) for \(Self.patience.components.seconds) s: "
                    + inPlainWords(error),
                remedy: "look at the broker's log, and at `relay doctor`")
        }
        await reader.close()
    }
}

/// The ends of chains that batons' states note.
struct NotedEnds: Sendable {
    private(set) var heads: [LedgerHead] = []

    mutating func take(_ record: ConsumerRecord) {
        // A state that cannot be read notes nothing; the captain and the judge say so.
        guard record.value != nil, let event = try? record.cloudEvent(), let state = try? BatonState.read(event),
            let closing = state.results.closing
        else { return }
        heads.append(closing.ledger)
    }

    /// The longest end of a chain that was noted.
    func last(of chain: String) -> Int64? { heads.filter { $0.chain == chain }.map(\.length).max() }
}

/// The ledger's records, checked one after the other. Pure.
struct LedgerPages: Sendable {
    private let noted: NotedEnds
    private let partitions: [Int32]
    private var quarantines = LedgerQuarantines()
    private var verifier: LedgerVerifier
    private var passed = LedgerQuarantines()
    private var asides: [LedgerVerdict.Aside] = []

    init(noted: NotedEnds, partitions: [Int32]) {
        (self.noted, self.partitions) = (noted, partitions)
        verifier = LedgerVerifier(expecting: noted.heads)
    }

    /// Whether more was put aside than has been passed over.
    var mustReadAgain: Bool { quarantines != passed }

    /// Begins anew, passing over what is known to be put aside.
    mutating func begin() {
        verifier = LedgerVerifier(expecting: noted.heads, passing: quarantines)
        (passed, asides) = (quarantines, [])
    }

    mutating func take(_ record: ConsumerRecord) {
        let (chain, value) = (String(record.partition), record.value ?? [])
        quarantines.note(value: value, in: chain, at: record.offset)
        if case .link(let entry) = verifier.check(value: value, in: chain, at: record.offset),
            case .quarantine(let aside) = entry.fact
        {
            asides.append(.init(chain: chain, record: aside))
        }
    }

    mutating func verdict() -> LedgerVerdict {
        verifier.finish()
        return LedgerVerdict(
            heads: verifier.heads, violations: verifier.violations.map(\.description), quarantined: asides,
            unseen: unseen)
    }

    private var unseen: [String] {
        let lengths = Dictionary(verifier.heads.map { ($0.chain, $0.length) }) { first, _ in first }
        return partitions.sorted().compactMap { partition in
            let chain = String(partition)
            let length = lengths[chain] ?? 0
            guard let last = noted.last(of: chain) else {
                return length == 0
                    ? "chain \(chain): empty, and no closed books name it"
                    : "chain \(chain): no closed books note an end of it, so it was checked in itself alone"
            }
            guard length > last else { return nil }
            return "chain \(chain): entries \(last + 1) to \(length) came after the last end that closed books note"
        }
    }
}
