// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Statistics

@Suite("Fisher's exact test")
struct FisherTests {
    @Test("the tail of Fisher's test is that of the lady who tasted tea, and falls with the count")
    func fisher() {
        #expect(abs(FisherTest.chance(3, of: 4, and: 1, of: 4) - 17.0 / 70) < 1e-9)
        #expect(abs(FisherTest.chance(4, of: 4, and: 0, of: 4) - 1.0 / 70) < 1e-9)
        #expect(FisherTest.chance(0, of: 4, and: 4, of: 4) == 1)
        let large = (0...50).map { FisherTest.chance($0 * 100, of: 100_000, and: 2000, of: 100_000) }
        #expect(zip(large, large.dropFirst()).allSatisfy { $0 >= $1 } && large[50] < 1e-9)
    }
}
