// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Why a run cannot go on.
struct BenchFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// The page of which a run writes a block; what stands around it is people's.
struct Page {
    /// Runs on the embedded broker and on a cluster that was named each have their own.
    enum Block: String, CaseIterable {
        case embedded = "`make bench` writes"
        case outside = "`make bench` writes on another cluster"

        var begin: String { "<!-- begin of what \(rawValue) -->" }
        var end: String { "<!-- end of what \(rawValue) -->" }
    }

    let path: String
    var block = Block.embedded

    /// Replaces what stands between the markers.
    /// - Throws: `BenchFailure` when they are not there.
    func replace(with text: String) throws {
        let page = try String(contentsOfFile: path, encoding: .utf8)
        guard let start = page.range(of: block.begin), let end = page.range(of: block.end),
            start.upperBound <= end.lowerBound
        else { throw BenchFailure("\(path) does not hold the lines \(block.begin) and \(block.end)") }
        let changed = page[..<start.upperBound] + "\n\n" + text + "\n" + page[end.lowerBound...]
        try String(changed).write(toFile: path, atomically: true, encoding: .utf8)
    }
}
