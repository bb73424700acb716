// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Baton

@Suite("Attributes of events")
struct AttributeTests {
    @Test(
        "a URI-reference is what RFC 3986 says",
        arguments: [
            "https://example.org", "ci", "ci/iris", "/ci", "//host/path", "#part", "?q", "./a:b", "urn:uuid:1-2",
            "mailto:ann@example.org", "https://u:p@h:8080/a/b;c=1?x=[y]#z", "http://[::1]:80/", "http://h:/", "a%20b",
            "../up", "relay-cli", "a/b:c", "file:///p",
        ])
    func references(text: String) {
        let fault = URIReference.fault(in: text)
        // Square brackets stand in a host only.
        #expect((fault == nil) == !text.contains("[y]"), "\(text): \(fault ?? "")")
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "my laptop", "a\\b", "a^b", "a`b", "a{b}", "a|b", "<a>", "\"a\"", "a%2", "a%zz", "a%", "müller", "1a:b",
            ":a", "a#b#c", "a[b]", "http://[::1", "http://[]/", "http://[::1]x/", "http://h:x/", "http://a@b@c/",
            "a\nb", "a\u{0}b", "a\u{202E}b",
        ])
    func noReferences(text: String) {
        #expect(URIReference.fault(in: text) != nil, "\(text)")
    }

    @Test("a schema is a URI with its scheme")
    func schemes() {
        #expect(URIReference.fault(inAbsolute: "https://example.org/s") == nil)
        #expect(URIReference.fault(inAbsolute: "urn:x") == nil)
        for text in ["", "/s", "s", "//h/s", "#s", "a b:c"] { #expect(URIReference.fault(inAbsolute: text) != nil) }
    }

    @Test("a media type has a type and a subtype, and whole parameters")
    func mediaTypes() {
        for text in [
            "application/json", "Application/JSON; charset=UTF-8", "text/plain;charset=\"utf \\\" 8\";x=y",
            "application/cloudevents+json ; a=b", "a/b;",
        ] {
            #expect(MediaType(text) != nil, "\(text)")
        }
        for text in ["", "json", "/", "a/", "/b", "a/b/c", "a b/c", "a/b c", "a/b;x", "a/b;x=", "a/b;=y", "a/b;x=\"y"] {
            #expect(MediaType(text) == nil, "\(text)")
        }
        #expect(MediaType("Application/JSON; charset=UTF-8")?.essence == "application/json")
        #expect(["application/json", "text/json", "application/x+json"].allSatisfy { MediaType($0)?.isJSON == true })
        #expect(MediaType("text/plain")?.isJSON == false)
    }

    @Test("a header's value comes back as it was, whatever is in it")
    func headers() {
        for text in ["plain", "a b", "50%", "\"q\"", "é😀", "a\\b", "%41"] {
            let encoded = HeaderText.encoded(text)
            #expect(encoded.utf8.allSatisfy { (0x21...0x7E).contains($0) })
            #expect(HeaderText.decoded(encoded) == text)
        }
        #expect(HeaderText.decoded("\"a \\\" b\"") == "a \" b")
        for text in ["50%", "%4", "%zz", "%C3", "%+1"] { #expect(HeaderText.decoded(text) == nil, "\(text)") }
    }

    private typealias Headers = [(name: String, value: [UInt8]?)]

    private func refusal(_ changes: Headers, without name: String? = nil, value: String = "{}") -> Refusal? {
        let all: Headers = [
            ("ce_specversion", Array("1.0".utf8)), ("ce_id", Array("1".utf8)), ("ce_source", Array("ci".utf8)),
            ("ce_type", Array("t".utf8)),
        ]
        return #expect(throws: Refusal.self) {
            try CloudEvent(kafkaHeaders: all.filter { $0.name != name } + changes, value: Array(value.utf8))
        }
    }

    @Test("a header that is there twice, that is not UTF-8, or that names no attribute is refused as that")
    func kafkaHeaders() {
        let text = Array("x".utf8)
        #expect(refusal([("ce_id", text)])?.problems == ["/id: the header ce_id is there twice"])
        #expect(
            refusal([("ce_id", [0xE9])], without: "ce_id")?.problems
                == ["/id: the header ce_id is not UTF-8: write it in UTF-8"])
        #expect(
            refusal([("ce_Trace", text)])?.problems.first?.hasPrefix("/Trace: \"ce_Trace\" names no attribute") == true)
        #expect(refusal([("ce_my.own", text)])?.details.first?.pointer == JSONPointer(["my.own"]))
        #expect(refusal([("ce_note", [0x1B])])?.description.contains("U+001B") == true)
        #expect(refusal([("content-type", text)])?.description.contains("no media type") == true)
        #expect(
            refusal([("content-type", Array("application/cloudevents+avro".utf8))])?.description.contains("+avro")
                == true)
    }

    @Test("an event in structured mode without its content type is refused as that")
    func structuredWithoutType() {
        let body = #"{"specversion":"1.0","id":"1","source":"ci","type":"t","data":{}}"#
        let headers: Headers = [("content-type", Array("application/json".utf8))]
        let refusal = #expect(throws: Refusal.self) { try CloudEvent(kafkaHeaders: headers, value: Array(body.utf8)) }
        #expect(refusal?.problems.count == 1)
        #expect(refusal?.description.contains("content-type: application/cloudevents+json") == true)
    }

    @Test("headers that are no attributes are nobody's business")
    func otherHeaders() throws {
        let headers: Headers = [
            ("ce_specversion", Array("1.0".utf8)), ("ce_id", Array("1".utf8)), ("ce_source", Array("ci".utf8)),
            ("ce_type", Array("t".utf8)), ("other", [0xFF]), ("other", nil), ("X-Trace", Array("x".utf8)),
        ]
        #expect(try CloudEvent(kafkaHeaders: headers, value: nil).extensions == [:])
    }

    @Test("a pointer escapes what it must, and comes back")
    func pointers() throws {
        let pointer = JSONPointer.root / "a/b" / "m~n" / 0 / ""
        #expect(pointer.description == "/a~1b/m~0n/0/")
        #expect(try JSON.decode([JSONPointer].self, from: JSON.encode([pointer, .root])) == [pointer, .root])
    }
}
