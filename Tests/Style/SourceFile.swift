// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// One source file, as its style is looked at.
struct SourceFile: Sendable, CustomTestStringConvertible {
    /// Relative to the package.
    let path: String
    let lines: [String]

    var testDescription: String { path }

    static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    static func all(below directories: [String], endings: [String] = [".swift"]) -> [SourceFile] {
        directories.flatMap { directory -> [SourceFile] in
            let paths =
                FileManager.default.enumerator(atPath: "\(package)/\(directory)")?.compactMap { $0 as? String } ?? []
            return paths.filter { path in endings.contains { path.hasSuffix($0) } }.sorted().compactMap { path in
                let name = "\(directory)/\(path)"
                guard let text = try? String(contentsOfFile: "\(package)/\(name)", encoding: .utf8) else { return nil }
                var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
                if lines.last?.isEmpty == true { lines.removeLast() }
                return SourceFile(path: name, lines: lines)
            }
        }
    }

    /// The lines without comments and without text in quotes.
    var code: [String] {
        lines.map { line in
            let pieces = line.split(separator: "\"", omittingEmptySubsequences: false)
            let bare = pieces.enumerated().filter { $0.offset % 2 == 0 }.map(\.element).joined(separator: "\"\"")
            return bare.range(of: "//").map { String(bare[..<$0.lowerBound]) } ?? bare
        }
    }

    /// The modules that the file imports.
    var imports: Set<String> {
        Set(
            code.compactMap { line in
                let words = line.split(separator: " ")
                guard let index = words.firstIndex(of: "import"), index + 1 < words.count, line.first != " " else {
                    return nil
                }
                return String(words[index + 1])
            })
    }

    /// Where each function starts, and its length: from its first line to the closing brace in the same column.
    var functions: [(line: Int, lines: Int)] {
        var found: [(Int, Int)] = []
        for (index, line) in code.enumerated() {
            let words = line.split(whereSeparator: { " (".contains($0) })
            guard words.prefix(6).contains(where: { $0 == "func" || $0 == "init" || $0 == "deinit" }) else { continue }
            let indent = String(line.prefix { $0 == " " })
            guard let end = lines[index...].firstIndex(where: { $0 == indent + "}" }) else { continue }
            found.append((index + 1, end - index + 1))
        }
        return found
    }
}
