// SPDX-License-Identifier: Apache-2.0

package import Baton
package import CaptainView
package import Operations
import Synchronization

/// The view and those who watch it: every change is told, in one order, to every client; every second is ticked.
///
/// A client's queue is bounded. One that does not keep up is cut off; its browser comes back by itself and is told
/// what it missed, or everything.
package final class LiveFeed: Sendable {
    /// One client's place.
    package struct Subscription: Sendable {
        let id: Int
        /// What it is to be sent, as bytes of the wire.
        package let events: AsyncStream<[UInt8]>
    }

    private struct State {
        var view: RaceView
        var log: FeedLog
        var clients: [Int: AsyncStream<[UInt8]>.Continuation] = [:]
        var nextClient = 0
        /// Names of the sources that have not been read to their end yet.
        var restoring: Set<String>
        var kafkaAnsweredAt: Timestamp?
        /// When somebody watched last.
        var watchedAt: Timestamp?

        /// Whether somebody watches, or may come back to what was told before.
        mutating func isWatched(at now: Timestamp) -> Bool {
            if !clients.isEmpty { watchedAt = now }
            return watchedAt.map { now - $0 < LiveFeed.memory } ?? false
        }
    }

    /// For how long what happens is put into words when nobody watches: a browser comes back within seconds.
    private static let memory = Duration.seconds(60)
    static let queueLimit = 256

    private let state: Mutex<State>
    private let clientLimit: Int
    private let clientCount: Gauge

    /// - Parameters:
    ///   - startedAt: names this run.
    ///   - sources: must each say `caughtUp` before anything is shown as complete.
    package init(
        startedAt: Timestamp, sources: Set<String>, metrics: Metrics, clientLimit: Int = 200,
        view: RaceView = RaceView()
    ) {
        let log = FeedLog(epoch: String(startedAt.milliseconds, radix: 36))
        state = Mutex(State(view: view, log: log, restoring: sources))
        self.clientLimit = clientLimit
        clientCount = metrics.gauge("relay_captain_feed_clients", help: "Clients that watch the live feed.")
    }

    // MARK: Queries

    /// The state of a baton as it was last read.
    package func state(of baton: BatonID) -> BatonState? { state.withLock { $0.view.state(of: baton) } }

    /// The answer to `GET /batons`.
    package func answers(at now: Timestamp) -> BatonListAnswer {
        state.withLock { $0.view.list(at: now, complete: $0.restoring.isEmpty) }
    }

    /// The answer to `GET /batons/{id}`; nil when the baton is not known.
    package func answer(of baton: BatonID, at now: Timestamp) -> BatonAnswer? {
        state.withLock { $0.view.answer(of: baton, at: now) }
    }

    // MARK: Facts

    /// Takes in what was read, and tells those who watch.
    package func take(_ facts: [RaceView.Fact], at now: Timestamp) {
        state.withLock { state in
            for fact in facts {
                let changes = state.view.take(fact, at: now)
                // Until the past has been read, what comes is history, not news.
                guard state.restoring.isEmpty else { continue }
                if state.isWatched(at: now) {
                    for change in changes { tell(change, &state, now) }
                } else if !changes.isEmpty {
                    state.log.skip()
                }
            }
        }
    }

    /// A source has been read to its end.
    func caughtUp(_ source: String, at now: Timestamp) {
        state.withLock { state in
            guard state.restoring.remove(source) != nil, state.restoring.isEmpty else { return }
            publish("snapshot", JSON.encode(state.view.snapshot(at: now)), &state)
        }
    }

    /// Kafka answered a question that was asked to see whether it is there.
    func kafkaAnswered(at now: Timestamp) { state.withLock { $0.kafkaAnsweredAt = now } }

    /// Tells all clients the time, and the numbers that change with it.
    func tick(at now: Timestamp) {
        state.withLock { state in
            if state.restoring.isEmpty, state.isWatched(at: now) {
                for (baton, report) in state.view.changedTraffic(at: now) {
                    publish("traffic", JSON.encode(TrafficChange(baton: baton, traffic: report)), &state)
                }
            }
            let tick = ServerSentEvent.encode(name: "tick", id: nil, data: JSON.encode(Tick(state, now)))
            send(tick, &state)
        }
    }

    // MARK: Clients

    /// Starts to tell a client: what it missed since `lastEventID` when that is known, everything otherwise.
    /// - Returns: nil when too many watch already.
    package func subscribe(lastEventID: String?, at now: Timestamp) -> Subscription? {
        state.withLock { state in
            guard state.clients.count < clientLimit else { return nil }
            let (events, continuation) = AsyncStream.makeStream(
                of: [UInt8].self, bufferingPolicy: .bufferingOldest(Self.queueLimit))
            let id = state.nextClient
            state.nextClient += 1
            state.clients[id] = continuation
            state.watchedAt = now
            clientCount.set(Double(state.clients.count))
            continuation.yield(welcome(lastEventID, &state, now))
            continuation.onTermination = { [weak self] _ in self?.leave(id) }
            return Subscription(id: id, events: events)
        }
    }

    /// A client has gone.
    func leave(_ id: Int) {
        state.withLock { state in
            state.clients[id] = nil
            clientCount.set(Double(state.clients.count))
        }
    }

    private func welcome(_ lastEventID: String?, _ state: inout State, _ now: Timestamp) -> [UInt8] {
        var bytes = Array("retry: 1000\n".utf8)
        if state.restoring.isEmpty {
            if let missed = lastEventID.flatMap({ state.log.events(after: $0) }) {
                for event in missed { bytes += event }
            } else {
                bytes += ServerSentEvent.encode(
                    name: "snapshot", id: state.log.newestID, data: JSON.encode(state.view.snapshot(at: now)))
            }
        }
        return bytes + ServerSentEvent.encode(name: "tick", id: nil, data: JSON.encode(Tick(state, now)))
    }

    // MARK: Telling

    private func tell(_ change: RaceView.Change, _ state: inout State, _ now: Timestamp) {
        switch change {
        case .appeared(let baton):
            guard let shown = state.view.screen(of: baton, at: now, withJournal: true) else { return }
            publish("baton", JSON.encode(shown), &state)
        case .baton(let baton):
            guard let shown = state.view.screen(of: baton, at: now, withJournal: false) else { return }
            publish("baton", JSON.encode(shown), &state)
        case .summary(let baton):
            guard let summary = state.view.summary(of: baton, at: now) else { return }
            publish("summary", JSON.encode(summary), &state)
        case .journal(let entry): publish("journal", JSON.encode(entry), &state)
        case .signals(let baton):
            let change = SignalsChange(baton: baton, signals: state.view.signals(about: baton))
            publish("signals", JSON.encode(change), &state)
        case .alerts: publish("alerts", JSON.encode(AlertsChange(alerts: state.view.alerts)), &state)
        }
    }

    private func publish(_ name: String, _ data: [UInt8], _ state: inout State) {
        send(state.log.append(name: name, data: data), &state)
    }

    /// Yielding inside the lock keeps the order; it only fills queues and runs nobody's code.
    private func send(_ bytes: [UInt8], _ state: inout State) {
        for (id, client) in state.clients {
            guard case .enqueued = client.yield(bytes) else {
                // `finish` runs the termination handler, which takes the lock: it must not be called from in here.
                client.onTermination = nil
                client.finish()
                state.clients[id] = nil
                continue
            }
        }
        clientCount.set(Double(state.clients.count))
    }

    private struct SignalsChange: Encodable {
        let baton: BatonID
        let signals: [Signal]
    }

    private struct AlertsChange: Encodable {
        let alerts: [Signal]
    }

    private struct TrafficChange: Encodable {
        let baton: BatonID
        let traffic: TrafficReport
    }

    private struct Tick: Encodable {
        let now: Timestamp
        let newest: String
        let complete: Bool
        let kafkaAnsweredAt: Timestamp?

        init(_ state: State, _ now: Timestamp) {
            self.now = now
            newest = state.log.newestID
            complete = state.restoring.isEmpty
            kafkaAnsweredAt = state.kafkaAnsweredAt
        }
    }
}
