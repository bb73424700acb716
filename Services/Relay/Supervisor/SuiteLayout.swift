// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
import Operations
import RelayClients

/// Where a relay on one machine keeps its things: everything below one data directory.
package struct SuiteLayout: Sendable {
    /// What everything else is below.
    package let dataDirectory: String

    /// - Parameter dataDirectory: made absolute against the current directory.
    package init(dataDirectory: String) {
        let current = FileManager.default.currentDirectoryPath
        let path = dataDirectory.hasPrefix("/") ? dataDirectory : current + "/" + dataDirectory
        self.dataDirectory = URL(filePath: path).standardizedFileURL.path
    }

    /// Where Debian, and everybody else, looks for a state directory when none is named.
    package static let defaultDataDirectory = ".relay"

    var broker: String { dataDirectory + "/broker" }
    /// The files of the artifact store.
    package var store: String { dataDirectory + "/store" }
    var logs: String { dataDirectory + "/logs" }
    var run: String { dataDirectory + "/run" }
    var policy: String { dataDirectory + "/policy.yaml" }
    var rateCard: String { dataDirectory + "/rate-card.yaml" }
    var lock: String { dataDirectory + "/relay.lock" }
    /// Where inference is asked for; kept from one start to the next.
    var inference: String { dataDirectory + "/inference.json" }

    /// The log of a process.
    package func log(of process: String) -> String { "\(logs)/\(process).log" }
    /// Where a process writes its address.
    package func addressFile(of process: String) -> String { "\(run)/\(process).json" }

    /// Removes the addresses of processes that are gone.
    func forgetAddresses() { try? FileManager.default.removeItem(atPath: run) }

    /// Removes the address of a process that is not to be talked to any more.
    func forgetAddress(of process: String) { try? FileManager.default.removeItem(atPath: addressFile(of: process)) }

    /// Makes the directory that everything else is in.
    func makeDataDirectory() throws(RelayFailure) { try make(dataDirectory) }

    /// Makes the directories.
    func prepare() throws(RelayFailure) {
        forgetAddresses()
        for directory in [dataDirectory, broker, store, logs, run] { try make(directory) }
    }

    private func make(_ directory: String) throws(RelayFailure) {
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw RelayFailure(
                "the directory \(directory) cannot be made: \(inPlainWords(error))",
                remedy: "choose one that you may write to with --data-directory")
        }
    }
}
