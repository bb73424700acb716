// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import Foundation
import RelayClients
import RelaySupervisor
import RelayTerminal

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

extension BatonID {
    /// The baton that an argument names.
    static func named(_ argument: String) throws(RelayFailure) -> BatonID {
        guard let id = BatonID(argument) else {
            throw RelayFailure("\"\(argument)\" is not a baton's id", remedy: "`relay status` lists the ids")
        }
        return id
    }
}
