// SPDX-License-Identifier: Apache-2.0

/// What proves to a transaction that its offsets are of a member of the group.
public struct GroupMembership: Sendable {
    /// Called on a producer's thread, where it may block for librdkafka's answer.
    let read: @Sendable () throws -> ConsumerGroupMetadata

    /// As it was when the metadata were taken.
    public init(_ metadata: ConsumerGroupMetadata) { read = { metadata } }

    /// As it is when the transaction sends its offsets, which spares the way to the consumer's thread and back.
    public init(of consumer: GroupConsumer) { read = { try consumer.handle.groupMetadata() } }
}
