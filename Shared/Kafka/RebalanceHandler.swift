// SPDX-License-Identifier: Apache-2.0

/// Told of changes of a group consumer's partitions, from within `poll` and `close`.
///
/// The group waits while a function runs, up to the maximum poll interval; heartbeats go on, no records are read, and
/// all of the consumer's functions but `poll` and `close` may be called.
public protocol RebalanceHandler: Sendable {
    /// Called before the assignment takes effect: reading starts when it returns.
    ///
    /// A `seek` on one of these partitions in here sets where reading starts, in place of the committed offset.
    /// Throwing refuses the assignment, nothing is read, and `poll` throws the same error.
    /// - Parameter committed: the group's offsets; partitions without one are left out.
    func assigned(_ partitions: [TopicPartition], committed: [CommittedOffset]) async throws

    /// Called before the revocation is answered: until it returns nobody else gets these partitions.
    /// - Parameter lost: the group is known to have given them away already; a commit for them would be refused. It
    ///   may be refused without this too, when the group moved on while the handler, or a poll, was late.
    func revoked(_ partitions: [TopicPartition], lost: Bool) async
}
