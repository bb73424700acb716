// SPDX-License-Identifier: Apache-2.0

import Foundation
import Operations
import Testing

@testable import CaptainWeb

@Suite("The screen's files", .timeLimit(.minutes(1)))
struct ScreenFilesTests {
    private static let directory =
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path + "/Services/Captain/Web/Assets"
    private let files = ScreenFiles()

    @Test("every file that is there is part of the program, and no other")
    func embedded() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.directory)
        #expect(Set(files.assets.keys).union(["index.html"]) == Set(names))
    }

    @Test("each is served as what it is, with its tag and under the policy; whoever has it gets it no second time")
    func served() async throws {
        let types = [
            "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
            "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
        ]
        try await withServer(files.add) { url in
            for name in try FileManager.default.contentsOfDirectory(atPath: Self.directory) {
                let address = name == "index.html" ? "\(url)/" : "\(url)/assets/\(name)"
                let answer = try await HTTPClient().get(address)
                #expect(answer.status == 200)
                #expect(answer.body == Array(try Data(contentsOf: URL(filePath: "\(Self.directory)/\(name)"))))
                let headers = answer.headers
                #expect(headers["content-type"] == name.split(separator: ".").last.flatMap { types[String($0)] })
                #expect(headers["x-content-type-options"] == "nosniff")
                #expect(headers["content-security-policy"] == ScreenFiles.policy)
                let tag = try #require(headers["etag"])
                #expect(tag.hasPrefix("\""))
                let again = try await HTTPClient().get(address, headers: ["if-none-match": tag])
                #expect(again.status == 304 && again.body.isEmpty)
                #expect(again.headers["content-security-policy"] == ScreenFiles.policy)
            }
            #expect(try await HTTPClient().get("\(url)/assets/nothing.js").status == 404)
        }
    }

    @Test("the policy lets nothing in from elsewhere, nothing inline, and no page frame this one")
    func policy() {
        let rules = ScreenFiles.policy.components(separatedBy: "; ")
        #expect(rules.first == "default-src 'self'")
        #expect(rules.contains("frame-ancestors 'none'") && rules.contains("base-uri 'none'"))
        #expect(rules.contains("form-action 'none'") && !ScreenFiles.policy.contains("unsafe"))
    }

    @Test("whatever the page and its modules ask for is served, and every module is asked for at once")
    func complete() throws {
        let page = try String(contentsOfFile: Self.directory + "/index.html", encoding: .utf8)
        let asked = page.matches(of: /(?:href|src)="([^"]+)"/).map { String($0.1) }
        #expect(Set(asked) == Set(files.assets.keys.map { "assets/\($0)" }))
        for name in files.assets.keys where name.hasSuffix(".js") {
            let text = try String(contentsOfFile: "\(Self.directory)/\(name)", encoding: .utf8)
            for module in text.matches(of: /from "\.\/([^"]+)"/) {
                #expect(files.assets[String(module.1)] != nil, "\(name) imports \(module.1)")
            }
        }
    }
}
