// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import Foundation

/// Which relay a command talks to, or starts.
struct SuiteOptions: ParsableArguments {
    @Option(help: "Where the relay keeps its log, store and logs.")
    var dataDirectory = ProcessInfo.processInfo.environment["RELAY_DATA_DIRECTORY"] ?? SuiteLayout.defaultDataDirectory

    var layout: SuiteLayout { SuiteLayout(dataDirectory: dataDirectory) }
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json

    /// Writes what was found in the form that was asked for.
    func show(_ found: some Encodable, lines: [String]) {
        let terminal = Terminal()
        switch self {
        case .json: terminal.line(String(decoding: JSON.encode(found), as: UTF8.self))
        case .text: lines.forEach(terminal.line)
        }
    }
}

/// Runs a command's body and turns its failure into one paragraph and a non-zero exit code.
func reporting(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let error as ExitCode {
        throw error
    } catch let error as RelayFailure {
        FileHandle.standardError.write(Data("relay: \(error)\n".utf8))
        throw ExitCode.failure
    } catch is CancellationError {
        throw ExitCode(130)
    } catch {
        FileHandle.standardError.write(Data("relay: \(error)\n".utf8))
        throw ExitCode.failure
    }
}
