// SPDX-License-Identifier: Apache-2.0

package import Baton
import Yams

/// A YAML document as it is written, in which single values can be replaced.
package struct YAMLText {
    /// The document, with its comments, quotes and line ends.
    package private(set) var text: String

    /// A document as it was read.
    package init(_ text: String) { self.text = text }

    /// Replaces the value at a dotted path, and no byte outside of it.
    ///
    /// What comes out is read again: where it is not the same document with that one change, nothing is replaced.
    /// - Parameter file: what messages call the document.
    /// - Throws: `Refusal` when nothing is there, or it cannot be replaced alone.
    package mutating func set(_ name: String, to value: YAMLValue, in file: String) throws(Refusal) {
        let path = name.split(separator: ".", omittingEmptySubsequences: false)
        let before = try YAMLDocument.read(text, name: file)
        guard let wanted = before.setting(path[...], to: value) else {
            throw Refusal("\(file) has no parameter \"\(name)\"")
        }
        guard let changed = try? replacing(path, with: value), let after = try? YAMLDocument.read(changed, name: file),
            // As texts: not a number is not itself.
            YAMLWriter.write(after) == YAMLWriter.write(wanted)
        else {
            throw Refusal(
                "\(file): \"\(name)\" cannot be set without changing something else: its value has a tag, an anchor or "
                    + "an alias, comes from \"<<\", or goes over several lines without quotes; write it in \(file) "
                    + "itself")
        }
        text = changed
    }

    /// - Returns: nil when the value's place in the text cannot be told.
    private func replacing(_ path: [Substring], with value: YAMLValue) throws -> String? {
        guard var node = try compose(yaml: text) else { return nil }
        for step in path {
            guard let next = Self.child(step, of: node) else { return nil }
            node = next
        }
        let scalars = WrittenScalars(text)
        guard var span = scalars.span(of: node) else { return nil }
        if node.scalar == nil { span = scalars.behindKey(span) }
        let isGlued = span.lowerBound > 0 && scalars.all[span.lowerBound - 1] == ":"
        return scalars.replacing(span, with: (isGlued ? " " : "") + YAMLWriter.flow(value))
    }

    private static func child(_ step: Substring, of node: Node) -> Node? {
        switch node {
        case .mapping(let mapping): mapping.first { $0.key.scalar?.string == String(step) }?.value
        case .sequence(let sequence): Int(step).flatMap { sequence.indices.contains($0) ? sequence[$0] : nil }
        default: nil
        }
    }
}

/// The characters of a document, found by the parser's lines and columns.
private struct WrittenScalars {
    let all: [Unicode.Scalar]
    /// Where each line starts.
    private let lines: [Int]

    init(_ text: String) {
        all = Array(text.unicodeScalars)
        var lines = [0]
        for (index, scalar) in all.enumerated() {
            let isPair = scalar == "\r" && index + 1 < all.count && all[index + 1] == "\n"
            if !isPair && ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar) { lines.append(index + 1) }
        }
        self.lines = lines
    }

    func replacing(_ span: Range<Int>, with new: String) -> String {
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: all[..<span.lowerBound])
        scalars.append(contentsOf: new.unicodeScalars)
        scalars.append(contentsOf: all[span.upperBound...])
        return String(scalars)
    }

    /// What of the text a value is; nil when that cannot be told.
    func span(of node: Node) -> Range<Int>? {
        guard let mark = node.mark, lines.indices.contains(mark.line - 1),
            case let start = lines[mark.line - 1] + mark.column - 1, start <= all.count
        else { return nil }
        let end: Int? =
            switch node {
            case .scalar(let scalar): self.end(of: scalar, from: start)
            case .sequence(let sequence): self.end(of: Array(sequence), from: start)
            case .mapping(let mapping): self.end(of: mapping.flatMap { [$0.key, $0.value] }, from: start)
            case .alias: nil
            }
        return end.map { start..<$0 }
    }

    /// The same from behind its key on, where it begins in a line below: a value in one line may not stand there.
    func behindKey(_ span: Range<Int>) -> Range<Int> {
        var start = span.lowerBound
        while start > 0, " \t\r\n".unicodeScalars.contains(all[start - 1]) { start -= 1 }
        let isBelow = all[start..<span.lowerBound].contains { $0 == "\n" || $0 == "\r" }
        return isBelow && start > 0 && all[start - 1] == ":" ? start..<span.upperBound : span
    }

    private func end(of scalar: Node.Scalar, from start: Int) -> Int? {
        switch scalar.style {
        case .singleQuoted: return quoted("'", from: start) { $0 == "'" && $1 == "'" }
        case .doubleQuoted: return quoted("\"", from: start) { first, _ in first == "\\" }
        case .plain, .any:
            let written = Array(scalar.string.unicodeScalars)
            return all[start...].starts(with: written) ? start + written.count : nil
        case .literal, .folded: return nil
        }
    }

    private func quoted(
        _ quote: Unicode.Scalar, from start: Int, isPair: (Unicode.Scalar, Unicode.Scalar?) -> Bool
    ) -> Int? {
        guard start < all.count, all[start] == quote else { return nil }
        var index = start + 1
        while index < all.count {
            if isPair(all[index], index + 1 < all.count ? all[index + 1] : nil) {
                index += 2
            } else if all[index] == quote {
                return index + 1
            } else {
                index += 1
            }
        }
        return nil
    }

    private func end(of children: [Node], from start: Int) -> Int? {
        // By the text: the parser's node has the style of its end, which says nothing.
        let closings: [Unicode.Scalar: Unicode.Scalar] = ["[": "]", "{": "}"]
        let closing = start < all.count ? closings[all[start]] : nil
        var end = closing == nil ? start : start + 1
        for child in children {
            guard let span = span(of: child), span.upperBound >= end else { return nil }
            end = span.upperBound
        }
        guard let closing else { return end }
        while end < all.count {
            switch all[end] {
            case closing: return end + 1
            case "#":
                while end < all.count, all[end] != "\n" { end += 1 }
            case " ", "\t", "\r", "\n", ",", ":": end += 1
            default: return nil
            }
        }
        return nil
    }
}
