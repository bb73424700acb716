// SPDX-License-Identifier: Apache-2.0

import Foundation
package import RelayClients

/// A relay that runs on this machine, ours or another process's.
package struct RunningSuite: Sendable {
    /// Where it keeps its things.
    package let layout: SuiteLayout
    /// Kafka's address.
    package let bootstrapServers: String
    /// Base URL of the captain.
    package let captain: String
    /// Base URL for inference; nil for a relay of an earlier version.
    package let inference: String?
    /// Whether it stops when this command ends.
    package let isOurs: Bool
}

/// What a command wants to see while the suite starts.
package protocol StartObserver: Sendable {
    func starting(_ what: String)
    /// Something takes longer than people wait without asking; said again from time to time.
    func waiting(for what: String, _ reason: String)
    /// A process cannot be kept running for now; the others go on.
    func failing(_ failure: RelayFailure)
}

/// A relay of this machine, for as long as a command needs it.
package enum Suite {
    /// Runs `body` with a relay: the one that already runs on the data directory, or a new one that ends with `body`.
    package static func with<Value: Sendable>(
        _ layout: SuiteLayout, environment: [String: String], observer: any StartObserver,
        _ body: @escaping @Sendable (RunningSuite) async throws -> Value
    ) async throws -> Value {
        try layout.makeDataDirectory()
        let lock: DirectoryLock
        switch try await SuiteClaim(layout: layout, environment: environment, observer: observer).claim() {
        case .joined(let running):
            observer.starting("joining the relay that runs on \(layout.dataDirectory)")
            return try await body(running)
        case .ours(let taken): lock = taken
        }
        defer {
            // Addresses of what has stopped would mislead the next command.
            layout.forgetAddresses()
            withExtendedLifetime(lock) {}
        }
        try layout.prepare()
        try LocalGovernance.writeIfMissing(layout, environment)
        let plan = try SuitePlan(layout: layout, environment: environment)
        let inference = try await InferenceAddress.open(layout, .ofCommand(environment)) { observer.starting($0) }
        let external = environment["RELAY_KAFKA_BOOTSTRAP_SERVERS"]
        return try await run(plan, inference, external, observer) { running in
            // From the end of the body on everything stops: whoever comes meanwhile is to wait, not to join.
            defer { layout.forgetAddress(of: SuitePlan.captainName) }
            return try await body(running)
        }
    }

    private static func run<Value: Sendable>(
        _ plan: SuitePlan, _ inference: InferenceAddress, _ external: String?, _ observer: any StartObserver,
        _ body: @escaping @Sendable (RunningSuite) async throws -> Value
    ) async throws -> Value {
        let supervisor = Supervisor(layout: plan.layout, names: plan.names, observer: observer)
        if let external { return try await runServices(supervisor, plan, inference, external, body) }
        // The broker outlives the services, so that they can commit and leave their groups.
        return try await supervisor.with([plan.broker]) {
            let broker = try await supervisor.address(of: SuitePlan.brokerName, within: .seconds(20))
            observer.starting("broker")
            do {
                return try await runServices(supervisor, plan, inference, "\(broker.host):\(broker.port)", body)
            } catch let failure as RelayFailure {
                throw failure.tellingDamage(to: plan.layout)
            }
        }
    }

    private static func runServices<Value: Sendable>(
        _ supervisor: Supervisor, _ plan: SuitePlan, _ inference: InferenceAddress, _ servers: String,
        _ body: @escaping @Sendable (RunningSuite) async throws -> Value
    ) async throws -> Value {
        let services = plan.services(bootstrapServers: servers, inference: inference.socket)
        // Governance outlives the others, so that what they tell last is entered into the ledger.
        return try await supervisor.with(services.filter(plan.entersLedger)) {
            try await supervisor.with(services.filter { !plan.entersLedger($0) }) {
                try await supervisor.ready(services.map(\.name), within: .seconds(30))
                supervisor.started()
                let captain = try await supervisor.address(of: SuitePlan.captainName, within: .seconds(1))
                return try await body(
                    RunningSuite(
                        layout: plan.layout, bootstrapServers: servers, captain: captain.url,
                        inference: inference.url, isOurs: true))
            }
        }
    }
}
