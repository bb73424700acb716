// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOHTTP1
import Testing

@testable import Operations

@Suite("Whom a server lets in")
struct EdgePolicyTests {
    private let strict = EdgePolicy(
        hosts: AllowedHosts("captain, *.relay.example, 10.0.0.7").map { $0.and("0.0.0.0") } ?? AllowedHosts(),
        writes: .json, openPaths: ["/health/live"], bodyLimitBytes: 100)

    private func head(
        _ method: HTTPMethod = .GET, _ path: String = "/batons", _ fields: [(String, String)] = [],
        host: [String] = ["127.0.0.1:8080"]
    ) -> HTTPRequestHead {
        HTTPRequestHead(
            version: .http1_1, method: method, uri: path, headers: HTTPHeaders(host.map { ("Host", $0) } + fields))
    }

    private func reason(_ head: HTTPRequestHead, router: Bool = false) -> EdgeRefusal.Reason? {
        var policy = strict
        if router { policy.writes = .anyTypeUnlessFromBrowser }
        return policy.refusal(of: head, at: "172.18.0.5")?.reason
    }

    @Test(
        "loopback, the address that was reached, and what is configured may be asked for",
        arguments: [
            "127.0.0.1:8080", "127.9.9.9", "localhost", "LOCALHOST:1", "localhost.", "[::1]:8080", "172.18.0.5:8080",
            "captain:8080", "Captain", "a.b.relay.example", "10.0.0.7",
        ])
    func ownHosts(host: String) {
        #expect(reason(head(host: [host])) == nil)
    }

    @Test(
        "any other name is misdirected, however it is written",
        arguments: [
            "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "relay.example", "xrelay.example",
            "10.0.0.8", "0.0.0.0:8080", "[::2]", "captain.evil.example", "2130706433", "127.1",
        ])
    func foreignHosts(host: String) {
        let refused = reason(head(host: [host]))
        #expect(refused == .foreignHost || refused == .malformed)
        #expect(strict.refusal(of: head(host: [host]), at: nil)?.status.code ?? 0 >= 400)
    }

    @Test("the refusal of a name says what to set")
    func remedy() {
        let refusal = strict.refusal(of: head(host: ["evil.example"]), at: nil)
        #expect(refusal?.status == .misdirectedRequest)
        #expect(refusal?.message.contains("RELAY_HTTP_ALLOWED_HOSTS") == true)
    }

    @Test(
        "a host that is missing, there twice, or none is malformed",
        arguments: [
            [], [""], ["127.0.0.1", "127.0.0.1"], ["127.0.0.1", "evil.example"], ["a b"], ["::1"], ["a:b"], ["[::1"],
        ])
    func malformedHosts(hosts: [String]) {
        #expect(reason(head(host: hosts)) == .malformed)
    }

    @Test("health is told whoever asks by whatever name, but not by two")
    func openPaths() {
        #expect(reason(head(.GET, "/health/live?x=1", host: ["evil.example"])) == nil)
        #expect(reason(head(.GET, "/health/live", host: [])) == nil)
        #expect(reason(head(.GET, "/health/live", [("Origin", "http://evil.example")])) == nil)
        #expect(reason(head(.GET, "/health/live", host: ["a", "b"])) == .malformed)
        #expect(reason(head(.GET, "/health/live/", host: ["evil.example"])) == .foreignHost)
    }

    @Test("* lets any name in, and still no page of another origin")
    func anyHost() {
        var open = strict
        open.hosts = AllowedHosts("*") ?? AllowedHosts()
        #expect(open.refusal(of: head(host: ["anything.example"]), at: nil) == nil)
        let foreign = head(.GET, "/batons", [("Origin", "http://evil.example")], host: ["anything.example"])
        #expect(open.refusal(of: foreign, at: nil)?.reason == .foreignOrigin)
    }

    @Test(
        "what is no list of hosts is refused",
        arguments: ["http://captain", "captain:8080", "a b", "*.", "*.10.0.0.1", "[::1"])
    func badLists(text: String) {
        #expect(AllowedHosts(text) == nil)
    }

    @Test(
        "pages of other origins are refused, for reads too",
        arguments: [
            [("Origin", "http://evil.example")], [("Origin", "null")], [("Origin", "http://127.0.0.1:3000")],
            [("Origin", "http://localhost:8080")], [("Origin", "chrome-extension://abc")],
            [("Origin", "http://127.0.0.1:8080"), ("Origin", "http://evil.example")],
            [("Sec-Fetch-Site", "cross-site")], [("Sec-Fetch-Site", "same-site")],
            [("Origin", "http://127.0.0.1:8080"), ("Sec-Fetch-Site", "cross-site")],
            [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe")],
        ])
    func foreignOrigins(fields: [(String, String)]) {
        #expect(reason(head(.GET, "/batons", fields)) == .foreignOrigin)
        #expect(reason(head(.POST, "/events", fields + [("Content-Type", "application/json")])) == .foreignOrigin)
    }

    @Test("the own page may ask, behind a proxy with TLS too, and a link may be followed")
    func ownOrigins() {
        #expect(
            reason(head(.GET, "/feed", [("Origin", "http://127.0.0.1:8080"), ("Sec-Fetch-Site", "same-origin")])) == nil
        )
        #expect(reason(head(.GET, "/", [("Sec-Fetch-Site", "none")])) == nil)
        #expect(reason(head(.GET, "/", [("Origin", "https://captain")], host: ["captain"])) == nil)
        #expect(reason(head(.GET, "/", [("Origin", "https://captain")], host: ["captain:443"])) == nil)
        let link = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")]
        #expect(reason(head(.GET, "/", link)) == nil)
        #expect(reason(head(.POST, "/events", link + [("Content-Type", "application/json")])) == .foreignOrigin)
    }

    @Test(
        "a write is JSON and says so",
        arguments: [
            ("application/json", true), ("application/json; charset=utf-8", true), ("Application/JSON", true),
            ("application/cloudevents+json", true), ("application/cloudevents-batch+json", true), ("text/json", true),
            ("text/plain", false), ("application/x-www-form-urlencoded", false),
            ("multipart/form-data; boundary=x", false),
            ("text/plain; x=application/json", false), ("", false), ("x+json", false),
        ])
    func types(type: String, isTaken: Bool) {
        let post = head(.POST, "/events", [("Content-Type", type)])
        #expect(reason(post) == (isTaken ? nil : .unsupportedMediaType))
    }

    @Test("a write without a type is left to the route, unless a browser sends it")
    func noType() {
        #expect(reason(head(.POST, "/events")) == nil)
        #expect(reason(head(.POST, "/events", [("Sec-Fetch-Site", "same-origin")])) == .unsupportedMediaType)
        #expect(
            reason(head(.POST, "/events", [("Content-Type", "application/json"), ("Content-Type", "text/plain")]))
                == .unsupportedMediaType)
    }

    @Test("the router asks browsers alone for a type")
    func router() {
        let form = ("Content-Type", "application/x-www-form-urlencoded")
        #expect(reason(head(.POST, "/v2/models/m/infer", [form]), router: true) == nil)
        #expect(reason(head(.POST, "/v2/models/m/infer"), router: true) == nil)
        let own = ("Origin", "http://127.0.0.1:8080")
        #expect(reason(head(.POST, "/v2/models/m/infer", [form, own]), router: true) == .unsupportedMediaType)
        #expect(reason(head(.POST, "/v2/models/m/infer", [own]), router: true) == .unsupportedMediaType)
        for type in ["application/json", "application/octet-stream"] {
            #expect(reason(head(.POST, "/v2/models/m/infer", [("Content-Type", type), own]), router: true) == nil)
        }
    }

    @Test("lengths, codings and expectations are judged by the head")
    func protocolProblems() {
        #expect(reason(head(.POST, "/events", [("Content-Length", "101")])) == .tooLarge)
        #expect(reason(head(.POST, "/events", [("Content-Length", "100")])) == nil)
        #expect(reason(head(.POST, "/health/live", [("Content-Length", "101")])) == .tooLarge)
        for coding in ["gzip, chunked", "gzip", "chunked, chunked", "identity"] {
            #expect(reason(head(.POST, "/events", [("Transfer-Encoding", coding)])) == .unsupported)
        }
        #expect(reason(head(.POST, "/events", [("Transfer-Encoding", "Chunked")])) == nil)
        #expect(reason(head(.POST, "/events", [("Expect", "100-Continue")])) == nil)
        #expect(reason(head(.POST, "/events", [("Expect", "200-maybe")])) == .unsupported)
    }
}
