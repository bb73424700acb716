// SPDX-License-Identifier: Apache-2.0

/// A request that passed the intake: what starts a baton.
public struct BatonRequest: EventPayload, Equatable {
    /// The CloudEvents `type`.
    public static let eventType = EventType.batonRequested

    /// The baton that it is.
    public var baton: BatonID
    /// CloudEvents `source` of the request as it was sent.
    public var source: String
    /// CloudEvents `id` of the request as it was sent.
    public var id: String
    /// What is asked for.
    public var request: ReleaseRequest
    /// The trace of whoever asks, if told.
    public var traceparent: TraceContext?

    /// A request by the identity that its sender gave it.
    public init(source: String, id: String, request: ReleaseRequest, traceparent: TraceContext? = nil) {
        baton = BatonID(source: source, id: id)
        self.source = source
        self.id = id
        self.request = request
        self.traceparent = traceparent
    }
}
