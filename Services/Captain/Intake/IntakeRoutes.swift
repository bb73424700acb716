// SPDX-License-Identifier: Apache-2.0

package import Baton
import CaptainRace
import HTTPTypes
package import Hummingbird
package import Kafka
import LegRuntime
import NIOCore
import Operations
import Web

/// Takes requests over HTTP: `POST /events` and `POST /batons/{id}/cancel`. What is answered with 202 is in Kafka.
package struct IntakeRoutes: Sendable {
    static let maximumBodyBytes = 1 << 20

    let topics: Topics
    /// Writes records and returns once all are acknowledged.
    let write: @Sendable ([ProducerRecord]) async throws -> Void
    /// A baton's state as this captain's view has it; nil when it has none.
    let known: @Sendable (BatonID) -> BatonState?
    let now: @Sendable () -> Timestamp
    let meters: IntakeMeters
    /// How many batons the view remembers, for the words of an answer.
    let remembered: Int
    let recent = RecentRequests()
    let acknowledgement: Duration

    /// - Parameters:
    ///   - write: Writes records and returns once all are acknowledged.
    ///   - known: A baton's state as this captain's view has it; nil when it has none.
    ///   - remembered: How many batons the view remembers, for the words of an answer.
    ///   - acknowledgement: How long Kafka may take to acknowledge.
    package init(
        topics: Topics, write: @escaping @Sendable ([ProducerRecord]) async throws -> Void,
        known: @escaping @Sendable (BatonID) -> BatonState?, now: @escaping @Sendable () -> Timestamp,
        meters: IntakeMeters, remembered: Int, acknowledgement: Duration = .seconds(5)
    ) {
        self.topics = topics
        self.write = write
        self.known = known
        self.now = now
        self.meters = meters
        self.remembered = remembered
        self.acknowledgement = acknowledgement
    }

    /// Adds the routes.
    package func add(to router: Router<BasicRequestContext>) {
        router.post("/events") { request, _ in try await counted { try await takeEvents(request) } }
        router.post("/batons/:id/cancel") { request, context in
            try await cancel(request, context.parameters.get("id") ?? "")
        }
    }

    private func counted(_ work: () async throws -> Response) async throws -> Response {
        do {
            return try await work()
        } catch {
            meters.httpRefused.add()
            throw error
        }
    }

    private func takeEvents(_ request: Request) async throws -> Response {
        let body = try await collect(request)
        var events = try EventBody.read(headers: request.headers, body: body)
        if let caller = request.trace {
            for index in events.indices where events[index].trace == nil {
                events[index].extensions[TraceContext.name] = caller.description
            }
        }
        let requests = try Self.requests(events)
        let sending = recent.begin(zip(events, requests).map { (BatonID(source: $0.source, id: $0.id), $1) })
        do {
            let taken = try answers(requests, sending)
            try await acknowledged(
                zip(events, taken).map { $0.record(topic: topics.inbox, key: $1.id.description) })
            meters.httpAccepted.add(Double(taken.count))
            return Response(json: JSON.encode(["batons": taken]), status: .accepted)
        } catch {
            recent.forget(sending)
            throw error
        }
    }

    private static func requests(_ events: [CloudEvent]) throws(IntakeProblem) -> [ReleaseRequest] {
        var problems: [Problem] = []
        var requests: [ReleaseRequest] = []
        for (index, event) in events.enumerated() {
            do {
                requests.append(try ReleaseRequest.read(event))
            } catch {
                problems += (events.count == 1 ? error : error.below(.root / index)).details
            }
        }
        guard problems.isEmpty else { throw .refused(Refusal(problems)) }
        return requests
    }

    /// What is said of each event, unless one of them contradicts what was sent before under its source and id.
    private func answers(
        _ requests: [ReleaseRequest], _ sending: RecentRequests.Sending
    ) throws(IntakeProblem) -> [TakenBaton] {
        var problems: [Problem] = []
        var taken: [TakenBaton] = []
        for (index, (request, entry)) in zip(requests, sending.entries).enumerated() {
            let place = requests.count == 1 ? JSONPointer.root : .root / index
            let state = known(entry.baton)
            let differing = state.map { request.differences(from: $0.request) } ?? []
            problems += differing.map {
                Problem("\($0) is not what the request \(entry.baton) says", at: place / "data" / $0)
            }
            if state == nil, entry.contradicts {
                problems.append(Problem("it is not what the request \(entry.baton) says", at: place / "data"))
            }
            taken.append(
                TakenBaton(id: entry.baton, known: state != nil || entry.isRepeated, state: state?.summary))
        }
        guard problems.isEmpty else { throw .contradicts(problems) }
        return taken
    }

    private func cancel(_ request: Request, _ id: String) async throws -> Response {
        guard let baton = BatonID(id) else { throw IntakeProblem.badIdentifier(id) }
        let body = try await collect(request)
        let (by, reason) = try Self.readCancel(body)
        guard let state = known(baton) else { throw IntakeProblem.notFound(id, remembered: remembered) }
        guard state.ending == nil else { throw IntakeProblem.alreadyEnded(state.summary) }
        try await acknowledged([CancelRequest(baton: baton, by: by, reason: reason).record(topics, now: now())])
        let answer = TakenBaton(id: baton, known: true, state: state.summary)
        return Response(json: JSON.encode(["baton": answer]), status: .accepted)
    }

    private static func readCancel(_ body: [UInt8]) throws(IntakeProblem) -> (by: String, reason: String) {
        let value: JSONValue
        do { value = try JSONValue.parse(body) } catch { throw .refused(error) }
        guard case .object(let object) = value else {
            throw .refused(Refusal("the body must be a JSON object with by and reason, not \(value.kind)"))
        }
        var members = JSONMembers(object)
        let by = members.text("by", .person, required: true)
        let reason = members.text("reason", .reason, required: true)
        members.finish()
        guard members.problems.isEmpty, let by, let reason else { throw .refused(Refusal(members.problems)) }
        return (by, reason)
    }

    private func collect(_ request: Request) async throws -> [UInt8] {
        do {
            return Array(try await request.body.collect(upTo: Self.maximumBodyBytes).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw IntakeProblem.tooLarge(limitBytes: Self.maximumBodyBytes)
        }
    }

    /// Waits for Kafka no longer than a client would. What was not acknowledged may still be written: a second
    /// sending of it is the same baton.
    private func acknowledged(_ records: [ProducerRecord]) async throws {
        do {
            let written: Void? = try await within(acknowledgement) { [write] in try await write(records) }
            if written == nil { throw IntakeProblem.notAcknowledged }
        } catch let error as KafkaError {
            guard error.code != .messageTooLarge else {
                throw IntakeProblem.tooLarge(limitBytes: Self.maximumBodyBytes)
            }
            throw IntakeProblem.notAcknowledged
        }
    }
}

/// One baton of an answer.
struct TakenBaton: Codable, Equatable {
    var id: BatonID
    /// Whether the same request came before.
    var known: Bool
    /// Where it is, when it is known.
    var state: String?
}

extension Request {
    /// The trace that the caller says it is in; nil when it says nothing, or nothing that can be read.
    var trace: TraceContext? {
        guard let name = HTTPField.Name(TraceContext.name) else { return nil }
        let said = headers[values: name]
        return said.count == 1 ? TraceContext(said[0]) : nil
    }
}
