// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
package import RelayClients

/// Publishes dead letters again, each once unless told otherwise.
///
/// The record and the note that it was published go out in one transaction. Whoever replays has fenced everybody else
/// who does before it reads the notes: so of two that start at once, one fails and nothing is published twice.
package struct LetterReplay: Sendable {
    /// Which letters.
    package enum Selection: Sendable {
        case places([LetterPlace])
        /// All that match and were not published again yet.
        case all(LetterFilter)
    }

    /// What became of it.
    package struct Outcome: Sendable, Equatable {
        /// Letters that were published again.
        package var replayed: [Letter] = []
        /// Letters of `all` that were left out, with the reason.
        package var skipped: [Skipped] = []

        /// Of its parts.
        package init(replayed: [Letter] = [], skipped: [Skipped] = []) {
            self.replayed = replayed
            self.skipped = skipped
        }
    }

    /// A letter that was not published again.
    package struct Skipped: Sendable, Equatable {
        /// The letter.
        package let place: LetterPlace
        /// Why it was left out.
        package let reason: String
    }

    /// Most letters of one call.
    static let limit = 10_000
    /// Letters of one transaction.
    static let batch = 100

    let access: KafkaAccess
    let again: Bool

    /// Of its parts.
    package init(access: KafkaAccess, again: Bool) {
        self.access = access
        self.again = again
    }

    /// Publishes the letters that are selected again.
    package func run(_ selection: Selection) async throws -> Outcome {
        let producer = try TransactionalProducer(
            access.kafka, transactionalID: access.topics.prefix + "dead-letters.replay",
            transactionTimeout: .seconds(30), logger: access.logger)
        do {
            try await producer.initialise()
            let box = try await LetterReader(access: access).fill(Self.box(for: selection))
            let outcome = try choose(selection, from: box)
            for start in stride(from: 0, to: outcome.replayed.count, by: Self.batch) {
                let letters = outcome.replayed[start..<min(start + Self.batch, outcome.replayed.count)]
                try await producer.commit(
                    letters.flatMap { [$0.replayed(from: access.topics), $0.note(in: access.topics)] })
            }
            await producer.close()
            return outcome
        } catch {
            await producer.close()
            throw error
        }
    }

    private static func box(for selection: Selection) -> LetterBox {
        switch selection {
        case .places(let places):
            let wanted = Set(places)
            return LetterBox(limit: max(1, wanted.count)) { wanted.contains($0.place) }
        case .all(let filter): return LetterBox(limit: limit + 1) { filter.matches($0) }
        }
    }

    /// Decides what is published.
    /// - Throws: `RelayFailure` that names every letter that was asked for and cannot be published.
    func choose(_ selection: Selection, from box: LetterBox) throws -> Outcome {
        let letters = box.newest
        var outcome = Outcome()
        for letter in letters.sorted(by: { $0.place < $1.place }) {
            if let reason = obstacle(to: letter, box) {
                outcome.skipped.append(Skipped(place: letter.place, reason: reason))
            } else {
                outcome.replayed.append(letter)
            }
        }
        switch selection {
        case .places(let places):
            let missing = Set(places).subtracting(letters.map(\.place)).sorted()
            let problems =
                missing.map { "\($0): there is no such letter" }
                + outcome.skipped.map { "\($0.place): \($0.reason)" }
            guard problems.isEmpty else {
                throw RelayFailure(
                    "nothing is replayed; " + problems.joined(separator: "; "),
                    remedy: "leave these out; `relay dead-letters list` shows what is there")
            }
        case .all:
            guard letters.count <= Self.limit else {
                throw RelayFailure(
                    "\(box.matched) letters match, and at most \(Self.limit) are replayed at once",
                    remedy: "narrow them with --reader, --topic or --since")
            }
        }
        return outcome
    }

    private func obstacle(to letter: Letter, _ box: LetterBox) -> String? {
        if let obstacle = letter.obstacle { return obstacle }
        guard !again, box.replays[letter.place] != nil else { return nil }
        return "it was replayed before; --again replays it all the same"
    }
}
