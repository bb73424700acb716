// SPDX-License-Identifier: Apache-2.0

/// Times that a record carries in its first bytes, in nanoseconds of the machine's monotonic clock.
struct Stamps: Sendable {
    enum Place: Int, Sendable {
        /// When it was given to the service's input.
        case sent = 0
        /// When the service took it into a transaction.
        case taken = 8
        /// Not a time: its number.
        case number = 16
    }

    static let size = 24

    static func write(_ value: UInt64, at place: Place, into bytes: UnsafeMutableRawBufferPointer) {
        guard bytes.count >= size else { return }
        bytes.storeBytes(of: value, toByteOffset: place.rawValue, as: UInt64.self)
    }

    static func write(_ value: UInt64, at place: Place, into bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { write(value, at: place, into: $0) }
    }

    static func read(_ place: Place, from bytes: UnsafeRawBufferPointer) -> UInt64? {
        guard bytes.count >= size else { return nil }
        return bytes.loadUnaligned(fromByteOffset: place.rawValue, as: UInt64.self)
    }
}
