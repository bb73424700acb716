// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import NIOHTTP1

/// Which requests a server takes at all, judged by their heads alone. Pure.
public struct EdgePolicy: Sendable {
    /// What the types of bodies tell about who sends them.
    public enum Writes: Sendable {
        /// Bodies are JSON, and say so: no form and no simple request of a foreign page can be one.
        case json
        /// Clients that say nothing of the type, or something wrong, are taken; browsers are held to it.
        case anyTypeUnlessFromBrowser
    }

    /// By which names the server may be asked.
    public var hosts: AllowedHosts
    /// What is asked of a write.
    public var writes: Writes
    /// Paths that answer whoever asks, by whatever name: probes know none.
    public var openPaths: Set<String>
    /// The largest body.
    public var bodyLimitBytes: Int

    /// - Parameters:
    ///   - hosts: By which names the server may be asked.
    ///   - writes: What is asked of a write.
    ///   - openPaths: Paths that answer whoever asks.
    ///   - bodyLimitBytes: The largest body.
    public init(hosts: AllowedHosts, writes: Writes, openPaths: Set<String>, bodyLimitBytes: Int) {
        self.hosts = hosts
        self.writes = writes
        self.openPaths = openPaths
        self.bodyLimitBytes = bodyLimitBytes
    }

    func isOpen(_ head: HTTPRequestHead) -> Bool { openPaths.contains(String(head.uri.prefix { $0 != "?" })) }

    /// Why a request is not taken; nil when it is.
    /// - Parameter local: The address that the connection reached.
    func refusal(of head: HTTPRequestHead, at local: String?) -> EdgeRefusal? {
        if let refusal = protocolProblem(head) { return refusal }
        if isOpen(head) { return nil }
        return hostProblem(head, local) ?? originProblem(head) ?? typeProblem(head)
    }

    // MARK: HTTP

    private func protocolProblem(_ head: HTTPRequestHead) -> EdgeRefusal? {
        let codings = head.headers[canonicalForm: "transfer-encoding"].map { $0.lowercased() }
        guard codings.isEmpty || codings == ["chunked"] else {
            return EdgeRefusal(
                status: .notImplemented, reason: .unsupported,
                message: "the transfer coding is not understood here; send chunked, or a content-length")
        }
        let expectations = head.headers[canonicalForm: "expect"].map { $0.lowercased() }
        guard expectations.isEmpty || expectations == ["100-continue"] else {
            return EdgeRefusal(
                status: .expectationFailed, reason: .unsupported, message: "only 100-continue can be expected here")
        }
        if let length = head.headers.first(name: "content-length") {
            guard let bytes = Int(length), bytes >= 0 else { return .malformed("the content-length is not a number") }
            guard bytes <= bodyLimitBytes else { return .tooLarge(limitBytes: bodyLimitBytes) }
        }
        return head.headers["host"].count > 1 ? .malformed("the field Host is there twice") : nil
    }

    // MARK: Host

    private func hostProblem(_ head: HTTPRequestHead, _ local: String?) -> EdgeRefusal? {
        guard let field = head.headers["host"].first, !field.isEmpty else {
            return .malformed("the field Host is missing")
        }
        guard let host = Authority(field)?.host else { return .malformed("the field Host names no host") }
        guard hosts.admit(host, at: local.flatMap { HostName($0) }) else {
            return EdgeRefusal(
                status: .misdirectedRequest, reason: .foreignHost,
                message: "this server is not known as \"\(host.text.prefix(100))\": if it should be, add that name to "
                    + "RELAY_HTTP_ALLOWED_HOSTS")
        }
        return nil
    }

    // MARK: Origin

    /// Browsers say where a request comes from; other clients say nothing, and are asked nothing.
    private func originProblem(_ head: HTTPRequestHead) -> EdgeRefusal? {
        let origins = head.headers["origin"]
        if let origin = origins.first, origins.count > 1 || !isOwn(origin, head) { return Self.foreignOrigin }
        let sites = head.headers["sec-fetch-site"]
        guard let site = sites.first else { return nil }
        if sites.count == 1, site == "same-origin" || site == "none" { return nil }
        return isNavigation(head) ? nil : Self.foreignOrigin
    }

    private static let foreignOrigin = EdgeRefusal(
        status: .forbidden, reason: .foreignOrigin,
        message: "pages of other origins are not answered; a proxy in front must pass the field Host as it came")

    private func isOwn(_ origin: String, _ head: HTTPRequestHead) -> Bool {
        // What ends TLS in front changes the scheme, so the scheme says nothing.
        guard let scheme = ["https://", "http://"].first(where: origin.hasPrefix),
            let origin = Authority(origin.dropFirst(scheme.count)),
            let host = head.headers["host"].first.flatMap({ Authority($0) })
        else { return false }
        return origin.plain == host.plain
    }

    /// Somebody follows a link to here: the page that has the link sees nothing of the answer.
    private func isNavigation(_ head: HTTPRequestHead) -> Bool {
        (head.method == .GET || head.method == .HEAD) && head.headers["origin"].isEmpty
            && head.headers["sec-fetch-mode"] == ["navigate"] && head.headers["sec-fetch-dest"] == ["document"]
    }

    // MARK: Types

    private func typeProblem(_ head: HTTPRequestHead) -> EdgeRefusal? {
        guard ![.GET, .HEAD, .OPTIONS].contains(head.method) else { return nil }
        let isFromBrowser = head.headers.contains(name: "origin") || head.headers.contains(name: "sec-fetch-site")
        let types = head.headers["content-type"]
        switch writes {
        case .json where types.isEmpty && !isFromBrowser: return nil
        case .json where types.count == 1 && Self.isJSON(types[0]): return nil
        case .anyTypeUnlessFromBrowser where !isFromBrowser: return nil
        case .anyTypeUnlessFromBrowser where types.count == 1 && (Self.isJSON(types[0]) || Self.isBinary(types[0])):
            return nil
        case .json, .anyTypeUnlessFromBrowser:
            let shown = types.isEmpty ? "no content type" : "the content type \"\(types[0].prefix(100))\""
            return EdgeRefusal(
                status: .unsupportedMediaType, reason: .unsupportedMediaType,
                message: "\(shown) is not taken here; send JSON, as content-type: application/json")
        }
    }

    private static func mediaType(_ text: String) -> String {
        text.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
    }

    private static func isJSON(_ text: String) -> Bool {
        let type = mediaType(text)
        return ["application/json", "text/json"].contains(type)
            || type.hasPrefix("application/") && type.hasSuffix("+json")
    }

    private static func isBinary(_ text: String) -> Bool { mediaType(text) == "application/octet-stream" }
}
