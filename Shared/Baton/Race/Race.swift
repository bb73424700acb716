// SPDX-License-Identifier: Apache-2.0

/// The rules of the race: a fold over a baton's events, without I/O and without a clock.
///
/// At most one attempt is out at a time. The first valid answer to it is accepted; every other answer is journalled
/// as superseded and changes nothing. The newest attempt alone can be answered, so a runner that was given up can
/// come in late without effect.
public struct Race: Sendable {
    public let policy: RacePolicy

    public init(policy: RacePolicy = RacePolicy()) { self.policy = policy }

    /// Applies one event.
    /// - Parameter record: names the record that brought the event, so that two facts that leave the state as it is can
    ///   be told apart, and one that is read again cannot.
    /// - Returns: the new state, equal to the old one when the event changes nothing, and what is to be written.
    public func apply(
        _ event: RaceEvent, to state: BatonState?, of baton: BatonID, now: Timestamp, record: String? = nil
    ) -> (state: BatonState?, commands: [RaceCommand]) {
        var course = Course(policy: policy, baton: baton, state: state, now: now, record: record)
        course.take(event)
        return (course.state, course.commands)
    }
}
