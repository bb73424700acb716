// SPDX-License-Identifier: Apache-2.0

import Glibc
import StrictJSON

extension JSONNumber {
    /// Nearest value of a floating-point datatype, so that 0.1 of FP32 is the same number on both sides of a wire.
    func nearest(in datatype: DataType) -> Double {
        switch datatype {
        case .fp16: Double(Float16(double))
        case .fp32: Double(strtof(UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self), nil))
        default: double
        }
    }
}
