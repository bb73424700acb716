// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The chi-square distribution with a whole number of degrees of freedom.
enum ChiSquare {
    /// The probability of a value above `x`.
    ///
    /// For whole degrees of freedom it is a finite sum. Source: Abramowitz and Stegun, "Handbook of Mathematical
    /// Functions", 26.4.4 (odd) and 26.4.5 (even).
    static func upperTail(_ x: Double, degreesOfFreedom: Int) -> Double {
        guard x > 0 else { return 1 }
        let half = x / 2
        let odd = degreesOfFreedom % 2 == 1
        var sum = odd ? erfc(half.squareRoot()) : 0
        // Term by term: e^(-x/2) (x/2)^k / Gamma(k + 1), with k = 0, 1, ... or 1/2, 3/2, ...
        var power = odd ? 0.5 : 0.0
        var term = odd ? exp(-half) * (half / .pi).squareRoot() * 2 : exp(-half)
        while power < Double(degreesOfFreedom) / 2 - 0.5 {
            sum += term
            power += 1
            term *= half / power
        }
        return sum
    }

    /// The value that is exceeded with the probability `tail`.
    static func upperQuantile(_ tail: Double, degreesOfFreedom: Int) -> Double {
        guard degreesOfFreedom > 0 else { return 0 }
        var low = 0.0
        var high = Double(degreesOfFreedom) + 1
        while upperTail(high, degreesOfFreedom: degreesOfFreedom) > tail { high *= 2 }
        // Each step halves the distance; sixty of them use up the precision of the numbers.
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if upperTail(middle, degreesOfFreedom: degreesOfFreedom) > tail { low = middle } else { high = middle }
        }
        return high
    }
}
