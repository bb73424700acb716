// SPDX-License-Identifier: Apache-2.0

package import Baton

/// Everything that is wrong with a document, so that it can be named at once.
package final class Problems {
    /// What was found, in the order of finding, each with its place.
    package private(set) var all: [String] = []

    /// Nothing is wrong yet.
    package init() {}

    /// Notes a problem at a place; an empty place is the whole document.
    package func add(_ place: String, _ problem: String) {
        all.append(place.isEmpty ? problem : "\(place): \(problem)")
    }

    /// Ends the reading of a document that has problems.
    /// - Throws: `Refusal` when there are any.
    package func check(in document: String) throws(Refusal) {
        guard all.isEmpty else { throw Refusal(all.map { "\(document): \($0)" }) }
    }
}
