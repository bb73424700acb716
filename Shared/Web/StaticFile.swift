// SPDX-License-Identifier: Apache-2.0

import Digest
public import HTTPTypes
public import Hummingbird
import NIOCore

/// A file as it was when the process was built or started. Whoever has it already is told so instead of getting it.
public struct StaticFile: Sendable {
    /// A strong validator: another one for other bytes. Source: RFC 9110, section 8.8.3.
    public let entityTag: String
    private let body: ByteBuffer
    private let headers: HTTPFields

    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - contentType: As in `text/css; charset=utf-8`.
    ///   - headers: What else is said of it, as in a content-security policy.
    public init(_ bytes: [UInt8], contentType: String, headers: HTTPFields = [:]) {
        entityTag = "\"\(SHA256.hash(bytes).hex.prefix(32))\""
        body = ByteBuffer(bytes: bytes)
        var all = headers
        all[.contentType] = contentType
        all[.eTag] = entityTag
        // It may be kept, but whoever has kept it asks whether it is still the newest.
        all[.cacheControl] = "no-cache"
        all[.xContentTypeOptions] = "nosniff"
        self.headers = all
    }

    /// The file with 200, or 304 without it when the request names its entity tag.
    public func response(to request: Request) -> Response {
        if request.headers[values: .ifNoneMatch].contains(where: isNamed) {
            return Response(status: .notModified, headers: headers.filter { $0.name != .contentType })
        }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: body))
    }

    /// Whether a field `If-None-Match` names this file. A weak tag counts too: bytes are compared by their digest.
    private func isNamed(_ field: String) -> Bool {
        field.split(separator: ",").map { $0.trimming { $0 == " " || $0 == "\t" } }.contains {
            $0 == "*" || $0 == entityTag || $0 == "W/\(entityTag)"
        }
    }
}

extension Substring {
    fileprivate func trimming(_ isSpace: (Character) -> Bool) -> Substring {
        var rest = drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return rest
    }
}
