// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Statistics

@Suite("Chi-square")
struct ChiSquareTests {
    // Source of the values: the tables in Abramowitz and Stegun, 26.8.
    @Test(
        "quantiles are those of the tables",
        arguments: [
            (1, 0.001, 10.828), (2, 0.001, 13.816), (9, 0.001, 27.877), (10, 0.001, 29.588), (9, 0.05, 16.919),
            (1, 0.05, 3.841), (4, 0.5, 3.357), (30, 0.01, 50.892), (100, 0.995, 67.328),
        ])
    func quantiles(degrees: Int, tail: Double, value: Double) {
        #expect(abs(ChiSquare.upperQuantile(tail, degreesOfFreedom: degrees) - value) < 0.001)
    }

    @Test("the quantile is the inverse of the tail", arguments: 1...40)
    func inverse(degrees: Int) {
        for tail in [1e-6, 1e-4, 0.01, 0.3, 0.9] {
            let x = ChiSquare.upperQuantile(tail, degreesOfFreedom: degrees)
            #expect(abs(ChiSquare.upperTail(x, degreesOfFreedom: degrees) / tail - 1) < 1e-6)
        }
    }

    @Test("without degrees of freedom there is no chance")
    func none() {
        #expect(ChiSquare.upperQuantile(0.001, degreesOfFreedom: 0) == 0)
    }
}
