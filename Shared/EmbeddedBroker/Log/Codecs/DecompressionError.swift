// SPDX-License-Identifier: Apache-2.0

/// Why bytes cannot be decompressed.
enum DecompressionError: Error, Equatable {
    /// They end too early.
    case truncated
    /// They are not what the format allows.
    case malformed
    /// They would become larger than the limit.
    case tooLarge
}
