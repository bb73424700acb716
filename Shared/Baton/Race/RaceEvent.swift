// SPDX-License-Identifier: Apache-2.0

/// What can happen to a baton.
public enum RaceEvent: Sendable, Equatable {
    /// A request arrived, for the first time or again.
    case requested(ReleaseRequest, source: String, id: String, traceparent: TraceContext? = nil)
    /// A leg answered an assignment, perhaps an old one.
    case handedOff(Handoff)
    /// Nothing was heard of an attempt for too long.
    case stalled(AttemptKey)
    /// An attempt used up its time.
    case deadlinePassed(AttemptKey)
    /// Somebody wants it called off.
    case cancelRequested(by: String, reason: String)
}
