// SPDX-License-Identifier: Apache-2.0

package import Baton

/// Which release of one model has the traffic, and which is getting ready to take it over. No I/O.
///
/// The serving release keeps the traffic until the next one is fully ready, so a switch fails no request, and a
/// release that never gets ready never gets traffic.
package struct ModelSwitch: Sendable, Equatable {
    /// What a change asks for.
    package enum Action: Sendable, Equatable {
        /// Start the lanes of this release.
        case start(BatonID)
        /// Give up on a release that has no traffic yet.
        case cancel(BatonID)
        /// Send new requests to `to`, then drain and stop `from`.
        case swap(to: BatonID, from: BatonID?)
        /// No release is wanted any more: drain and stop this one.
        case retire(BatonID)
    }

    private(set) var serving: BatonID?
    private(set) var starting: BatonID?

    /// Nothing serves yet.
    package init() {}

    /// The log says that this release shall serve; nil for none.
    package mutating func desire(_ baton: BatonID?) -> [Action] {
        if let baton, baton == starting { return [] }
        var actions: [Action] = []
        if let abandoned = starting {
            actions.append(.cancel(abandoned))
            starting = nil
        }
        guard baton != serving else { return actions }
        if let baton {
            starting = baton
            actions.append(.start(baton))
        } else if let old = serving {
            serving = nil
            actions.append(.retire(old))
        }
        return actions
    }

    /// All lanes of a release are ready.
    package mutating func ready(_ baton: BatonID) -> [Action] {
        guard starting == baton else { return [] }
        let old = serving
        serving = baton
        starting = nil
        return [.swap(to: baton, from: old)]
    }
}
