// SPDX-License-Identifier: Apache-2.0

import CChildProcess
import Glibc
import Synchronization

/// A program that runs as a child of this process, leading a process group of its own.
///
/// Nothing that it starts outlives this process, however this process ends, nor the child itself: not its group, and
/// not what moved to another group or session. Letting go of the value does not end the child: use
/// ``run(_:grace:)``, or ``terminate(grace:)``, where that is wanted.
public final class ChildProcess: Sendable {
    /// The child's process id, which is also the id of its group.
    public let processID: Int32

    private let guardian: pid_t
    private let state = Mutex(State.running(waiters: []))

    private enum State {
        case running(waiters: [CheckedContinuation<ExitReport, Never>])
        case ended(ExitReport)
    }

    private init(_ spawned: relay_spawn_result) {
        processID = spawned.child
        guardian = spawned.guardian
    }

    /// Starts a command and returns once its program runs.
    /// - Throws: ``SpawnError``; nothing is left running then.
    public static func spawn(_ command: Command) async throws(SpawnError) -> ChildProcess {
        try command.validate()
        let result: Result<ChildProcess, SpawnError> = await withCheckedContinuation { continuation in
            // The kernel takes the death of the thread that forked for ours, so that thread stays.
            let code = DedicatedThread.start {
                live(command) { continuation.resume(returning: $0) }
            }
            if code != 0 {
                let error = SpawnError(step: .process, code: code, executable: command.executable, subject: "")
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }

    /// Waits for the end. Any number of callers may wait, also after it; being cancelled does not end the wait.
    public func exit() async -> ExitReport {
        await withCheckedContinuation { continuation in
            let ended: ExitReport? = state.withLock {
                switch $0 {
                case .ended(let report): return report
                case .running(let waiters):
                    $0 = .running(waiters: waiters + [continuation])
                    return nil
                }
            }
            if let ended { continuation.resume(returning: ended) }
        }
    }

    /// Sends a signal to the child, or to everything in its group.
    /// - Returns: whether the child had not ended before.
    @discardableResult
    public func signal(_ signal: Signal, wholeGroup: Bool = true) -> Bool {
        send(signal, wholeGroup: wholeGroup, graceMilliseconds: -1)
    }

    /// Asks the whole group to end, kills it when `grace` is over, and waits for the end.
    ///
    /// The grace is kept by the operating system's clock, whether or not the calling task is cancelled, and is cut to
    /// 69 minutes.
    @discardableResult
    public func terminate(grace: Duration) async -> ExitReport {
        beginTermination(grace: grace)
        return await exit()
    }

    /// Runs a command to its end. When the calling task is cancelled the whole group is asked to end, and is killed
    /// when `grace` is over; the report then says how the child ended. Whoever cancels waits 2 s for it, not more.
    /// - Throws: ``SpawnError``.
    public static func run(_ command: Command, grace: Duration = .seconds(1)) async throws(SpawnError) -> ExitReport {
        let child = try await spawn(command)
        return await withTaskCancellationHandler {
            await child.exit()
        } onCancel: {
            child.beginTermination(grace: grace)
        }
    }

    private func beginTermination(grace: Duration) {
        let (seconds, attoseconds) = grace.components
        let bounded = max(0, min(seconds, 1_000_000))
        let milliseconds = bounded * 1000 + attoseconds / 1_000_000_000_000_000
        send(.terminate, wholeGroup: true, graceMilliseconds: CInt(clamping: max(0, milliseconds)))
    }

    @discardableResult
    private func send(_ signal: Signal, wholeGroup: Bool, graceMilliseconds: CInt) -> Bool {
        // Under the lock: the guardian's id is its own until it is collected, which the lock also guards.
        state.withLock {
            guard case .running = $0 else { return false }
            return relay_signal(guardian, signal.rawValue, wholeGroup ? 1 : 0, graceMilliseconds) == 0
        }
    }
}

extension ChildProcess {
    /// The life of the child's thread: start it, carry its output, collect it.
    private static func live(_ command: Command, started: (Result<ChildProcess, SpawnError>) -> Void) {
        do throws(SpawnError) {
            try carry(command, OutputPlan(command), started: started)
        } catch {
            started(.failure(error))
        }
    }

    /// Throws before it has called `started`, or calls it and returns when the child has been collected.
    private static func carry(
        _ command: Command, _ output: consuming OutputPlan, started: (Result<ChildProcess, SpawnError>) -> Void
    ) throws(SpawnError) {
        let spawned = try fork(command, output)
        let clock = ContinuousClock()
        let begin = clock.now
        var plan = output
        plan.closeChildEnds()
        let child = ChildProcess(spawned)
        started(.success(child))

        if case .lines(let deliver) = command.output {
            OutputPump(plan.pumps, until: spawned.report).run(deliver)
        }
        var exit = relay_exit()
        let counted = relay_read_exit(spawned.report, &exit) == 1
        let elapsed = clock.now - begin
        close(spawned.report)
        child.end(counted ? ExitReport(exit, elapsed: elapsed) : ExitReport(killedUncountedAfter: elapsed))
    }

    private func end(_ report: ExitReport) {
        let waiters: [CheckedContinuation<ExitReport, Never>] = state.withLock {
            guard case .running(let waiters) = $0 else { return [] }
            $0 = .ended(report)
            return waiters
        }
        relay_reap(guardian)
        for waiter in waiters { waiter.resume(returning: report) }
    }

    private static func fork(
        _ command: Command, _ plan: borrowing OutputPlan
    ) throws(SpawnError) -> relay_spawn_result {
        let arguments = CStrings([command.executable] + command.arguments)
        var variables = command.environment
        if command.listeningSocket != nil {
            // The child writes its own id over this one, which nobody knows yet.
            variables.merge(["LISTEN_FDS": "1", "LISTEN_PID": String(repeating: "0", count: 20)]) { $1 }
        }
        let sorted = variables.sorted { $0.key < $1.key }
        let environment = CStrings(sorted.map { "\($0.key)=\($0.value)" })
        let listenPID = command.listeningSocket.flatMap { _ in
            sorted.firstIndex { $0.key == "LISTEN_PID" }.flatMap { environment.pointer[$0] }
        }
        let view = try ViewPlan(command)
        let paths = CStrings([command.executable] + (command.workingDirectory.map { [$0] } ?? []))
        var request = relay_spawn_request(
            executable: paths.pointer[0], arguments: arguments.pointer, environment: environment.pointer,
            working_directory: paths.pointer[1], view: view.pointer, standard_output: plan.standardOutput,
            standard_error: plan.standardError, listening_socket: command.listeningSocket ?? -1,
            listen_pid: listenPID.map { $0 + "LISTEN_PID=".utf8.count })
        var result = relay_spawn_result()
        guard relay_spawn(&request, &result) == 0 else {
            throw SpawnError(result, command)
        }
        return result
    }
}

extension SpawnError {
    fileprivate init(_ result: relay_spawn_result, _ command: Command) {
        step =
            switch UInt32(bitPattern: result.step) {
            case RELAY_SPAWN_DESCRIPTORS.rawValue: .output
            case RELAY_SPAWN_DIRECTORY.rawValue: .workingDirectory
            case RELAY_SPAWN_EXECUTE.rawValue: .executable
            case RELAY_SPAWN_VIEW.rawValue: .view
            default: .process
            }
        code = result.error
        executable = command.executable
        subject = step == .workingDirectory ? command.workingDirectory ?? "" : ""
    }
}

extension Command {
    /// A NUL would silently cut a C string short.
    fileprivate func validate() throws(SpawnError) {
        func refuse(_ subject: String) -> SpawnError {
            SpawnError(step: .command, code: EINVAL, executable: executable, subject: subject)
        }
        let paths = [executable, workingDirectory ?? "", view?.base ?? ""] + (view?.adding.flatMap { [$0, $1] } ?? [])
        for text in paths + arguments where text.utf8.contains(0) {
            throw refuse("\"\(text.replacing("\0", with: "\\0"))\" holds a NUL character")
        }
        for (name, value) in environment {
            if name.isEmpty || name.utf8.contains(0) || name.utf8.contains(UInt8(ascii: "=")) {
                throw refuse("\"\(name.replacing("\0", with: "\\0"))\" cannot name an environment variable")
            }
            // Not the value itself: it may be a secret.
            if value.utf8.contains(0) { throw refuse("the environment variable \(name) holds a NUL character") }
        }
    }
}
