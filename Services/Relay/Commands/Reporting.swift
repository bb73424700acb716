// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import Kafka
import Operations
import RelayClients
import RelayTerminal

/// Somebody stopped a command before its end.
struct CommandInterrupted: Error {
    /// What becomes of what it had begun, and how to go on; nil when it had begun nothing.
    var consequence: String?
}

/// Runs a command's body and turns its failure into one paragraph and a non-zero exit code: 130 when somebody
/// interrupted it, 141 when nobody reads its output any more, otherwise 1.
func reporting(_ body: () async throws -> Void) async throws {
    // A closed pipe is then an error of the one write, and what the body started can be stopped in order.
    signal(SIGPIPE, SIG_IGN)
    do {
        try await body()
    } catch let error as ArgumentParser.ExitCode {
        sayOutputFailure()
        throw error
    } catch is CancellationError {
        try endInterrupted(CommandInterrupted())
    } catch let error as CommandInterrupted {
        try endInterrupted(error)
    } catch is OutputFailure {
        try endIfUnread()
    } catch {
        sayOutputFailure()
        complain(error)
        throw ArgumentParser.ExitCode.failure
    }
    try endIfUnread()
}

/// Says on standard error what went wrong, in the words that every command uses.
/// - Parameter what: what could not be done, where the error alone does not say it.
func complain(_ error: any Error, _ what: String = "") {
    StandardErrorLines.write("relay: \(what)\(words(of: error))")
}

private func endInterrupted(_ interruption: CommandInterrupted) throws {
    if let consequence = interruption.consequence { StandardErrorLines.write("relay: \(consequence)") }
    try endIfUnread()
    throw ArgumentParser.ExitCode(130)
}

/// Ends as programs do that a closed pipe ends: quietly, with a shell's code for it.
private func endIfUnread() throws {
    guard let failure = CommandOutput.standard.failure else { return }
    sayOutputFailure()
    throw failure.isClosedPipe
        ? ArgumentParser.ExitCode(StandardStreams.closedPipeExitCode) : ArgumentParser.ExitCode.failure
}

private func sayOutputFailure() {
    if let failure = CommandOutput.standard.failure, !failure.isClosedPipe { complain(failure) }
}
