// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
package import Hummingbird
import Web

/// The live screen's own files. They are part of the program: there is nothing to look up, and no version but one.
package struct ScreenFiles: Sendable {
    /// Nothing but these files runs, styles or is shown, and nobody frames the page.
    static let policy =
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    let page: StaticFile
    /// What the page is made of, by its name below `/assets/`.
    let assets: [String: StaticFile]

    /// Takes the files out of the program.
    package init() {
        page = Self.file("index.html", PackageResources.index_html)
        assets = Dictionary(
            uniqueKeysWithValues: Self.embedded.map { name, bytes in (name, Self.file(name, bytes)) })
    }

    /// Adds `/` and what is below `/assets/`.
    package func add(to router: Router<BasicRequestContext>) {
        router.get("/") { request, _ in page.response(to: request) }
        router.get("/assets/:name") { request, context in
            guard let file = context.parameters.get("name").flatMap({ assets[$0] }) else { throw HTTPError(.notFound) }
            return file.response(to: request)
        }
    }

    private static func file(_ name: String, _ bytes: [UInt8]) -> StaticFile {
        let contentType =
            switch name.split(separator: ".").last {
            case "html": "text/html; charset=utf-8"
            case "css": "text/css; charset=utf-8"
            case "js": "text/javascript; charset=utf-8"
            case "svg": "image/svg+xml"
            default: "application/octet-stream"
            }
        return StaticFile(bytes, contentType: contentType, headers: [.contentSecurityPolicy: policy])
    }

    private static let embedded: [(String, [UInt8])] = [
        ("ages.js", PackageResources.ages_js),
        ("base.css", PackageResources.base_css),
        ("batons.js", PackageResources.batons_js),
        ("course.js", PackageResources.course_js),
        ("dom.js", PackageResources.dom_js),
        ("feed.js", PackageResources.feed_js),
        ("figures.js", PackageResources.figures_js),
        ("format.js", PackageResources.format_js),
        ("gates.js", PackageResources.gates_js),
        ("head.js", PackageResources.head_js),
        ("hearing.js", PackageResources.hearing_js),
        ("icon.svg", PackageResources.icon_svg),
        ("journal.js", PackageResources.journal_js),
        ("layout.css", PackageResources.layout_css),
        ("main.js", PackageResources.main_js),
        ("panels.css", PackageResources.panels_css),
        ("plan.js", PackageResources.plan_js),
        ("screen.js", PackageResources.screen_js),
        ("shown.js", PackageResources.shown_js),
        ("standing.js", PackageResources.standing_js),
        ("store.js", PackageResources.store_js),
        ("track-parts.js", PackageResources.track_parts_js),
        ("track.css", PackageResources.track_css),
        ("track.js", PackageResources.track_js),
        ("watch.js", PackageResources.watch_js),
    ]
}
