// SPDX-License-Identifier: Apache-2.0

/// The headers that a dead letter has besides those of the record that it was.
public enum DeadLetterHeader: String, CaseIterable, Sendable {
    /// Begins the name of every header of ours; records of others must not use it.
    public static let prefix = "relay_"

    /// Why the record is here.
    case reason = "relay_reason"
    /// The topic that it was read from.
    case topic = "relay_topic"
    /// The partition that it was read from.
    case partition = "relay_partition"
    /// Its offset there.
    case offset = "relay_offset"
    /// Who could not read it.
    case reader = "relay_reader"
    /// How often that was tried.
    case attempts = "relay_attempts"
    /// How many bytes its value had, where it was too large to be kept.
    case omittedBytes = "relay_omitted_bytes"
    /// On a record that was published again: the letter that it was.
    case replayedFrom = "relay_replayed_from"
    /// On a note among the letters: the letter, `partition:offset`, that was published again.
    case replayed = "relay_replayed"
}
