// SPDX-License-Identifier: Apache-2.0

import Baton
import Digest
import LegRuntime
import Logging
import TestSupport
import Testing

@testable import Access
@testable import Costs
@testable import GovernanceService
@testable import Ledger

private struct FixedClock: WallClock {
    func now() -> Timestamp { Samples.noon }
}

@Suite("Governance's duties", .timeLimit(.minutes(1)))
struct GovernanceWorkTests {
    private let books: BooksView
    private let work: GovernanceWork
    private let context = WorkContext(instance: "g1", lane: .primary, logger: Logger(label: "test"))
    private let baton = Samples.baton(1)

    init() throws {
        let owned = OwnedChains()
        owned.replace(with: [0])
        books = BooksView(currency: "USD", owned: owned)
        work = GovernanceWork(
            policy: try Policy(yaml: PolicyTests.yaml, currency: "USD"),
            rateCard: try RateCard(
                yaml: """
                    currency: USD
                    prices: {cpuSecond: 1, storedGibibyte: 1, request: 0.01, movedGibibyte: 1}
                    """),
            books: books, clock: FixedClock())
    }

    private func assignment(
        _ duty: Duty, requester: String = "ada", budget: Double = 2, usage: [String] = [], seconds: Int = 60
    ) -> Assignment {
        var results = Results()
        if duty != .admission {
            results.admission = Admission(account: "research", available: Samples.dollars(1))
            results.build = Self.manifest(budget: Money(budget, currency: "USD"))
        }
        return Assignment(
            baton: baton, duty: duty, attempt: 1, lane: .primary, assignedAt: Samples.noon,
            firstAssignedAt: Samples.noon, deadline: Samples.noon + .seconds(seconds),
            request: ReleaseRequest(project: .init(directory: "/p"), model: "iris", requester: requester),
            results: results, usage: usage, ending: nil)
    }

    private static func manifest(budget: Money) -> ReleaseManifest {
        let digest = SHA256.hash("x")
        let output = ReleaseManifest.Output(path: "model.json", digest: digest, bytes: 1)
        return ReleaseManifest(
            declaration: ReleaseDeclaration(
                model: .init(name: "iris", artifact: "model.json", kind: "xgboost"),
                input: .init(name: "input", features: ["a"]),
                gates: .init(metrics: "m.json", floors: [:], golden: "g.json", tolerance: 0), lanes: 1,
                watch: .init(
                    periodSeconds: 10, minimumPredictions: 50, reference: "r.csv", maximumDrift: 0.2,
                    maximumErrorRate: 0, maximumLatencyMilliseconds: 100),
                calibration: nil, requests: nil, budget: budget),
            artifact: output, outputs: [output], metrics: [:], stages: [], source: digest, commit: nil, lock: digest)
    }

    /// Puts facts on the ledger as a follower would read them.
    @discardableResult
    private func enter(_ facts: [LedgerEntry.Fact], after head: LedgerHead = .empty(chain: "0")) -> LedgerHead {
        var head = head
        for fact in facts {
            let entry = LedgerEntry(after: head, fact: fact, origin: Samples.origin(0, 0), at: Samples.noon)
            #expect(books.fold([stored(entry)]) == [])
            head = entry.head
        }
        return head
    }

    private func stored(_ entry: LedgerEntry) -> LedgerRecord {
        LedgerRecord(
            chain: entry.chain, offset: entry.sequence - 1, value: JSON.encode(entry), writtenAt: Samples.noon)
    }

    private var requested: LedgerEntry.Fact {
        .journal(Samples.journal("r", baton, .requested, actor: "ada"), account: "research")
    }

    private func used(_ id: String, _ units: Double) -> LedgerEntry.Fact {
        .usage(Samples.usage(id, baton, units), price: Money(units, currency: "USD"))
    }

    @Test("admission names the account that pays and what it has left")
    func admission() async throws {
        books.caughtUp()
        enter([requested, used("old", 0.5)])
        let results = try await work.perform(assignment(.admission), context)
        #expect(results.admission == Admission(account: "research", available: Money(100, currency: "USD")))
        #expect(context.said.decisions.first?.contains("research") == true)
    }

    @Test("admission waits until the books of the past are read")
    func admissionWaits() async throws {
        enter([requested, used("old", 100.5)])
        let waiting = Task { try await work.perform(assignment(.admission), context) }
        books.caughtUp()
        await #expect(throws: WorkRefused.self) { try await waiting.value }
    }

    @Test("an unknown requester is refused with what to do")
    func refused() async throws {
        books.caughtUp()
        let refusal = await #expect(throws: WorkRefused.self) {
            try await work.perform(assignment(.admission, requester: "mallory"), context)
        }
        #expect(refusal?.reason.contains("add it under requesters") == true)
    }

    @Test("approval counts what was handed over, and stops a baton that would overspend")
    func approval() async throws {
        books.caughtUp()
        let head = enter([requested, used("a", 1)])
        let results = try await work.perform(assignment(.approval, usage: ["a"]), context)
        #expect(results.approval == Approval(spent: Money(1, currency: "USD"), limit: Money(2, currency: "USD")))
        // The watch needs 50 requests at 0.01: half a unit more than 1.75 is above 2.
        enter([used("b", 0.75)], after: head)
        let refusal = await #expect(throws: WorkRefused.self) {
            try await work.perform(assignment(.approval, usage: ["a", "b"]), context)
        }
        #expect(refusal?.reason.hasPrefix("would overspend: 1.750000 USD is spent") == true)
    }

    @Test("closing waits for every consumption, and says what the baton cost")
    func closing() async throws {
        books.caughtUp()
        let head = enter([requested, used("a", 1)])
        async let results = work.perform(assignment(.closing, usage: ["a", "b"]), context)
        let last = enter([used("b", 0.25)], after: head)
        let closing = try #require(try await results.closing)
        #expect(closing.total == Money(1.25, currency: "USD"))
        #expect(closing.parts == ["cpu-seconds": Money(1.25, currency: "USD")])
        #expect(closing.ledger == last)
    }

    @Test("what is not entered in time is a failure that may be tried again")
    func late() async throws {
        books.caughtUp()
        enter([requested])
        let failure = await #expect(throws: WorkFailure.self) {
            try await work.perform(assignment(.closing, usage: ["a"], seconds: 0), context)
        }
        #expect(failure?.retryable == true)
    }

    @Test("another leg's duty fails for good")
    func misassigned() async throws {
        let failure = await #expect(throws: WorkFailure.self) { try await work.perform(assignment(.build), context) }
        #expect(failure?.retryable == false)
    }

    @Test("a wait that is cancelled ends")
    func cancelled() async throws {
        let waiting = Task { try await work.perform(assignment(.closing, usage: ["a"]), context) }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }

    @Test("only the writer of a chain tells of its costs, and nobody of the past")
    func telling() {
        let end = enter([requested, used("a", 1)])
        books.caughtUp()
        #expect(books.takeSignals(at: Samples.noon).signals.isEmpty)
        for (head, expected) in [(LedgerHead.empty(chain: "1"), 0), (end, 1)] {
            let entry = LedgerEntry(
                after: head, fact: used("chain \(head.chain)", 1), origin: Samples.origin(0, 0), at: Samples.noon)
            books.fold([stored(entry)])
            #expect(books.takeSignals(at: Samples.noon).signals.count == expected)
        }
    }

    @Test("a ledger that does not hold together is found while it is followed")
    func violations() {
        #expect(books.fold(Samples.records([Array("{}".utf8)], chain: "0")).count == 1)
        #expect(books.breaks.map(\.offset) == [0])
    }

    @Test("while a chain is broken its batons wait, say what for, and are answered once it is mended")
    func heldUp() async throws {
        books.caughtUp()
        enter([requested, used("a", 1)])
        // One of another chain goes on.
        books.fold(Samples.records([Array("{}".utf8)], chain: "1"))
        #expect(try await work.perform(assignment(.closing, usage: ["a"]), context).closing != nil)
        books.fold([LedgerRecord(chain: "0", offset: 2, value: Array("{}".utf8), writtenAt: Samples.noon)])
        // Its time is over, and it waits all the same.
        async let closing = work.perform(assignment(.closing, usage: ["a"], seconds: 0), context)
        async let admission = work.perform(assignment(.admission), context)
        let note = try await eventually(within: .seconds(20), "what it waits for") { [context] in
            context.said.isHeldUp ? context.said.note : nil
        }
        #expect(note.contains("relay ledger quarantine --partition 0"))
        var mended = LedgerFold(currency: "USD")
        var head = LedgerHead.empty(chain: "0")
        for fact in [requested, used("a", 1)] {
            let entry = LedgerEntry(after: head, fact: fact, origin: Samples.origin(0, 0), at: Samples.noon)
            _ = mended.take(stored(entry))
            head = entry.head
        }
        books.replace(with: mended)
        #expect(try await closing.closing != nil)
        #expect(try await admission.admission != nil)
    }
}
