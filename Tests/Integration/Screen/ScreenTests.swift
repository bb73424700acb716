// SPDX-License-Identifier: Apache-2.0

import Baton
import ChildProcess
import Foundation
import Operations
import Synchronization
import TestSupport
import Testing

extension WholeRelay {
    @Suite("The screen of a relay")
    struct ScreenTests {
        /// Where to write the picture that the README shows; nil when nobody asks for it.
        private static let picture = ProcessInfo.processInfo.environment["SCREENSHOT"]

        @Test(
            "shows a race, its takeover and its end in a real browser, within every window and without a complaint",
            .enabled(if: Browser.executable != nil, "skipped: no chromium"), .timeLimit(.minutes(3)))
        func race() async throws {
            try await TestRelay.with { relay in
                try await Browser.with { browser in
                    var pages: [BrowserPage] = []
                    for (width, height, isResting) in [(320, 640, false), (390, 844, true), (1280, 800, false)] {
                        pages.append(
                            try await BrowserPage(
                                browser, "\(relay.captain)/", width: width, height: height, reducedMotion: isResting))
                    }
                    for page in pages { try await Self.shows(page, "pill-text") { $0 == "Live" } }
                    #expect(try await pages[0].text("model") == "No baton is out")
                    try await Self.race(relay) { baton in
                        try await Self.follow(baton, on: pages, of: relay)
                    }
                    for page in pages {
                        try await Self.shows(page, "phase") { $0.contains("finished") }
                        #expect(try await page.text("f-where-age").hasPrefix("final at "))
                        try await Self.shows(page, "announce") { $0.hasSuffix(": finished") }
                        #expect(try await page.overflow() == [], "at \(page.width)")
                        #expect(page.complaints == [])
                        #expect(page.requests.count > 10)
                        #expect(page.requests.filter { !$0.hasPrefix(relay.captain + "/") } == [])
                    }
                    try await Self.expectStrict(pages[0])
                }
            }
        }

        /// What was not seen above would have been: the policy holds, a complaint is heard, and so is what overflows.
        private static func expectStrict(_ page: BrowserPage) async throws {
            _ = try await page.value("document.body.setAttribute('style', 'opacity: 0'); 0")
            #expect(try await page.value("getComputedStyle(document.body).opacity") == .string("1"))
            _ = try await eventually(within: .seconds(5), "the browser's complaint about a style") {
                page.complaints.contains { $0.contains("default-src 'self'") } ? true : nil
            }
            _ = try await page.value("document.getElementById('model').style.minWidth = '900px'; 0")
            #expect(try await page.overflow() != [])
        }

        /// What moves of the baton on the track; nil while there is none.
        private static func movement(on page: BrowserPage) async throws -> String? {
            let found = try await page.value(
                """
                (() => {
                  const baton = document.querySelector(".baton"), circle = baton?.querySelector("circle");
                  return baton ? `${getComputedStyle(circle).animationName} `
                    + getComputedStyle(baton).transitionDuration : null;
                })()
                """)
            return found.text
        }

        /// Runs a race as a person would, with traffic, and gives its baton to `body` once it is being built.
        private static func race(_ relay: TestRelay, _ body: (String) async throws -> Void) async throws {
            let project = try project(relay)
            let lines = Mutex<[String]>([])
            let run = try await ChildProcess.spawn(
                Command(
                    executable: TestRelay.binaries + "/relay",
                    arguments: ["run", project, "--captain", relay.captain]
                        + (picture == nil ? ["--set", "work.mebibytes=500"] : []),
                    environment: TestRelay.environment.merging(
                        ["RELAY_STORE_DIRECTORY": "\(relay.directory)/store"]) { $1 },
                    output: .lines { _, line in lines.withLock { $0.append(line) } }))
            do {
                let baton = try await eventually(within: .seconds(30), "a baton: \(lines.withLock { $0 })") {
                    let answer = try await HTTPClient().get("\(relay.captain)/batons")
                    return try JSON.decode(BatonList.self, from: answer.body).batons.first?.id.description
                }
                try await relay.working(baton, at: "build")
                try await body(baton)
            } catch {
                await run.terminate(grace: .seconds(2))
                throw error
            }
            let report = await run.exit()
            #expect(report.succeeded, "relay run ended with \(report.status): \(lines.withLock { $0 })")
        }

        /// The sample project for the picture, else the tests' own with a watch long enough to look at three pages.
        private static func project(_ relay: TestRelay) throws -> String {
            guard picture == nil else { return "\(TestRelay.package)/docs/examples/breast-cancer" }
            return try relay.project { try $0.edit("relay.yaml", "period: 2s", "period: 12s") }.directory
        }

        /// Freezes the primary pipeline until the fallback has taken over, and looks at the race until it is watched.
        private static func follow(_ baton: String, on pages: [BrowserPage], of relay: TestRelay) async throws {
            try relay.signal("pipeline", SIGSTOP)
            defer { try? relay.signal("pipeline", SIGCONT) }
            for page in pages { try await shows(page, "takeovers") { $0 == "⇄ 1 takeover" } }
            try relay.signal("pipeline", SIGCONT)
            // Of the three the second is shown to somebody who asks for rest.
            for (page, moves) in zip(pages, ["breathe 0.3s", "none 0s", "breathe 0.3s"]) {
                try await shows(page, "f-where") { $0.hasPrefix("Watch") }
                _ = try await eventually(within: .seconds(2), "the baton on the track, moving: \(moves)") {
                    try await movement(on: page) == moves ? true : nil
                }
                try await shows(page, "f-served") { $0 != "–" }
                #expect(try await page.text("track").contains("fallback"))
                #expect(try await page.text("journal").contains("⇄ Fallback lane takes over build"))
                #expect(try await page.overflow() == [], "at \(page.width)")
            }
            if let picture, let page = pages.last {
                try await shows(page, "f-where") { $0.wholeMatch(of: /Watch · [89]\d %/) != nil }
                try await page.screenshot().write(to: URL(filePath: picture))
            }
        }

        private static func shows(
            _ page: BrowserPage, _ id: String, _ isThere: @escaping (String) -> Bool
        ) async throws {
            _ = try await eventually(within: .seconds(40), "\(id) of the page at \(page.width)") {
                isThere(try await page.text(id)) ? true : nil
            }
        }
    }
}
