// SPDX-License-Identifier: Apache-2.0

import Baton
import HTTPTypes
import Hummingbird
import Kafka
import LegRuntime
import NIOCore
import Operations

/// Takes requests over HTTP: `POST /events` and `POST /batons/{id}/cancel`. What is answered with 202 is in Kafka.
struct IntakeRoutes: Sendable {
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
    var acknowledgement: Duration = .seconds(5)

    func add(to router: Router<BasicRequestContext>) {
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
        var events = try EventBody.read(headers: request.plainHeaders, body: body)
        if let caller = request.trace {
            for index in events.indices where events[index].trace == nil {
                events[index].extensions[TraceContext.name] = caller.description
            }
        }
        var problems: [String] = []
        var taken: [TakenBaton] = []
        var records: [ProducerRecord] = []
        for (index, event) in events.enumerated() {
            do {
                _ = try ReleaseRequest.read(event)
                let baton = BatonID(source: event.source, id: event.id)
                let state = known(baton)
                taken.append(TakenBaton(id: baton, known: state != nil, state: state?.summary))
                records.append(event.record(topic: topics.inbox, key: baton.description))
            } catch {
                problems += error.problems.map { events.count == 1 ? $0 : "event \(index): \($0)" }
            }
        }
        guard problems.isEmpty else { throw IntakeProblem.refused(problems) }
        try await acknowledged(records)
        meters.httpAccepted.add(Double(records.count))
        return Response(json: JSON.encode(["batons": taken]), status: .accepted)
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
        do {
            guard case .object(let members) = try JSONValue.parse(body) else {
                throw Refusal("the body must be a JSON object with by and reason")
            }
            var problems: [String] = []
            func text(_ name: String) -> String {
                if case .string(let text)? = members[name], !text.isEmpty { return text }
                problems.append("\(name) is missing: give it as a string")
                return ""
            }
            let (by, reason) = (text("by"), text("reason"))
            for name in members.keys.sorted() where name != "by" && name != "reason" {
                problems.append("\(name) is not a known member")
            }
            guard problems.isEmpty else { throw Refusal(problems) }
            return (by, reason)
        } catch let refusal as Refusal {
            throw .refused(refusal.problems)
        } catch {
            throw .refused(["\(error)"])
        }
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
            try await withThrowingTaskGroup(of: Bool.self) { group in
                defer { group.cancelAll() }
                group.addTask { [write] in
                    try await write(records)
                    return true
                }
                group.addTask { [acknowledgement] in
                    try await Task.sleep(for: acknowledgement)
                    return false
                }
                guard try await group.next() == true else { throw IntakeProblem.notAcknowledged }
            }
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
    /// Headers by lower-case name; of a repeated one the last.
    var plainHeaders: [String: String] {
        Dictionary(headers.map { ($0.name.canonicalName, $0.value) }) { _, last in last }
    }

    /// The trace that the caller says it is in; nil when it says nothing, or nothing that can be read.
    var trace: TraceContext? {
        guard let name = HTTPField.Name(TraceContext.name) else { return nil }
        let said = headers[values: name]
        return said.count == 1 ? TraceContext(said[0]) : nil
    }
}
