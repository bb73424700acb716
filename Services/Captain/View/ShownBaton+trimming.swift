// SPDX-License-Identifier: Apache-2.0

package import Baton

extension BatonState {
    /// Without what the screen does not show.
    package var trimmed: BatonState {
        var state = self
        state.results.build?.outputs = []
        state.usage = []
        return state
    }
}

extension ShownBaton {
    /// Without what the screen does not show.
    package var trimmed: ShownBaton {
        var report = self
        report.state = state.trimmed
        report.journal = journal.suffix(60)
        return report
    }
}
