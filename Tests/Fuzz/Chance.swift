// SPDX-License-Identifier: Apache-2.0

#if DEBUG || TESTABLE

    import TestSupport

    extension SeededGenerator {
        mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
        mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }
    }

#endif
