// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// A one-shot HTTP/1.1 client: one connection a request, no pool, no redirects, TLS where it is given. For the command
/// line, probes, tests, calls between processes of one machine, and what is sent now and then.
public struct HTTPClient: Sendable {
    /// An answer.
    public struct Response: Sendable, Equatable {
        /// As in 200.
        public let status: Int
        /// By lower-case name.
        public let headers: [String: String]
        /// The whole body.
        public let body: [UInt8]

        /// The body as text.
        public var text: String { String(decoding: body, as: UTF8.self) }
        /// Whether the status is 2xx.
        public var isSuccess: Bool { (200..<300).contains(status) }
    }

    /// Bounds the whole exchange; for `lines`, until the head of the answer is there.
    public var timeout: Duration
    /// The largest body that is read.
    public var bodyLimitBytes: Int
    private(set) var tls: ClientTLS?

    /// - Parameters:
    ///   - timeout: Bounds the whole exchange.
    ///   - bodyLimitBytes: The largest body that is read.
    ///   - tls: For URLs of https, which are refused without.
    public init(timeout: Duration = .seconds(10), bodyLimitBytes: Int = 16 << 20, tls: ClientTLS? = nil) {
        self.timeout = timeout
        self.bodyLimitBytes = bodyLimitBytes
        self.tls = tls
    }

    /// Asks for a resource. - Throws: `HTTPClientError`, or `CancellationError`.
    public func get(_ url: String, headers: [String: String] = [:]) async throws -> Response {
        try await send(method: "GET", url, headers: headers)
    }

    /// Sends a body. - Throws: `HTTPClientError`, or `CancellationError`.
    public func post(
        _ url: String, body: [UInt8], contentType: String = "application/json", headers: [String: String] = [:]
    ) async throws -> Response {
        try await send(
            method: "POST", url, headers: headers.merging(["content-type": contentType]) { $1 }, body: body)
    }

    /// Sends any request. - Throws: `HTTPClientError`, or `CancellationError`.
    public func send(
        method: String, _ url: String, headers: [String: String] = [:], body: [UInt8] = []
    ) async throws -> Response {
        let target = try HTTPTarget(url)
        return try await withTimeout(target) {
            let connection = try await HTTPConnection.open(target, tls, timeout: timeout)
            return try await connection.exchange(target.request(method, headers, body)) { head, parts in
                var bytes: [UInt8] = []
                for try await part in parts {
                    if bytes.count + part.readableBytes > bodyLimitBytes {
                        throw HTTPClientError(
                            url: target.url, reason: "the body is larger than \(bodyLimitBytes) bytes")
                    }
                    bytes += part.readableBytesView
                }
                return Response(status: Int(head.status.code), headers: head.plainHeaders, body: bytes)
            }
        }
    }

    /// Runs work, and cancels it when the time is over.
    private func withTimeout<Value: Sendable>(
        _ target: HTTPTarget, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        do {
            if let value = try await within(timeout, work) { return value }
        } catch let error as HTTPClientError {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch {
            throw HTTPClientError(url: target.url, reason: inPlainWords(error))
        }
        throw HTTPClientError(url: target.url, reason: "no answer within \(DurationText.write(timeout))")
    }
}

/// Why a request had no answer.
public struct HTTPClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The URL asked for.
    public let url: String
    /// What went wrong.
    public let reason: String

    /// The URL and what went wrong.
    public var description: String { "\(url): \(reason)" }
}
