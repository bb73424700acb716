// SPDX-License-Identifier: Apache-2.0

/// Element type of a tensor, by its name in the Open Inference Protocol V2.
public enum DataType: String, Sendable, CaseIterable {
    case bool = "BOOL"
    case uint8 = "UINT8"
    case uint16 = "UINT16"
    case uint32 = "UINT32"
    case uint64 = "UINT64"
    case int8 = "INT8"
    case int16 = "INT16"
    case int32 = "INT32"
    case int64 = "INT64"
    case fp16 = "FP16"
    case fp32 = "FP32"
    case fp64 = "FP64"
    case bytes = "BYTES"

    /// How elements of a datatype are held in memory: several datatypes share one.
    enum Storage {
        case booleans, integers, unsignedIntegers, floats, strings
    }

    var storage: Storage {
        switch self {
        case .bool: .booleans
        case .int8, .int16, .int32, .int64: .integers
        case .uint8, .uint16, .uint32, .uint64: .unsignedIntegers
        case .fp16, .fp32, .fp64: .floats
        case .bytes: .strings
        }
    }

    func holds(_ value: Int64) -> Bool {
        switch self {
        case .int8: Int8(exactly: value) != nil
        case .int16: Int16(exactly: value) != nil
        case .int32: Int32(exactly: value) != nil
        default: true
        }
    }

    func holds(_ value: UInt64) -> Bool {
        switch self {
        case .uint8: UInt8(exactly: value) != nil
        case .uint16: UInt16(exactly: value) != nil
        case .uint32: UInt32(exactly: value) != nil
        default: true
        }
    }

    static let names = allCases.map(\.rawValue).joined(separator: ", ")
}
