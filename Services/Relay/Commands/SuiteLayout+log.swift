// SPDX-License-Identifier: Apache-2.0

import Baton
import RaceView
import RelaySupervisor

extension SuiteLayout {
    /// The log of who failed in a race.
    func log(_ failed: Summary.Failed) -> String {
        log(of: failed.lane == .primary ? failed.leg.rawValue : "\(failed.leg.rawValue)-\(failed.lane.rawValue)")
    }
}
