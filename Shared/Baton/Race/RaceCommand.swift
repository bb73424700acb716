// SPDX-License-Identifier: Apache-2.0

/// What the captain writes, in the transaction that also writes the new state.
public enum RaceCommand: Sendable, Equatable {
    case assign(Assignment)
    /// Calls off the attempts before it.
    case withdraw(Assignment)
    case journal(JournalEntry)
    case release(ReleaseRecord)
}
