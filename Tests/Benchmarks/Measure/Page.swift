// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Why a run cannot go on.
struct BenchFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// The page whose middle a run writes; what stands around it is people's.
struct Page {
    static let begin = "<!-- begin of what `make bench` writes -->"
    static let end = "<!-- end of what `make bench` writes -->"

    let path: String

    /// Replaces what stands between the markers.
    /// - Throws: `BenchFailure` when they are not there.
    func replace(with text: String) throws {
        let page = try String(contentsOfFile: path, encoding: .utf8)
        guard let start = page.range(of: Self.begin), let end = page.range(of: Self.end),
            start.upperBound <= end.lowerBound
        else { throw BenchFailure("\(path) does not hold the lines \(Self.begin) and \(Self.end)") }
        let changed = page[..<start.upperBound] + "\n\n" + text + "\n" + page[end.lowerBound...]
        try String(changed).write(toFile: path, atomically: true, encoding: .utf8)
    }
}
