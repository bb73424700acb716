// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A relay that runs on this machine, ours or another process's.
struct RunningSuite: Sendable {
    let layout: SuiteLayout
    /// Kafka's address.
    let bootstrapServers: String
    /// Base URL of the captain.
    let captain: String
    /// Base URL for inference; nil for a relay of an earlier version.
    let inference: String?
    /// Whether it stops when this command ends.
    let isOurs: Bool
}

/// What a command wants to see while the suite starts.
protocol StartObserver: Sendable {
    func starting(_ what: String)
}

enum Suite {
    /// Runs `body` with a relay: the one that already runs on the data directory, or a new one that ends with `body`.
    static func with<Value: Sendable>(
        _ layout: SuiteLayout, environment: [String: String], observer: any StartObserver,
        _ body: @escaping @Sendable (RunningSuite) async throws -> Value
    ) async throws -> Value {
        try FileManager.default.createDirectory(atPath: layout.dataDirectory, withIntermediateDirectories: true)
        guard let lock = try DirectoryLock.take(layout.lock) else {
            observer.starting("joining the relay that runs on \(layout.dataDirectory)")
            return try await body(join(layout, environment))
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
        return try await run(plan, inference, environment["RELAY_KAFKA_BOOTSTRAP_SERVERS"], observer, body)
    }

    private static func run<Value: Sendable>(
        _ plan: SuitePlan, _ inference: InferenceAddress, _ external: String?, _ observer: any StartObserver,
        _ body: @escaping @Sendable (RunningSuite) async throws -> Value
    ) async throws -> Value {
        let supervisor = Supervisor(layout: plan.layout) { failure in
            FileHandle.standardError.write(Data("relay: \(failure)\n".utf8))
        }
        if let external { return try await runServices(supervisor, plan, inference, external, observer, body) }
        // The broker outlives the services, so that they can commit and leave their groups.
        return try await supervisor.with([plan.broker]) {
            observer.starting("broker")
            let broker = try await supervisor.address(of: SuitePlan.brokerName, within: .seconds(20))
            let servers = "\(broker.host):\(broker.port)"
            do {
                return try await runServices(supervisor, plan, inference, servers, observer, body)
            } catch let failure as RelayFailure {
                throw failure.tellingDamage(to: plan.layout)
            }
        }
    }

    private static func runServices<Value: Sendable>(
        _ supervisor: Supervisor, _ plan: SuitePlan, _ inference: InferenceAddress, _ servers: String,
        _ observer: any StartObserver,
        _ body: @escaping @Sendable (RunningSuite) async throws -> Value
    ) async throws -> Value {
        let services = plan.services(bootstrapServers: servers, inference: inference.socket)
        // Governance outlives the others, so that what they tell last is entered into the ledger.
        return try await supervisor.with(services.filter(plan.entersLedger)) {
            try await supervisor.with(services.filter { !plan.entersLedger($0) }) {
                try await supervisor.ready(services.map(\.name), within: .seconds(30)) { observer.starting($0) }
                supervisor.started()
                let captain = try await supervisor.address(of: SuitePlan.captainName, within: .seconds(1))
                return try await body(
                    RunningSuite(
                        layout: plan.layout, bootstrapServers: servers, captain: captain.url,
                        inference: inference.url, isOurs: true))
            }
        }
    }

    private static func join(_ layout: SuiteLayout, _ environment: [String: String]) throws -> RunningSuite {
        let broker = ProcessAddress.read(layout.addressFile(of: SuitePlan.brokerName)).map { "\($0.host):\($0.port)" }
        guard let captain = ProcessAddress.read(layout.addressFile(of: SuitePlan.captainName)),
            let servers = environment["RELAY_KAFKA_BOOTSTRAP_SERVERS"] ?? broker
        else {
            throw RelayFailure(
                "another relay is starting or stopping on \(layout.dataDirectory)",
                remedy: "wait for it, or choose another directory with --data-directory")
        }
        return RunningSuite(
            layout: layout, bootstrapServers: servers, captain: captain.url,
            inference: InferenceAddress.known(layout), isOurs: false)
    }
}
