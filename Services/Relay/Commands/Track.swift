// SPDX-License-Identifier: Apache-2.0

import Foundation
import Operations
import RelaySupervisor

/// Where a release is raced: a captain, and the store from which its sample traffic comes.
struct Track: Sendable, Equatable {
    /// Base URL of the captain, or of several behind one name.
    let captain: String
    let storeDirectory: String
    /// Whether the relay stops when this command ends.
    let isOurs: Bool
    /// Whether it is found by a data directory of this machine.
    let isLocal: Bool

    init(_ running: RunningSuite) {
        captain = running.captain
        storeDirectory = running.layout.store
        isOurs = running.isOurs
        isLocal = true
    }

    /// A relay that runs elsewhere, and belongs to somebody else.
    init(elsewhere captain: String, _ configuration: ProcessConfiguration) {
        self.captain = captain
        storeDirectory = configuration.storeDirectory
        isOurs = false
        isLocal = false
    }

    /// The store, where it can be read; it is never made.
    var store: String? {
        FileManager.default.isReadableFile(atPath: storeDirectory + "/objects/sha256") ? storeDirectory : nil
    }
}
