// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Ledger
import LegRuntime
import Operations
import ServiceLifecycle

/// Tells on `relay.signals` what batons cost, and whether the ledger holds together, as the books change.
struct BooksAnnouncer: Service {
    let context: ProcessContext
    let books: BooksView
    let clock: any WallClock

    func run() async throws {
        let producer = try KafkaProducer(context.kafka, logger: context.logger)
        do {
            try await cancelWhenGracefulShutdown { try await announceUntilFatal(producer) }
        } catch is CancellationError where Task.isShuttingDownGracefully {
            // The way out: there is no other end to telling.
        } catch {
            await producer.close(timeout: .zero)
            throw error
        }
        await producer.close(timeout: .seconds(1))
    }

    private func announceUntilFatal(_ producer: KafkaProducer) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await announce(producer) }
            group.addTask { try await producer.untilFatal() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func announce(_ producer: KafkaProducer) async throws {
        var breaks = BreakSignals()
        for await _ in books.changes() {
            for signal in books.takeBreakSignals(&breaks, at: clock.now()) { tell(signal, producer) }
            var due: Timestamp?
            repeat {
                if let due { try await Task.sleep(for: max(.zero, due - clock.now())) }
                let (signals, next) = books.takeSignals(at: clock.now())
                for signal in signals { tell(signal, producer) }
                due = next
            } while due != nil
        }
        try Task.checkCancellation()
    }

    /// A signal that cannot be queued is lost: the next change of the same cost tells more.
    private func tell(_ signal: Signal, _ producer: KafkaProducer) {
        producer.tell(signal, key: signal.baton?.description ?? signal.name, leg: .governance, context)
    }
}
