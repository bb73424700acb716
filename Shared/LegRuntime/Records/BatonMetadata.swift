// SPDX-License-Identifier: Apache-2.0

public import Baton
public import Logging

extension Logger.Metadata {
    /// What every line about a baton carries: `baton`, `leg`, `attempt`, `trace_id`; `-` where it is about none.
    /// - Parameters:
    ///   - trace: Nil when the baton's trace is not known here.
    ///   - attempt: Counts from 1 within a duty.
    public static func about(_ baton: BatonID, trace: String?, leg: Leg? = nil, attempt: Int? = nil) -> Self {
        [
            "baton": "\(baton)", "leg": "\(leg?.rawValue ?? "-")", "attempt": "\(attempt.map { "\($0)" } ?? "-")",
            "trace_id": "\(trace ?? "-")",
        ]
    }

    /// For a line about an assignment: the same, and the duty.
    public static func about(_ assignment: Assignment) -> Self {
        about(
            assignment.baton, trace: assignment.trace.traceID, leg: assignment.duty.leg, attempt: assignment.attempt
        ).merging(["duty": "\(assignment.duty.rawValue)"]) { $1 }
    }

    /// For a line about a release in front of traffic.
    public static func about(_ release: ReleaseRecord) -> Self {
        about(release.baton, trace: release.trace.traceID, leg: .deploy)
    }
}

extension Logger {
    /// The same log, with more in each of its lines.
    public func with(_ metadata: Logger.Metadata) -> Logger {
        var logger = self
        for (key, value) in metadata { logger[metadataKey: key] = value }
        return logger
    }
}
