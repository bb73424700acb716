// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Operations
import RelayClients
import Synchronization

/// Runs the processes of a relay, starts again what ends, and stops all of them when it is cancelled.
///
/// Until the relay has started, a process that cannot be kept running ends it. After that the others go on without it,
/// and it is tried again now and then.
struct Supervisor: Sendable {
    let layout: SuiteLayout
    private let observer: any StartObserver
    private let logs: [String: ProcessLog]
    private let start = Start()

    private final class Start: Sendable {
        let isOver = Mutex(false)
    }

    /// After SIGTERM; a service's own limit is 10 s.
    static let grace = Duration.seconds(12)

    /// - Parameter names: All that it will run; their logs are read from where they end now.
    init(layout: SuiteLayout, names: [String], observer: any StartObserver) {
        self.layout = layout
        self.observer = observer
        logs = Dictionary(names.map { ($0, ProcessLog(path: layout.log(of: $0))) }) { $1 }
    }

    /// The whole relay is ready.
    func started() { start.isOver.withLock { $0 = true } }

    /// Runs `body` while the processes run; whichever way it ends, they are stopped before this returns.
    /// - Throws: what `body` throws; `RelayFailure` when a process cannot be kept alive.
    func with<Value: Sendable>(
        _ processes: [SuiteProcess], _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let (failures, failure) = AsyncStream<any Error>.makeStream()
        // Owned by this function, and apart from its task: when that is cancelled `body` ends first, and with it what
        // needs these processes until its own end.
        let keepers = processes.map { process in
            Task {
                do { try await keepAlive(process) } catch { failure.yield(error) }
            }
        }
        let ended: Result<Value, any Error>
        do {
            ended = .success(try await unless(failures, body))
        } catch {
            ended = .failure(error)
        }
        for keeper in keepers { keeper.cancel() }
        for keeper in keepers { await keeper.value }
        return try ended.get()
    }

    /// Runs `body`, and cancels it when there is a failure.
    private func unless<Value: Sendable>(
        _ failures: AsyncStream<any Error>, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await body() }
            group.addTask {
                for await failure in failures { throw failure }
                return nil
            }
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
            let life = try await live(process, port)
            if Task.isCancelled { return }
            // The same address again, so that whoever talked to the process finds it.
            port = ProcessAddress.read(layout.addressFile(of: process.name))?.port ?? port
            let hasStarted = start.isOver.withLock { $0 }
            switch supervision.ended(
                afterLiving: life.elapsed, exitCode: life.code, how: life.how, hasStarted: hasStarted)
            {
            case .restart(let delay): try await Task.sleep(for: delay)
            case .giveUp(let reason):
                throw failure(process, reason, remedy: "mend what is named, and run the command again")
            case .restartLater(let delay, let reason):
                observer.failing(
                    failure(
                        process, reason,
                        remedy: "mend what is named; the others go on, and it is started again every "
                            + "\(delay.components.seconds) s"))
                try await Task.sleep(for: delay)
            }
        }
    }

    private func failure(_ process: SuiteProcess, _ reason: String, remedy: String) -> RelayFailure {
        failure(process.name, "the \(process.name) process cannot be kept running: \(reason)", remedy: remedy)
    }

    /// One life of a process. One that cannot even be started while the others run has had a short one.
    private func live(
        _ process: SuiteProcess, _ port: Int
    ) async throws -> (elapsed: Duration, code: Int?, how: String) {
        do {
            let report = try await ChildProcess.run(process.command(port: port, layout), grace: Self.grace)
            let code: Int? = if case .exited(let code) = report.status { code } else { nil }
            return (report.elapsed, code, "\(report.status)")
        } catch {
            guard start.isOver.withLock({ $0 }) else { throw error }
            return (.zero, nil, inPlainWords(error))
        }
    }

    /// A failure with the one line of the process's log that explains it.
    private func failure(_ name: String, _ reason: String, remedy: String) -> RelayFailure {
        let said = logs[name]?.trouble.map { ". It said: \($0.hasSuffix(".") ? String($0.dropLast()) : $0)" } ?? ""
        return RelayFailure(reason + said, log: layout.log(of: name), remedy: remedy)
    }

    /// The address of a process, as soon as it listens.
    func address(of name: String, within limit: Duration) async throws -> ProcessAddress {
        let path = layout.addressFile(of: name)
        return try await poll(within: limit, "the \(name) process did not start to listen", name) {
            ProcessAddress.read(path)
        } detail: {
            "it does not listen yet"
        }
    }

    /// Waits until each process says that it is ready.
    func ready(_ names: [String], within limit: Duration) async throws {
        let client = HTTPClient(timeout: .seconds(2))
        for name in names {
            let path = layout.addressFile(of: name)
            let reason = Mutex("it does not listen yet")
            _ = try await poll(within: limit, "the \(name) process did not get ready", name) {
                guard let address = ProcessAddress.read(path),
                    let answer = try? await client.get(address.url + "/health/ready")
                else { return nil as Bool? }
                let problems = HealthAnswer.problems(status: answer.status, body: answer.body)
                reason.withLock { $0 = problems.joined(separator: "; ") }
                return answer.isSuccess ? true : nil
            } detail: {
                reason.withLock { $0 }
            }
            observer.starting(name)
        }
    }

    private func poll<Value: Sendable>(
        within limit: Duration, _ what: String, _ name: String, _ look: @Sendable () async -> Value?,
        detail: @Sendable () -> String
    ) async throws -> Value {
        let clock = ContinuousClock()
        let end = clock.now + limit
        var patience = WaitingNotice(from: clock.now)
        while clock.now < end {
            if let value = await look() { return value }
            if patience.isDue(at: clock.now) { observer.waiting(for: name, "\(detail())") }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw failure(
            name, "\(what) within \(limit.components.seconds) s (\(detail()))",
            remedy: "mend what is named, and run the command again")
    }
}
