// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
import TestSupport

/// One page of a browser, as wide as a window.
struct BrowserPage: Sendable {
    let browser: Browser
    let width: Int
    private let session: String

    /// Opens an address.
    init(_ browser: Browser, _ address: String, width: Int, height: Int, reducedMotion: Bool = false) async throws {
        let target = try await browser.call("Target.createTarget", ["url": .string("about:blank")])["targetId"]
        let attached = try await browser.call(
            "Target.attachToTarget", ["targetId": target ?? .null, "flatten": .bool(true)])
        self.browser = browser
        self.width = width
        session = attached["sessionId"]?.text ?? ""
        for domain in ["Runtime", "Log", "Page", "Network"] { try await browser.call("\(domain).enable", on: session) }
        try await browser.call(
            "Emulation.setDeviceMetricsOverride",
            [
                "width": .number(.init(width)), "height": .number(.init(height)),
                "deviceScaleFactor": .number(.init(1)), "mobile": .bool(false),
            ], on: session)
        if reducedMotion {
            let feature: JSONValue = .object([
                "name": .string("prefers-reduced-motion"), "value": .string("reduce"),
            ])
            try await browser.call("Emulation.setEmulatedMedia", ["features": .array([feature])], on: session)
        }
        try await browser.call("Page.navigate", ["url": .string(address)], on: session)
    }

    /// The value of an expression of JavaScript.
    func value(_ expression: String) async throws -> JSONValue {
        let answer = try await browser.call(
            "Runtime.evaluate", ["expression": .string(expression), "returnByValue": .bool(true)], on: session)
        if let problem = answer["exceptionDetails"] {
            throw NeverHappened(description: "\(expression): \(String(decoding: problem.encoded(), as: UTF8.self))")
        }
        return answer["result"]?["value"] ?? .null
    }

    /// What stands in an element, by its id.
    func text(_ id: String) async throws -> String {
        try await value("document.getElementById('\(id)')?.textContent ?? ''").text ?? ""
    }

    /// What an element or all of the page needs more room for than there is: nothing, on a page that fits.
    func overflow() async throws -> [String] {
        try await value(
            """
            [...(document.documentElement.scrollWidth > innerWidth ? ["the page"] : []),
              ...[...document.querySelectorAll("body *:not(.hidden)")].filter(one => {
                const box = one.getBoundingClientRect();
                return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1);
              }).map(one => `${one.tagName} ${one.id} ${one.textContent.slice(0, 40)}`)]
            """
        ).items.compactMap(\.text)
    }

    /// A picture of the window, as PNG.
    func screenshot() async throws -> Data {
        let answer = try await browser.call("Page.captureScreenshot", ["format": .string("png")], on: session)
        guard let data = Data(base64Encoded: answer["data"]?.text ?? "") else {
            throw NeverHappened(description: "a picture of the page")
        }
        return data
    }

    /// What the browser had to say of the page: errors, warnings, and what its policy forbade.
    var complaints: [String] {
        browser.events(on: session).filter { event in
            switch event["method"]?.text {
            case "Runtime.exceptionThrown": true
            case "Runtime.consoleAPICalled": ["error", "warning", "assert"].contains(event["params"]?["type"]?.text)
            case "Log.entryAdded": true
            default: false
            }
        }.map { String(decoding: $0.encoded(), as: UTF8.self) }
    }

    /// The addresses that it asked for.
    var requests: [String] {
        browser.events(on: session).filter { $0["method"]?.text == "Network.requestWillBeSent" }
            .compactMap { $0["params"]?["request"]?["url"]?.text }
    }
}
