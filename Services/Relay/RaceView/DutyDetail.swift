// SPDX-License-Identifier: Apache-2.0

import Baton
import Digest

/// What a duty handed over, in a few words.
enum DutyDetail {
    static func text(of duty: Duty, _ state: BatonState) -> String {
        let results = state.results
        switch duty {
        case .admission: return results.admission.map { "account \($0.account), \($0.available) left" } ?? ""
        case .build:
            return results.build.map { build in
                let ran = build.stages.filter { $0.result == .ran }.count
                let more = build.whole?.leftOut["stages"].map { ", \($0) more" } ?? ""
                return
                    "\(ran) stages ran, \(build.stages.count - ran) unchanged\(more), "
                    + build.artifact.digest.description.prefix(19)
            } ?? ""
        case .verification:
            return results.verification.map { report in
                // What a summary leaves out passed: what failed comes first.
                let more = report.whole?.leftOut["gates"] ?? 0
                return "\(report.gates.filter(\.passed).count + more) of \(report.gates.count + more) gates passed"
            } ?? ""
        case .approval: return results.approval.map { "\($0.spent) of \($0.limit)" } ?? ""
        case .rollout: return results.rollout.map { "\($0.lanes.count) lanes live at \($0.endpoint)" } ?? ""
        case .watch: return results.watch.map { "\($0.verdict.rawValue), \($0.total.predictions) predictions" } ?? ""
        case .closing: return results.closing.map { "total \($0.total)" } ?? ""
        }
    }
}
