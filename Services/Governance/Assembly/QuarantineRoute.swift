// SPDX-License-Identifier: Apache-2.0

import Baton
import HTTPTypes
import Hummingbird
import Ledger
import NIOCore

/// `POST /ledger/quarantine`: puts records of a broken chain aside, with who and why on the ledger.
struct QuarantineRoute: Sendable {
    static let maximumBodyBytes = 64 << 10
    /// Longer than the ledger's writer needs to read its chain and to commit.
    static let patience = Duration.seconds(30)

    /// Nil when it cannot be told what became of the order.
    let putAside: @Sendable (QuarantineOrder) async -> LedgerProcessor.QuarantineAnswer?

    struct Answer: Codable, Equatable {
        var quarantined: [LedgerQuarantine]
    }

    private struct Problem: Codable {
        struct Content: Codable {
            var message: String
            var problems: [String]
        }
        var error: Content
    }

    func add(to router: Router<BasicRequestContext>) {
        router.post("/ledger/quarantine") { request, _ in await answer(request) }
    }

    private func answer(_ request: Request) async -> Response {
        let order: QuarantineOrder
        do {
            let body = try await request.body.collect(upTo: Self.maximumBodyBytes)
            order = try Self.read(Array(body.readableBytesView))
        } catch let refusal as Refusal {
            return Self.problem(.badRequest, "the order cannot be read", refusal.problems)
        } catch {
            return Self.problem(.badRequest, "the order cannot be read", ["\(error)"])
        }
        switch await withinPatience(order) {
        case .done(let asides): return Self.json(Answer(quarantined: asides), .ok)
        case .refused(let refusal):
            return Self.problem(.unprocessableContent, "the chain would not be mended", refusal.problems)
        case .elsewhere:
            return Self.problem(
                .conflict, "chain \(order.partition) is not written by this instance", ["ask another governance"])
        case nil:
            return Self.problem(
                .serviceUnavailable, "it cannot be told whether it was done", ["look at GET /ledger, then ask again"])
        }
    }

    private func withinPatience(_ order: QuarantineOrder) async -> LedgerProcessor.QuarantineAnswer? {
        await withTaskGroup(of: LedgerProcessor.QuarantineAnswer?.self) { group in
            group.addTask { [putAside] in await putAside(order) }
            group.addTask {
                try? await Task.sleep(for: Self.patience)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    /// - Throws: `Refusal` with every problem.
    static func read(_ body: [UInt8]) throws(Refusal) -> QuarantineOrder {
        let order = try JSON.decode(QuarantineOrder.self, from: body)
        var problems: [String] = []
        if order.partition < 0 { problems.append("partition is below 0") }
        if order.by.isEmpty { problems.append("by is empty: say who puts the records aside") }
        if order.reason.isEmpty { problems.append("reason is empty: say why the records are put aside") }
        guard problems.isEmpty else { throw Refusal(problems) }
        return order
    }

    private static func problem(_ status: HTTPResponse.Status, _ message: String, _ problems: [String]) -> Response {
        json(Problem(error: .init(message: message, problems: problems)), status)
    }

    private static func json(_ value: some Encodable, _ status: HTTPResponse.Status) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: JSON.encode(value))))
    }
}
