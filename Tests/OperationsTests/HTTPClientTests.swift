// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Operations

@Suite("HTTP client", .timeLimit(.minutes(1)))
struct HTTPClientTests {
    @Test("A URL that is not plain HTTP is refused", arguments: ["https://a", "ftp://a", "nowhere", "http://", ""])
    func urls(_ url: String) async {
        await #expect(throws: HTTPClientError.self) { try await HTTPClient().get(url) }
    }

    @Test("Nobody listening is an error that names the URL")
    func refused() async throws {
        let error = await #expect(throws: HTTPClientError.self) { try await HTTPClient().get("http://127.0.0.1:1/x") }
        #expect(error?.url == "http://127.0.0.1:1/x")
    }

    @Test("A target keeps path and query as they were written")
    func target() throws {
        let target = try HTTPTarget("http://127.0.0.1:8080/a%20b?c=d")
        #expect(target.path == "/a%20b?c=d")
        #expect(target.port == 8080)
        #expect(try HTTPTarget("http://[::1]").host == "::1")
    }

    @Test("Lines are cut wherever the bytes are")
    func splitting() {
        var generator = SystemRandomNumberGenerator()
        let text = "data: 1\r\n\ndata: ü\nrest"
        for _ in 0..<200 {
            var splitter = LineSplitter()
            var lines: [String] = []
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...rest.count, using: &generator)
                lines += splitter.add(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            #expect(lines == ["data: 1", "", "data: ü"])
            #expect(splitter.pendingBytes == 4)
        }
    }
}
