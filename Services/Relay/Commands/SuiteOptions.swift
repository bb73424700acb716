// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation

/// Which relay a command talks to, or starts.
struct SuiteOptions: ParsableArguments {
    @Option(help: "Where the relay keeps its log, store and logs.")
    var dataDirectory = ProcessInfo.processInfo.environment["RELAY_DATA_DIRECTORY"] ?? SuiteLayout.defaultDataDirectory

    var layout: SuiteLayout { SuiteLayout(dataDirectory: dataDirectory) }
}

/// How a captain is found.
struct CaptainOptions: ParsableArguments {
    @OptionGroup var suite: SuiteOptions

    @Option(help: "Base URL of a captain; the one of the data directory unless given.")
    var captain: String?

    /// Whether there is one to ask: named, or of a relay that runs on the data directory.
    var isKnown: Bool {
        captain != nil || ProcessAddress.read(suite.layout.addressFile(of: SuitePlan.captainName)) != nil
    }

    /// - Throws: `RelayFailure` when no relay runs on the data directory and none is named.
    func client() throws -> CaptainClient {
        if let captain { return CaptainClient(baseURL: captain) }
        let layout = suite.layout
        guard let address = ProcessAddress.read(layout.addressFile(of: SuitePlan.captainName)) else {
            throw RelayFailure(
                "no relay runs on \(layout.dataDirectory)",
                remedy: "start one with `relay up`, or name one with --captain")
        }
        return CaptainClient(baseURL: address.url)
    }
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
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
