// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import NIOCore
import NIOPosix
import Operations
import Synchronization

/// All processes of a race, the links between them and the broker, and the disks: where faults are done.
final class Arena: Sendable {
    let venue: Venue
    /// A link without faults, for whoever watches.
    let outside: Link
    private let links: [String: Link]
    private let runners: [String: Runner]
    private let disks: [String: SmallDisk]
    private let started: AsyncStream<Runner>
    private let starter: AsyncStream<Runner>.Continuation
    private let more = Mutex(More())

    private struct More {
        /// Further instances by the fault that started them.
        var byFault: [Int: [Runner]] = [:]
        var instances: [String: Int] = [:]
        var all: [Runner] = []
        var uncleanStops: [String] = []
    }

    /// Starts everything, runs `body`, and stops everything whichever way it ends.
    static func with<Value: Sendable>(
        _ venue: Venue, smallDisks: Bool, _ body: @escaping @Sendable (Arena) async throws -> Value
    ) async throws -> Value {
        try venue.prepare()
        var disks: [String: SmallDisk] = [:]
        if smallDisks {
            disks[Cast.broker] = try SmallDisk.mount(venue.broker)
            disks[Cast.store] = try SmallDisk.mount(venue.store)
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let result: Result<Value, any Error>
        do {
            let arena = try await Arena(venue, disks, group)
            result = .success(try await arena.run(body))
        } catch {
            result = .failure(error)
        }
        // Links and their connections end with their event loop.
        try await group.shutdownGracefully()
        for disk in disks.values { try disk.unmount() }
        return try result.get()
    }

    private init(_ venue: Venue, _ disks: [String: SmallDisk], _ group: MultiThreadedEventLoopGroup) async throws {
        self.venue = venue
        self.disks = disks
        let file = venue.addressFile(of: Cast.broker)
        var links: [Link] = []
        for index in 0...Cast.services.count {
            links.append(
                try await Link.open(on: group.next()) {
                    ProcessAddress.read(file)?.listeners.flatMap { index < $0.count ? $0[index].port : nil }
                })
        }
        let ports = links.map(\.port)
        outside = links[0]
        self.links = Dictionary(uniqueKeysWithValues: zip(Cast.services, links.dropFirst()))
        (started, starter) = AsyncStream.makeStream(of: Runner.self, bufferingPolicy: .unbounded)
        let broker = Runner(
            name: Cast.broker,
            // Its ports may be somebody else's as soon as it is gone.
            whenDown: { try? FileManager.default.removeItem(atPath: file) },
            command: { venue.brokerCommand(links: ports, skewSeconds: $0) })
        var runners = [Cast.broker: broker]
        for service in Cast.services {
            runners[service] = Self.runner(service, 0, venue, link: self.links[service]?.port ?? 0)
        }
        self.runners = runners
    }

    private static func runner(_ service: String, _ instance: Int, _ venue: Venue, link: Int) -> Runner {
        let name = Venue.process(service, instance)
        return Runner(
            name: name, whenDown: { try? FileManager.default.removeItem(atPath: venue.addressFile(of: name)) },
            command: { venue.command(service, instance: instance, link: link, skewSeconds: $0) })
    }

    private func run<Value: Sendable>(_ body: @escaping @Sendable (Arena) async throws -> Value) async throws -> Value {
        let services = runners.values.filter { $0.name != Cast.broker }
        // The broker outlives the services, so that they can commit and leave their groups.
        return try await withThrowingTaskGroup(of: Value?.self) { outer in
            outer.addTask { [broker = runners[Cast.broker]] in
                try await broker?.run()
                return nil
            }
            outer.addTask {
                try await withThrowingTaskGroup(of: Value?.self) { inner in
                    for runner in services { self.add(runner, to: &inner) }
                    inner.addTask { try await body(self) }
                    inner.addTask { try await self.runMore() }
                    return try await Self.firstValue(&inner)
                }
            }
            return try await Self.firstValue(&outer)
        }
    }

    private func add<Value>(_ runner: Runner, to group: inout ThrowingTaskGroup<Value?, any Error>) {
        group.addTask {
            try await runner.run()
            return nil
        }
    }

    private func runMore<Value: Sendable>() async throws -> Value? {
        try await withThrowingDiscardingTaskGroup { group in
            for await runner in started { group.addTask { try await runner.run() } }
        }
        return nil
    }

    private static func firstValue<Value>(
        _ group: inout ThrowingTaskGroup<Value?, any Error>
    ) async throws -> Value {
        defer { group.cancelAll() }
        while let outcome = try await group.next() {
            if let outcome { return outcome }
        }
        throw CancellationError()
    }

    /// Waits until everything says that it is ready.
    func ready(within limit: Duration) async throws {
        let clock = ContinuousClock()
        let end = clock.now + limit
        for service in Cast.services {
            while try await !isReady(service) {
                guard clock.now < end else {
                    throw ChaosFailure(
                        "\(service) is not ready within \(limit.text); its log is \(venue.log(of: service))")
                }
                try await clock.sleep(for: .milliseconds(50))
            }
        }
    }

    private func isReady(_ service: String) async throws -> Bool {
        try Task.checkCancellation()
        guard let url = url(of: service) else { return false }
        return (try? await HTTPClient(timeout: .seconds(2)).get(url + "/health/ready"))?.isSuccess == true
    }

    /// Where a process answers at the moment; nil while it is down.
    func url(of process: String) -> String? {
        ProcessAddress.read(venue.addressFile(of: process)).map { "http://127.0.0.1:\($0.port)" }
    }

    // MARK: Faults

    func begin(_ fault: Fault) async throws {
        let runner = runners[fault.target]
        switch fault.effect {
        case .kill: runner?.kill()
        case .freeze, .longFreeze: runner?.freeze()
        case .stop:
            if let report = await runner?.stop(), !report.succeeded {
                more.withLock { $0.uncleanStops.append("\(fault.target): \(report.status)") }
            }
        case .skew(let seconds):
            runner?.kill()
            runner?.rise(skewSeconds: seconds)
        case .fullDisk: try disks[fault.target]?.fill()
        case .scale(let instances): scale(fault, by: instances)
        case .cut, .hold, .delay, .throttle:
            if let conditions = Conditions(fault.effect) { try await links[fault.target]?.set(conditions) }
        }
    }

    func end(_ fault: Fault) async throws {
        let runner = runners[fault.target]
        switch fault.effect {
        case .kill, .stop: runner?.rise()
        case .freeze, .longFreeze: runner?.thaw()
        case .skew:
            runner?.kill()
            runner?.rise()
        case .fullDisk: try disks[fault.target]?.heal()
        case .scale: await shrink(fault)
        case .hold(_, let thenReset): try await links[fault.target]?.set(.healthy, resets: thenReset)
        case .cut, .delay, .throttle: try await links[fault.target]?.set(.healthy)
        }
    }

    private func scale(_ fault: Fault, by instances: Int) {
        let port = links[fault.target]?.port ?? 0
        let runners = more.withLock { more in
            let runners = (0..<instances).map { _ in
                let instance = more.instances[fault.target, default: 0] % 4 + 1
                more.instances[fault.target] = instance
                return Self.runner(fault.target, instance, venue, link: port)
            }
            more.byFault[fault.number] = runners
            more.all += runners
            return runners
        }
        runners.forEach { starter.yield($0) }
    }

    private func shrink(_ fault: Fault) async {
        let runners = more.withLock { $0.byFault.removeValue(forKey: fault.number) } ?? []
        await withDiscardingTaskGroup { group in
            for runner in runners { group.addTask { await runner.retire() } }
        }
    }

    /// Processes that ended without having been ended.
    var ownEnds: [Runner.OwnEnd] { (runners.values + more.withLock { $0.all }).flatMap(\.ownEnds) }

    /// Clean stops that were none.
    var uncleanStops: [String] { more.withLock { $0.uncleanStops } }
}
