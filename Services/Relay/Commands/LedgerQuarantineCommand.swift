// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import Foundation
import Operations
import RaceView
import RelayClients
import RelaySupervisor
import RelayTerminal
import ShownText

struct LedgerQuarantineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine", abstract: "Put aside what does not belong to a chain, so that the chain goes on.",
        discussion: """
            The record stays where it is, since nothing can be taken out of a topic. An entry on the ledger says which \
            one it is, who put it aside and why, and everybody who checks the chain passes over it.
            """)

    @OptionGroup var suite: SuiteOptions

    @Option(help: "The chain's partition.")
    var partition: Int32

    @Option(help: "A foreign record's offset; what plainly does not belong unless given. May be repeated.")
    var offset: [Int64] = []

    @Option(help: "Why, for the ledger.")
    var reason: String

    @Option(help: "Who puts it aside; the user who runs the command unless given.")
    var by: String?

    @Option(
        help: "Base URL of a governance instance; those of the data directory's relay unless given. May be repeated.")
    var governance: [String] = []

    private struct Order: Encodable {
        var partition: Int32
        var offsets: [Int64]
        var by: String
        var reason: String
    }

    private struct Done: Decodable {
        var quarantined: [LedgerQuarantine]
    }

    func run() async throws {
        try await reporting {
            let user = LocalGovernance.requester(ProcessInfo.processInfo.environment)
            let order = Order(partition: partition, offsets: offset, by: by ?? user, reason: reason)
            let done = try await ask(order, try instances())
            for record in done.quarantined {
                Terminal().line("put aside  chain \(partition), offset \(record.offset): \(record.problem.shown())")
            }
        }
    }

    /// Each chain is written by one instance; the others say that it is not theirs.
    private func ask(_ order: Order, _ instances: [String]) async throws -> Done {
        var answers: [String] = []
        for url in instances {
            let answer: HTTPClient.Response
            do {
                answer = try await HTTPClient(timeout: .seconds(40)).post(
                    url + "/ledger/quarantine", body: JSON.encode(order),
                    headers: ["content-type": "application/json"])
            } catch let error as HTTPClientError {
                answers.append("\(url): \(inPlainWords(error))")
                continue
            }
            if answer.isSuccess { return try JSON.decode(Done.self, from: answer.body) }
            let problems = CaptainClient.problems(answer.body)
            // Only this one could have done it.
            guard answer.status == 409 else {
                throw RelayFailure(
                    "the records were not put aside (HTTP \(answer.status)): \(problems)",
                    remedy: "`relay ledger verify` shows the chain; mend what the answer names, and ask again")
            }
            answers.append("\(url): \(problems)")
        }
        throw RelayFailure(
            "no governance instance that was asked writes chain \(partition): \(answers.joined(separator: "; "))",
            remedy: "name all instances with --governance, and see that one of them is ready")
    }

    private func instances() throws -> [String] {
        if !governance.isEmpty { return governance }
        let names = SuitePlan.lanes.map { $0 == "primary" ? "governance" : "governance-\($0)" }
        let found = names.compactMap { ProcessAddress.read(suite.layout.addressFile(of: $0))?.url }
        guard !found.isEmpty else {
            throw RelayFailure(
                "no relay runs on \(suite.layout.dataDirectory)",
                remedy: "name the instances of governance with --governance")
        }
        return found
    }
}
