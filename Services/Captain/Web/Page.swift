// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import NIOCore

/// The live screen: one page that needs nothing but this process.
enum Page {
    /// The whole page. Style and script carry the nonce that the response's policy allows, and nothing else runs.
    static func html(nonce: String) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Production Relay</title>
        <link rel="icon" href="data:image/svg+xml,\(icon)">
        <style nonce="\(nonce)">
        \(palette)
        \(layout)
        \(panels)
        \(track)
        </style>
        </head>
        <body>
        \(structure)
        <script nonce="\(nonce)">
        "use strict";
        \(timeScript)
        \(trackScript)
        \(panelScript)
        \(journalScript)
        \(feedScript)
        </script>
        </body>
        </html>
        """
    }

    static func response() -> Response {
        var random = SystemRandomNumberGenerator()
        let nonce = String(random.next(), radix: 36) + String(random.next(), radix: 36)
        let policy =
            "default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; img-src data:; "
            + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
                .contentSecurityPolicy: policy, .xContentTypeOptions: "nosniff",
            ],
            body: .init(byteBuffer: ByteBuffer(string: html(nonce: nonce))))
    }

    /// A baton on a round ground, percent-encoded as a data URL wants it.
    private static let icon =
        "%3Csvg xmlns='http:%2F%2Fwww.w3.org%2F2000%2Fsvg' viewBox='0 0 32 32'%3E%3Ccircle cx='16' cy='16' r='16' "
        + "fill='%231d2b3a'%2F%3E%3Crect x='6' y='13' width='20' height='6' rx='3' fill='%23e0663c' "
        + "transform='rotate(-28 16 16)'%2F%3E%3C%2Fsvg%3E"
}
