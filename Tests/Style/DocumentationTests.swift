// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What a machine can check of the documentation: that it speaks of what is there.
@Suite("Documentation")
struct DocumentationTests {
    struct Page: Sendable, CustomTestStringConvertible {
        /// Relative to the package.
        let path: String
        let text: String
        var testDescription: String { path }
    }

    static let pages: [Page] = {
        let below = FileManager.default.enumerator(atPath: "\(SourceFile.package)/docs")?.compactMap { $0 as? String }
        return (["README.md"] + (below ?? []).sorted().map { "docs/\($0)" }).filter { $0.hasSuffix(".md") }
            .compactMap { path in
                (try? String(contentsOfFile: "\(SourceFile.package)/\(path)", encoding: .utf8)).map {
                    Page(path: path, text: $0)
                }
            }
    }()

    static let sources = SourceFile.all(below: ["Services", "Shared"]).map {
        (path: $0.path, text: $0.lines.joined(separator: "\n"))
    }

    private static func text(of path: String) throws -> String {
        try #require(pages.first { $0.path == path }).text
    }

    @Test("every relative link leads to a file", arguments: pages)
    func links(page: Page) {
        let directory = URL(filePath: "\(SourceFile.package)/\(page.path)").deletingLastPathComponent()
        for match in page.text.matches(of: /\]\(([^)\s#]+)(?:#[^)\s]*)?\)/) {
            let target = String(match.1)
            guard !target.contains("://"), !target.hasPrefix("mailto:") else { continue }
            let path = directory.appending(path: target).standardizedFileURL.path
            #expect(FileManager.default.fileExists(atPath: path), "\(page.path) links \(target)")
        }
    }

    @Test("every key that the code reads is in the reference or, if commands alone read it, in operations.md")
    func keys() throws {
        let pages = try Self.text(of: "docs/configuration.md") + Self.text(of: "docs/operations.md")
        let explained = Set(pages.matches(of: /^\| `(RELAY_[A-Z_<>]+)`/.anchorsMatchLineEndings()).map(\.1))
        let read = Self.keysRead
        #expect(read.count > 20)
        #expect(read.subtracting(explained.map(String.init)).sorted() == [])
        #expect(Set(explained.map(String.init)).subtracting(read).sorted() == [])
    }

    @Test("every key that is named, in a page or in the code, is one that the code reads")
    func namedKeys() {
        let read = Self.keysRead
        let services = ["PIPELINE", "DEPLOY", "MONITOR", "GOVERNANCE"]
        let known = read.union(read.flatMap { key in services.map { key.replacing("<SERVICE>", with: $0) } })
        let named =
            Self.pages.map { ($0.path, $0.text.matches(of: /RELAY_[A-Z_<>]+[A-Z]/).map { String($0.0) }) }
            + Self.sources.map { ($0.path, $0.text.matches(of: /`(RELAY_[A-Z_<>]+)`/).map { String($0.1) }) }
        for (path, keys) in named {
            // `RELAY_<KEY>` stands for any.
            let unknown = Set(keys).filter { !$0.hasSuffix("<KEY>") }.subtracting(known).sorted()
            #expect(unknown == [], "\(path)")
        }
    }

    @Test("every metric of the code is explained in operations.md, and no other is")
    func metrics() throws {
        let measured = Self.measured
        let explained = Set(
            try Self.text(of: "docs/operations.md").matches(
                of: /^\| `([a-z_]+)` \| (?:counter|gauge|histogram|summary) \|/
                    .anchorsMatchLineEndings()
            ).map { String($0.1) })
        #expect(measured.count > 20)
        #expect(measured.subtracting(explained).sorted() == [])
        #expect(explained.subtracting(measured).sorted() == [])
    }

    /// The metrics that the code has.
    static let measured = Set(
        sources.flatMap { source in
            source.text.matches(of: /(?:counter|gauge|histogram|observe|metric)\(\s*"((?:relay|process)_[a-z_]+)"/)
                .map { String($0.1) }
        })

    /// The keys that the code asks for, in their environment form.
    private static let keysRead: Set<String> = {
        var keys: Set<String> = []
        for source in sources {
            let parts = source.path.split(separator: "/")
            // A service's own key has the service's name; one that all legs share has each leg's.
            let owner = parts[0] == "Services" ? parts[1].uppercased() : "<SERVICE>"
            let declarations =
                #/
                \s*=\ Setting(?:<[A-Za-z?]+>)?(?:\.[a-z]+)?\(\s*"([a-z][a-z-]*)",(\s*scope:\ \.suite)?
                /#
            for match in source.text.matches(of: declarations) {
                let name = match.1.uppercased().replacing("-", with: "_")
                keys.insert(match.2 == nil ? "RELAY_\(owner)_\(name)" : "RELAY_\(name)")
            }
        }
        return keys
    }()
}
