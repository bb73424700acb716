// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import NIOCore
import Testing
import Web

@Suite("Static files")
struct StaticFileTests {
    private let file = StaticFile(Array("body{}".utf8), contentType: "text/css; charset=utf-8")

    private func ask(_ file: StaticFile, having tag: String?) -> Response {
        var head = HTTPRequest(method: .get, scheme: "http", authority: "localhost", path: "/style.css")
        head.headerFields[.ifNoneMatch] = tag
        return file.response(to: Request(head: head, body: .init(buffer: ByteBuffer())))
    }

    @Test("the first time it comes whole, with its type and its tag, and is kept only to be asked about")
    func whole() {
        let answer = ask(file, having: nil)
        #expect(answer.status == .ok)
        #expect(answer.body.contentLength == 6)
        #expect(answer.headers[.contentType] == "text/css; charset=utf-8")
        #expect(answer.headers[.eTag] == file.entityTag)
        #expect(answer.headers[.cacheControl] == "no-cache")
        #expect(answer.headers[.xContentTypeOptions] == "nosniff")
    }

    @Test("whoever has it is told so and gets nothing", arguments: ["%", "W/%", "\"old\" , %", "*"])
    func unchanged(tag: String) {
        let answer = ask(file, having: tag.replacing("%", with: file.entityTag))
        #expect(answer.status == .notModified)
        #expect(answer.body.contentLength == 0)
        #expect(answer.headers[.eTag] == file.entityTag)
        #expect(answer.headers[.contentType] == nil)
    }

    @Test("whoever has other bytes gets these")
    func changed() {
        let older = StaticFile(Array("body{ }".utf8), contentType: "text/css; charset=utf-8")
        #expect(older.entityTag != file.entityTag)
        #expect(ask(file, having: older.entityTag).status == .ok)
    }

    @Test("what else is said of it comes with it, with and without its bytes")
    func headers() {
        let page = StaticFile(
            Array("<!doctype html>".utf8), contentType: "text/html; charset=utf-8",
            headers: [.contentSecurityPolicy: "default-src 'self'"])
        for tag in [nil, page.entityTag] {
            #expect(ask(page, having: tag).headers[.contentSecurityPolicy] == "default-src 'self'")
        }
    }
}
