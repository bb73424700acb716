// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Fisher's exact test, one-sided: whether one of two samples has more marked members than chance explains.
///
/// It is the tail of the hypergeometric distribution. Source: R. A. Fisher, "Statistical Methods for Research Workers",
/// 5th ed. 1934, section 21.02.
package enum FisherTest {
    /// How likely so many of the marked ones, or more, are in the first sample if it is chance where they are. With no
    /// more than are to be expected it is likely anyway, and 1 stands for that.
    /// - Parameters:
    ///   - marked: marked members of the first sample, of `size`.
    ///   - otherMarked: marked members of the other sample, of `otherSize`.
    package static func chance(_ marked: Int, of size: Int, and otherMarked: Int, of otherSize: Int) -> Double {
        let (all, allMarked) = (size + otherSize, marked + otherMarked)
        guard size > 0, Double(marked) / Double(size) > Double(allMarked) / Double(all) else { return 1 }
        let most = min(size, allMarked)
        var term = exp(
            logChoose(size, marked) + logChoose(otherSize, otherMarked) - logChoose(all, allMarked))
        var sum = term
        var count = marked
        while count < most {
            // From one count to the next, by the ratio of the two probabilities.
            term *= Double(allMarked - count) * Double(size - count)
            term /= Double(count + 1) * Double(otherSize - allMarked + count + 1)
            count += 1
            sum += term
            if term < sum * 1e-12 { break }
        }
        return min(1, sum)
    }

    private static func logChoose(_ all: Int, _ some: Int) -> Double {
        lgamma(Double(all) + 1) - lgamma(Double(some) + 1) - lgamma(Double(all - some) + 1)
    }
}
