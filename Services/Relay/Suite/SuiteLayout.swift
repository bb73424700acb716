// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
import Operations

/// Where a relay on one machine keeps its things: everything below one data directory.
struct SuiteLayout: Sendable {
    let dataDirectory: String

    /// - Parameter dataDirectory: made absolute against the current directory.
    init(dataDirectory: String) {
        let current = FileManager.default.currentDirectoryPath
        let path = dataDirectory.hasPrefix("/") ? dataDirectory : current + "/" + dataDirectory
        self.dataDirectory = URL(filePath: path).standardizedFileURL.path
    }

    /// Where Debian, and everybody else, looks for a state directory when none is named.
    static let defaultDataDirectory = ".relay"

    var broker: String { dataDirectory + "/broker" }
    var store: String { dataDirectory + "/store" }
    var logs: String { dataDirectory + "/logs" }
    var run: String { dataDirectory + "/run" }
    var policy: String { dataDirectory + "/policy.yaml" }
    var rateCard: String { dataDirectory + "/rate-card.yaml" }
    var lock: String { dataDirectory + "/relay.lock" }
    /// Where inference is asked for; kept from one start to the next.
    var inference: String { dataDirectory + "/inference.json" }

    func log(of process: String) -> String { "\(logs)/\(process).log" }
    /// The log of who failed in a race.
    func log(_ failed: Summary.Failed) -> String {
        log(of: failed.lane == .primary ? failed.leg.rawValue : "\(failed.leg.rawValue)-\(failed.lane.rawValue)")
    }
    func addressFile(of process: String) -> String { "\(run)/\(process).json" }

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

/// Where a process listens, as it wrote it into its address file.
struct ProcessAddress: Codable, Sendable, Equatable {
    var host: String
    var port: Int
    var pid: Int32?

    var url: String { "http://\(host):\(port)" }

    /// The address in a file; nil while the process has not written it.
    static func read(_ path: String) -> ProcessAddress? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return try? JSONDecoder().decode(ProcessAddress.self, from: data)
    }
}
