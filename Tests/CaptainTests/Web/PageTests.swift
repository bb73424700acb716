// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird
import Testing

@testable import CaptainWeb

@Suite("The page")
struct PageTests {
    private let html = Page.html(nonce: "n0nce")

    @Test("it refers to nothing outside this process")
    func selfContained() {
        for reference in ["http://", "https://", "src=\"", "@import", "url("] { #expect(!html.contains(reference)) }
        #expect(html.components(separatedBy: "href=").count == 2)
        #expect(html.contains("href=\"data:image"))
    }

    @Test("its policy lets run only what carries this answer's nonce")
    func policy() throws {
        let one = Page.response(), two = Page.response()
        let policy = try #require(one.headers[.contentSecurityPolicy])
        #expect(policy.contains("default-src 'none'"))
        #expect(!policy.contains("unsafe"))
        #expect(policy != two.headers[.contentSecurityPolicy])
        #expect(html.components(separatedBy: "nonce=\"n0nce\"").count == 3)
        #expect(!html.contains(" onclick=") && !html.contains(" style="))
    }

    @Test("it shows no text that somebody else wrote but as shown text")
    func shownText() {
        #expect(html.contains("const hidden = /[\\u{0}-\\u{1f}\\u{7f}-\\u{9f}"))
        let written = html.matches(of: /\.textContent = ([^;]+);/).map { String($0.1) }
        #expect(written.count == 3)
        #expect(Set(written).isSubset(of: ["shown(text)", "plain"]))
        // Every other place for a text is an attribute, and takes what this page itself says.
        let titles = html.matches(of: /\.title = ([^;]+);/).map { String($0.1) }
        #expect(titles.count == 3)
        #expect(titles.allSatisfy { $0.hasPrefix("shown(") || $0.hasPrefix("stale ?") })
    }

    @Test("it tells changes to those who cannot see it, and moves nothing for those who ask for rest")
    func accessible() {
        #expect(html.contains("role=\"status\" aria-live=\"polite\""))
        #expect(html.contains("prefers-reduced-motion"))
        #expect(html.contains("lang=\"en\""))
    }

    @Test("it is never blank: what to do and that it is connecting stand there before the first word")
    func neverBlank() {
        #expect(html.contains("No baton is out"))
        #expect(html.contains("Connecting"))
        #expect(html.contains("<noscript>"))
    }
}
