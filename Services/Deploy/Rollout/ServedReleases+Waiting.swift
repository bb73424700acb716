// SPDX-License-Identifier: Apache-2.0

package import Baton
package import RolloutRules
import Serving

extension ServedReleases {
    /// Waits until a baton's release has the traffic here. Starts that failed before the call do not count: the lanes
    /// are being started again.
    /// - Throws: ``LaneFailure`` when a lane of it cannot start, ``ServedReleases/Unwanted`` when it is not to serve.
    package func whenServing(_ baton: BatonID, model: String) async throws -> Served {
        try await withThrowingTaskGroup(of: Served.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await self.untilServing(baton, model: model) }
            group.addTask {
                let release = try await self.view.first { view in
                    view.starting[model].flatMap { $0.record.baton == baton ? $0 : nil }
                }
                let past = release.phase.value.failures
                let reason = try await release.phase.first { phase -> String? in
                    if case .failing(let reason, let attempts) = phase, attempts > past { reason } else { nil }
                }
                throw LaneFailure(reason)
            }
            guard let served = try await group.next() else { throw CancellationError() }
            return served
        }
    }

    private func untilServing(_ baton: BatonID, model: String) async throws -> Served {
        let outcome = try await view.first { view -> Result<Served, Unwanted>? in
            guard view.isCaughtUp, let standing = view.log.standing(of: baton, model: model) else { return nil }
            guard standing == .serves else { return .failure(Unwanted(standing: standing)) }
            guard let served = view.serving[model], served.release.record.baton == baton else { return nil }
            return .success(served)
        }
        return try outcome.get()
    }

    /// A release that is not to serve by what the log says.
    package struct Unwanted: Error, Equatable {
        /// What the log says of it instead.
        package let standing: ReleaseLog.Standing
    }

    /// The model's live release, by all that was in the log when this instance started and what came since.
    package func live(_ model: String) async throws -> ReleaseRecord? {
        try await view.first { view -> ReleaseRecord?? in view.isCaughtUp ? .some(view.log.current(model)) : nil }
    }
}
