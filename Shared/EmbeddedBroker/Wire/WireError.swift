// SPDX-License-Identifier: Apache-2.0

/// Why bytes are not the message that they claim to be.
enum WireError: Error, Equatable, CustomStringConvertible {
    case truncated(needed: Int, available: Int)
    case invalidLength(Int)
    case unexpectedNull
    case invalidText
    case varintTooLong
    case tooManyElements(limit: Int)
    case trailingBytes(Int)

    var description: String {
        switch self {
        case .truncated(let needed, let available): "\(needed) bytes needed, \(available) left"
        case .invalidLength(let length): "length \(length) is out of range"
        case .unexpectedNull: "null in a field that cannot be null"
        case .invalidText: "a string is not UTF-8"
        case .varintTooLong: "a variable-length integer is too long"
        case .tooManyElements(let limit): "more than \(limit) array elements in one message"
        case .trailingBytes(let count): "\(count) bytes after the end of the message"
        }
    }
}
