// SPDX-License-Identifier: Apache-2.0

/// A named array of one datatype in row-major order.
public struct Tensor: Sendable, Equatable {
    /// The name by which the model knows the tensor.
    public var name: String
    /// Number of elements along each dimension, outermost first.
    public var shape: [Int]
    /// Element type.
    public var datatype: DataType
    /// Optional properties of the tensor.
    public var parameters: [String: Parameter]
    /// Elements in row-major order; as many as the product of `shape`.
    public var data: TensorData

    /// A tensor whose data length and kind the caller vouches for; decoding checks both.
    public init(
        name: String, shape: [Int], datatype: DataType, parameters: [String: Parameter] = [:], data: TensorData
    ) {
        self.name = name
        self.shape = shape
        self.datatype = datatype
        self.parameters = parameters
        self.data = data
    }
}

/// Elements of a tensor. A datatype maps to the widest type of its kind, so every value is held exactly.
public enum TensorData: Sendable, Equatable {
    /// BOOL.
    case booleans([Bool])
    /// INT8 to INT64.
    case integers([Int64])
    /// UINT8 to UINT64.
    case unsignedIntegers([UInt64])
    /// FP16 to FP64. A JSON `null` is a missing value and held as NaN.
    case floats([Double])
    /// BYTES: JSON carries them as strings.
    case strings([String])

    /// Number of elements.
    public var count: Int {
        switch self {
        case .booleans(let values): values.count
        case .integers(let values): values.count
        case .unsignedIntegers(let values): values.count
        case .floats(let values): values.count
        case .strings(let values): values.count
        }
    }

    /// The elements as floating-point numbers (booleans as 0 and 1), or nil for strings.
    public var numbers: [Double]? {
        switch self {
        case .booleans(let values): values.map { $0 ? 1 : 0 }
        case .integers(let values): values.map(Double.init)
        case .unsignedIntegers(let values): values.map(Double.init)
        case .floats(let values): values
        case .strings: nil
        }
    }
}

/// Value of an optional property of a request, a response or a tensor.
public enum Parameter: Sendable, Equatable {
    /// A JSON string.
    case string(String)
    /// A JSON number without fraction or exponent that fits 64 bits.
    case integer(Int64)
    /// Any other JSON number.
    case number(Double)
    /// `true` or `false`.
    case bool(Bool)
}
