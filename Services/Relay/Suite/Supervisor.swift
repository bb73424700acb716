// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Operations
import Synchronization

/// Runs the processes of a relay, starts again what ends, and stops all of them when it is cancelled.
struct Supervisor: Sendable {
    let layout: SuiteLayout
    /// After SIGTERM; a service's own limit is 10 s.
    static let grace = Duration.seconds(12)

    /// Runs `body` while the processes run; whichever way it ends, they are stopped before this returns.
    /// - Throws: what `body` throws; `RelayFailure` when a process cannot be kept alive.
    func with<Value: Sendable>(
        _ processes: [SuiteProcess], _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            for process in processes {
                group.addTask {
                    try await keepAlive(process)
                    return nil
                }
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            while let outcome = try await group.next() {
                if let value = outcome { return value }
            }
            throw CancellationError()
        }
    }

    private func keepAlive(_ process: SuiteProcess) async throws {
        var supervision = Supervision()
        var port = 0
        while !Task.isCancelled {
            let report = try await ChildProcess.run(process.command(port: port, layout), grace: Self.grace)
            if Task.isCancelled { return }
            // The same address again, so that whoever talked to the process finds it.
            port = ProcessAddress.read(layout.addressFile(of: process.name))?.port ?? port
            let code: Int? = if case .exited(let code) = report.status { code } else { nil }
            switch supervision.ended(afterLiving: report.elapsed, exitCode: code, how: "\(report.status)") {
            case .restart(let delay): try await Task.sleep(for: delay)
            case .giveUp(let reason):
                throw RelayFailure(
                    "the \(process.name) process cannot be kept running: \(reason)", log: layout.log(of: process.name),
                    remedy: "read the last lines of the log, mend what they name, and run the command again")
            }
        }
    }

    /// The address of a process, as soon as it listens.
    func address(of name: String, within limit: Duration) async throws -> ProcessAddress {
        let path = layout.addressFile(of: name)
        return try await poll(within: limit, "the \(name) process did not start to listen", name) {
            ProcessAddress.read(path)
        }
    }

    /// Waits until each process says that it is ready.
    func ready(_ names: [String], within limit: Duration, each: @Sendable (String) -> Void) async throws {
        let client = HTTPClient(timeout: .seconds(2))
        for name in names {
            let path = layout.addressFile(of: name)
            let reason = Mutex("it does not listen")
            _ = try await poll(within: limit, "the \(name) process did not get ready", name) {
                guard let address = ProcessAddress.read(path),
                    let answer = try? await client.get(address.url + "/health/ready")
                else { return nil as Bool? }
                reason.withLock { $0 = answer.text }
                return answer.isSuccess ? true : nil
            } detail: {
                reason.withLock { $0 }
            }
            each(name)
        }
    }

    private func poll<Value: Sendable>(
        within limit: Duration, _ what: String, _ name: String, _ look: @Sendable () async -> Value?,
        detail: @Sendable () -> String = { "" }
    ) async throws -> Value {
        let clock = ContinuousClock()
        let end = clock.now + limit
        while clock.now < end {
            if let value = await look() { return value }
            try await Task.sleep(for: .milliseconds(20))
        }
        let words = detail()
        throw RelayFailure(
            "\(what) within \(limit.components.seconds) s\(words.isEmpty ? "" : " (\(words))")",
            log: layout.log(of: name), remedy: "read the last lines of the log; then run the command again")
    }
}
