// SPDX-License-Identifier: Apache-2.0

import Baton
import ChildProcess
import FoundationEssentials
package import Logging
import NIOPosix
import Operations
import Synchronization

/// One lane process and the connections to it.
package final class ServingLane: Sendable, Identifiable {
    /// How long a lane may finish what it has before it is killed.
    static let grace: Duration = .seconds(5)

    /// Unique, and never used again.
    package let id: String
    /// Where it listens, on the loopback.
    package let port: Int
    /// The connections to it.
    package let client: LaneClient
    private let child: ChildProcess
    private let tail: RecentLines
    private let ended: Watched<ExitReport?>
    /// Waits for the child's end and notes its report. It ends with the child, so it needs no cancelling; once it has
    /// ended, `takeCPU` counts all that the child used.
    private let watcher: Task<Void, Never>
    private let cpuReported = Mutex(Duration.zero)

    /// Of the lane's process.
    package var processID: Int32 { child.processID }

    private init(
        id: String, port: Int, child: ChildProcess, tail: RecentLines, ended: Watched<ExitReport?>,
        watcher: Task<Void, Never>
    ) {
        self.id = id
        self.port = port
        self.child = child
        self.tail = tail
        self.ended = ended
        self.watcher = watcher
        client = LaneClient(host: "127.0.0.1", port: port)
    }

    /// Starts a lane and waits until it answers that it is ready.
    /// - Throws: ``LaneFailure`` with the lane's last lines, or `CancellationError`; nothing is left running then.
    package static func start(_ specification: LaneSpecification, logger: Logger) async throws -> ServingLane {
        let id = "lane-" + String(UInt64.random(in: .min ... .max), radix: 36)
        let tail = RecentLines(limit: 20)
        let files = Files(directory: specification.directory, id: id)
        do {
            let lane = try await start(specification, id, files, tail, logger)
            await files.remove()
            return lane
        } catch {
            await files.remove()
            throw error
        }
    }

    private static func start(
        _ specification: LaneSpecification, _ id: String, _ files: Files, _ tail: RecentLines, _ logger: Logger
    ) async throws -> ServingLane {
        if let features = specification.features { try await files.declare(features) }
        let child = try await spawn(specification, files, tail, logger, id)
        let ended = Watched<ExitReport?>(nil)
        let watcher = Task { ended.update { [report = await child.exit()] in $0 = report } }
        do {
            let port = try await within(specification.startTimeout) {
                try await address(in: files.address, ended, tail)
            }
            guard let port else {
                throw LaneFailure("the lane was not ready within \(specification.startTimeout)", saying: tail)
            }
            let lane = ServingLane(
                id: id, port: port, child: child, tail: tail, ended: ended, watcher: watcher)
            try await lane.confirmReady(tail)
            return lane
        } catch {
            await child.terminate(grace: .seconds(1))
            throw error
        }
    }

    /// The last lines that the lane wrote; nil when there were none.
    package var said: String? { tail.text }

    /// Waits for the end of the process.
    /// - Throws: `CancellationError`.
    func exit() async throws -> ExitReport {
        try await ended.first { $0 }
    }

    /// Asks the process to end, kills it when the grace is over, and waits for its end.
    package func stop() async {
        client.close()
        await child.terminate(grace: Self.grace)
        await watcher.value
    }

    /// Ends the process at once.
    package func kill() async {
        client.close()
        child.signal(.kill)
        await watcher.value
    }

    /// Whether the lane says that it is ready.
    func isReady(timeout: Duration) async -> Bool {
        do {
            return try await client.send(.get("/v2/health/ready"), timeout: timeout).status == 200
        } catch {
            return false
        }
    }

    /// Processor time since this was last asked, to the end of the process at most.
    package func takeCPU() -> Duration {
        let total = ended.value.map { $0.userCPU + $0.systemCPU } ?? ProcessorTime.of(processID)
        guard let total else { return .zero }
        return cpuReported.withLock { reported in
            // The total may seem to shrink at the end: /proc counts in ticks, the report of the end in microseconds.
            guard total > reported else { return .zero }
            defer { reported = total }
            return total - reported
        }
    }
}

extension ServingLane {
    /// How often to look for the address.
    private static let pollInterval: Duration = .milliseconds(10)

    private struct Address: Decodable {
        let port: Int
    }

    /// The files through which a starting lane is told its features and tells its address.
    private struct Files: Sendable {
        let address: String
        let features: String

        init(directory: String, id: String) {
            address = "\(directory)/\(id).address"
            features = "\(directory)/\(id).features"
        }

        func declare(_ names: [String]) async throws {
            try await NIOThreadPool.singleton.runIfActive {
                try Data(JSON.encode(names)).write(to: URL(filePath: features))
            }
        }

        func remove() async {
            // A failure is ignored: the directory is emptied at the next start of the service.
            try? await NIOThreadPool.singleton.runIfActive {
                for path in [address, features] { try? FileManager.default.removeItem(atPath: path) }
            }
        }
    }

    private static func spawn(
        _ specification: LaneSpecification, _ files: Files, _ tail: RecentLines, _ logger: Logger, _ id: String
    ) async throws -> ChildProcess {
        do {
            return try await ChildProcess.spawn(
                Command(
                    executable: specification.executable,
                    arguments: specification.arguments(addressFile: files.address, featuresFile: files.features),
                    environment: specification.environment,
                    output: .lines { _, line in
                        tail.add(line)
                        logger.info("lane says", metadata: ["lane": "\(id)", "line": "\(line)"])
                    }))
        } catch {
            throw LaneFailure(error.description)
        }
    }

    private static func address(
        in file: String, _ ended: Watched<ExitReport?>, _ tail: RecentLines
    ) async throws -> Int {
        while true {
            if let report = ended.value {
                throw LaneFailure("the lane ended with \(report.status) before it was ready", saying: tail)
            }
            let port = try await NIOThreadPool.singleton.runIfActive { () -> Int? in
                guard let content = FileManager.default.contents(atPath: file) else { return nil }
                return try JSONDecoder().decode(Address.self, from: content).port
            }
            if let port { return port }
            try await Task.sleep(for: pollInterval)
        }
    }

    private func confirmReady(_ tail: RecentLines) async throws {
        do {
            let answer = try await client.send(.get("/v2/health/ready"), timeout: .seconds(5))
            guard answer.status == 200 else {
                throw LaneFailure("the lane answers \(answer.status) when asked whether it is ready", saying: tail)
            }
        } catch let error as LaneTransportError {
            throw LaneFailure("the lane cannot be reached: \(error)", saying: tail)
        }
    }
}
