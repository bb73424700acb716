// SPDX-License-Identifier: Apache-2.0

/// Where a baton is in its life.
public enum Phase: String, Sendable, Codable, CaseIterable {
    case running, finished, dropped, superseded, refused, cancelled

    /// The phase that a state is in.
    public init(_ state: BatonState) {
        guard state.hasEnded, let ending = state.ending else {
            self = .running
            return
        }
        self.init(ending)
    }

    /// The phase that a baton is in once it has ended so.
    public init(_ ending: Ending) {
        self =
            switch ending.kind {
            case .finished: .finished
            case .dropped: ending.supersededBy == nil ? .dropped : .superseded
            case .refused: .refused
            case .cancelled: .cancelled
            }
    }
}
