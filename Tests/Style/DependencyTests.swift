// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("Dependencies")
struct DependencyTests {
    private struct Resolved: Decodable {
        struct Pin: Decodable { var identity: String }
        var pins: [Pin]
    }

    private func read(_ path: String) throws -> String {
        try String(contentsOfFile: "\(SourceFile.package)/\(path)", encoding: .utf8)
    }

    /// The packages of one section's table, with their licences.
    private func listed(under heading: String) throws -> [String: String] {
        let page = try read("docs/dependencies.md")
        let begin = try #require(page.range(of: "## \(heading)\n")).upperBound
        let section = page[begin...].prefix(upTo: page[begin...].range(of: "\n## ")?.lowerBound ?? page.endIndex)
        let rows = section.matches(of: /\n\| ([a-z0-9-]+)(?: \*)? \| ([^|]+) \|/)
        return Dictionary(uniqueKeysWithValues: rows.map { (String($0.1), String($0.2)) }.filter { $0.0 != "package" })
    }

    @Test("every package that the code names is listed, and no other")
    func direct() throws {
        let named = try read("Package.swift").matches(of: /\.package\(url: "[^"]*\/([^"\/]+)"/)
            .map { String($0.1).lowercased() }
        #expect(named.count > 5)
        #expect(try listed(under: "Swift packages that the code names").keys.sorted() == named.sorted())
    }

    @Test("every package that is fetched is listed with its licence, and no other")
    func resolved() throws {
        let data = try Data(contentsOf: URL(filePath: "\(SourceFile.package)/Package.resolved"))
        let pins = Set(try JSONDecoder().decode(Resolved.self, from: data).pins.map(\.identity))
        let listed = try listed(under: "Swift packages that the code names")
            .merging(listed(under: "Swift packages that those bring")) { $1 }
        #expect(Set(listed.keys).symmetricDifference(pins).sorted() == [])
        #expect(listed.filter { !["Apache-2.0", "MIT"].contains($0.value) }.isEmpty)
    }
}
