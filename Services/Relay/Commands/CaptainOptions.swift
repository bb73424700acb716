// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Operations
import RelayClients
import RelaySupervisor

/// How a captain is found.
struct CaptainOptions: ParsableArguments {
    @OptionGroup var suite: SuiteOptions

    @Option(help: "Base URL of a captain, as RELAY_CAPTAIN_URL; the one of the data directory otherwise.")
    var captain: String?

    /// Whether there is one to ask: named, or of a relay that runs on the data directory.
    var isKnown: Bool {
        get throws {
            let local = ProcessAddress.read(suite.layout.addressFile(of: SuitePlan.captainName))
            return try named() != nil || local != nil
        }
    }

    /// The options as they were given, or would be: what finds the same relay from another directory too.
    var arguments: [String] {
        if let captain { return ["--captain", captain] }
        return (try? named()) == nil ? ["--data-directory", suite.layout.dataDirectory] : []
    }

    /// The captain that the option or the environment names.
    /// - Throws: `ConfigurationError`.
    func named(_ environment: [String: String] = ProcessInfo.processInfo.environment) throws -> String? {
        try captain ?? ProcessConfiguration.ofCommand(environment).captainURL()
    }

    /// - Throws: `RelayFailure` when no relay runs on the data directory and none is named.
    func client() throws -> CaptainClient {
        if let url = try named() { return CaptainClient(baseURL: url) }
        let layout = suite.layout
        guard let address = ProcessAddress.read(layout.addressFile(of: SuitePlan.captainName)) else {
            throw RelayFailure(
                "no relay runs on \(layout.dataDirectory)",
                remedy: "start one with `relay up`, or name one with --captain or RELAY_CAPTAIN_URL")
        }
        return CaptainClient(baseURL: address.url)
    }
}
