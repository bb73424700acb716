// SPDX-License-Identifier: Apache-2.0

import CChildProcess
import Glibc

/// The descriptors behind a ``Command/Output``: what the child writes to, and what we read from.
struct OutputPlan: ~Copyable {
    typealias Pump = (stream: Command.Stream, descriptor: CInt)

    private(set) var standardOutput: CInt = -1
    private(set) var standardError: CInt = -1
    private(set) var pumps: [Pump] = []
    private var ownedByUs: [CInt] = []

    /// - Throws: ``SpawnError`` with step `output`.
    init(_ command: Command) throws(SpawnError) {
        switch command.output {
        case .discard:
            try open("/dev/null", O_WRONLY, of: command)
        case .appending(let path):
            try open(path, O_WRONLY | O_CREAT | O_APPEND, of: command)
        case .descriptors(let output, let error):
            standardOutput = output
            standardError = error
        case .lines:
            standardOutput = try pipe(for: .standardOutput, of: command)
            standardError = try pipe(for: .standardError, of: command)
        }
    }

    deinit {
        ownedByUs.forEach { _ = close($0) }
        pumps.forEach { _ = close($0.descriptor) }
    }

    /// Once the child has them, our copies only keep the pipes from ending.
    mutating func closeChildEnds() {
        ownedByUs.forEach { _ = close($0) }
        ownedByUs = []
    }

    private mutating func open(_ path: String, _ flags: CInt, of command: Command) throws(SpawnError) {
        let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw SpawnError(step: .output, code: errno, executable: command.executable, subject: path)
        }
        ownedByUs.append(descriptor)
        standardOutput = descriptor
        standardError = descriptor
    }

    private mutating func pipe(for stream: Command.Stream, of command: Command) throws(SpawnError) -> CInt {
        var ends: [CInt] = [-1, -1]
        guard relay_pipe(&ends) == 0 else {
            throw SpawnError(step: .output, code: errno, executable: command.executable, subject: "")
        }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        pumps.append((stream, ends[0]))
        ownedByUs.append(ends[1])
        return ends[1]
    }
}
