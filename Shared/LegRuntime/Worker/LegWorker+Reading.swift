// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Logging
import Operations
import Synchronization

extension LegWorker {
    /// The poll loop: takes what comes and never waits for work. Ends by error or cancellation.
    func read(_ session: KafkaSession, _ reports: KafkaProducer) async throws {
        var backoff = Backoff()
        while true {
            do {
                let timeout: Duration = desk.holdsBack ? .milliseconds(200) : .seconds(1)
                let records = try await session.consumer.poll(maximum: 200, timeout: timeout)
                if let error = failure.withLock({ $0 }) { throw error }
                if !records.isEmpty || desk.holdsBack { try await take(records, session, reports) }
                backoff.reset()
            } catch let error as KafkaError where error.heals {
                logger.warning("reading fails and is tried again", metadata: ["error": "\(error)"])
                try await backoff.wait()
            }
        }
    }

    private func take(_ records: [ConsumerRecord], _ session: KafkaSession, _ reports: KafkaProducer) async throws {
        metrics.consumed.add(Double(records.count))
        let orders = desk.receive(records.map(decode))
        metrics.superseded.add(Double(orders.superseded))
        metrics.withdrawn.add(Double(orders.withdrawn))
        for start in orders.unstarted { answerUnstarted(start) }
        startWaiting(reports)
        if !orders.pause.isEmpty { try await session.consumer.pause(orders.pause) }
        if !orders.resume.isEmpty { try await session.consumer.resume(orders.resume) }
    }

    private func decode(_ record: ConsumerRecord) -> Incoming {
        let place = WorkDesk.Ledger.Place(partition: record.topicPartition, offset: record.offset)
        do throws(Refusal) {
            let event = try record.cloudEvent()
            if let address = Assignment.Address(event), address.lane != settings.lane {
                guard address.isWithdrawal else { return Incoming(place: place, content: .elsewhere(address.key)) }
            }
            let assignment = try Assignment.read(event)
            guard assignment.duty.leg == work.leg else {
                throw Refusal("the duty \(assignment.duty.rawValue) is not one of the leg \(work.leg.rawValue)")
            }
            if let withdrawal = assignment.withdrawal {
                return Incoming(place: place, content: .withdrawal(assignment.key, reason: withdrawal.reason))
            }
            return Incoming(place: place, content: .assignment(assignment))
        } catch {
            logger.error(
                "a record cannot be read and goes to the dead letters",
                metadata: ["record": "\(record.topicPartition)@\(record.offset)", "reason": "\(error)"])
            let letter = deadLetter(
                record, reason: error.description, reader: context.configuration.instance, topics: topics)
            return Incoming(place: place, content: .unreadable(FinishedWork(records: [letter], outcome: nil)))
        }
    }
}
