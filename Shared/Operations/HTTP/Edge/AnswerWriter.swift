// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import Synchronization

/// Writes one answer: at once when it is whole, part by part when it is a stream.
struct AnswerWriter: ResponseBodyWriter {
    typealias Outbound = NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>

    private let outbound: Outbound
    private var waiting: [HTTPServerResponsePart]
    private var isStream = false

    init(_ head: HTTPResponseHead, _ outbound: Outbound) {
        self.outbound = outbound
        waiting = [.head(head)]
    }

    func write(_ response: Response) async throws {
        var writer = self
        if response.body.contentLength == nil {
            writer.isStream = true
            try await writer.flush()
        }
        try await response.body.write(writer)
    }

    mutating func write(_ buffer: ByteBuffer) async throws {
        waiting.append(.body(.byteBuffer(buffer)))
        if isStream { try await flush() }
    }

    consuming func finish(_ trailers: HTTPFields?) async throws {
        waiting.append(.end(trailers.map { HTTPHeaders($0.map { ($0.name.rawName, $0.value) }) }))
        try await flush()
    }

    private mutating func flush() async throws {
        let parts = waiting
        waiting = []
        try await outbound.write(contentsOf: parts)
    }
}

extension Response {
    func nioHead(_ version: HTTPVersion) -> HTTPResponseHead {
        HTTPResponseHead(
            version: version, status: HTTPResponseStatus(statusCode: status.code, reasonPhrase: status.reasonPhrase),
            headers: HTTPHeaders(headers.map { ($0.name.rawName, $0.value) }))
    }
}

extension HTTPRequest {
    /// Nil when the method or a name is none that HTTP has.
    init?(_ head: HTTPRequestHead) {
        guard let method = HTTPRequest.Method(head.method.rawValue) else { return nil }
        var fields = HTTPFields()
        fields.reserveCapacity(head.headers.count)
        for (name, value) in head.headers where name.lowercased() != "host" {
            guard let name = HTTPField.Name(name) else { return nil }
            fields.append(HTTPField(name: name, value: value))
        }
        self.init(
            method: method, scheme: "http", authority: head.headers["host"].first, path: Self.path(of: head.uri),
            headerFields: fields)
    }

    /// What a proxy is asked for is a whole URL; its path is what is meant here.
    private static func path(of target: String) -> String {
        guard !target.hasPrefix("/"), let authority = target.range(of: "://")?.upperBound else { return target }
        return target[authority...].firstIndex { "/?".contains($0) }.map { String(target[$0...]) } ?? "/"
    }
}

/// The time as HTTP writes it, made once a second.
enum HTTPDate {
    private static let made = Mutex((second: time_t(0), text: ""))

    static var now: String {
        let second = time(nil)
        return made.withLock { made in
            if made.second != second { made = (second, text(of: second)) }
            return made.text
        }
    }

    static func text(of second: time_t) -> String {
        var (second, parts) = (second, tm())
        gmtime_r(&second, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][Int(parts.tm_wday)]
        let month = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ][Int(parts.tm_mon)]
        return "\(day), \(two(parts.tm_mday)) \(month) \(1900 + parts.tm_year) "
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }
}
