// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import TestSupport
import Testing

@testable import Operations

@Suite("A server and what strangers send it", .timeLimit(.minutes(1)))
struct EdgeServerTests {
    @Test("a page that had its name point here reads nothing and writes nothing")
    func rebinding() async throws {
        try await EdgeBench.with { bench in
            let read = try await bench.talk(["GET /echo HTTP/1.1\r\nHost: evil.example:\(bench.port)\r\n\r\n"])
            #expect(read.hasPrefix("HTTP/1.1 421 "))
            #expect(read.contains("RELAY_HTTP_ALLOWED_HOSTS"))
            let write = try await bench.talk([
                "POST /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://evil.example\r\nContent-Type: text/plain\r\n"
                    + "Content-Length: 2\r\n\r\n{}"
            ])
            #expect(write.hasPrefix("HTTP/1.1 403 "))
            #expect(bench.received == 0)
            #expect(bench.refused("foreignHost") == 1)
        }
    }

    @Test("no host, two hosts, and a coding that is not known are refused, and the connection ends")
    func malformed() async throws {
        try await EdgeBench.with { bench in
            let coded = "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"
            let long = "GET /echo HTTP/1.1\r\nHost: localhost\r\nX: \(String(repeating: "x", count: 100_000))\r\n\r\n"
            for (sent, status) in [
                ("GET /echo HTTP/1.1\r\n\r\n", 400), ("nonsense\r\n\r\n", 400), (coded, 501), (long, 431),
                ("GET /echo HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400),
            ] {
                let answered = try await bench.status([sent])
                #expect(answered == status, "\(sent.prefix(80))")
            }
        }
    }

    @Test("a length that is too large is refused before the body comes, and so is a body that grows too large")
    func tooLarge() async throws {
        try await EdgeBench.with(bodyLimit: 1000) { bench in
            let announced = try await bench.talk([bench.post(length: 1_000_000_000)])
            #expect(announced.hasPrefix("HTTP/1.1 413 "))
            let chunk = "100\r\n\(String(repeating: "x", count: 256))\r\n"
            let grown = try await bench.talk([
                "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + String(repeating: chunk, count: 5)
            ])
            #expect(grown.hasPrefix("HTTP/1.1 413 "))
            #expect(grown.lowercased().contains("connection: close"))
            #expect(bench.received == 0)
            #expect(bench.door.bodies.bytes == 0)
        }
    }

    @Test("half a head and a silent connection are closed, half a body is told that it is too slow")
    func slow() async throws {
        var limits = EdgeLimits()
        (limits.head, limits.body, limits.idle) = (.milliseconds(200), .milliseconds(300), .milliseconds(200))
        try await EdgeBench.with(limits) { bench in
            #expect(try await bench.talk([]) == "")
            #expect(try await bench.talk(["GET /echo HT"]) == "")
            let body = try await bench.talk([bench.post(length: 100) + "abc"])
            #expect(body.hasPrefix("HTTP/1.1 408 "))
            #expect(bench.received == 0)
            let idle = try await bench.talk([bench.post(length: 2) + "ok"])
            #expect(idle.hasPrefix("HTTP/1.1 200 ") && idle.hasSuffix("ok"))
        }
    }

    @Test("bodies beyond what is held at once are refused for a moment, and health is told on")
    func bodiesInFlight() async throws {
        var limits = EdgeLimits()
        limits.bodiesBytes = 1000
        try await EdgeBench.with(limits, bodyLimit: 900) { bench in
            async let held = bench.talk([bench.post(length: 800) + String(repeating: "x", count: 700)], closing: false)
            try await eventually(within: .seconds(5), pause: .milliseconds(5), "700 bytes held") {
                bench.door.bodies.bytes == 700 ? () : nil
            }
            let announced = try await bench.talk([bench.post(length: 400)])
            #expect(announced.hasPrefix("HTTP/1.1 503 "))
            #expect(announced.lowercased().contains("retry-after: 1"))
            let chunked = try await bench.talk([
                "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "190\r\n\(String(repeating: "x", count: 400))\r\n"
            ])
            #expect(chunked.hasPrefix("HTTP/1.1 503 "))
            let health = try await bench.talk(["GET /health HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n"])
            #expect(health.hasPrefix("HTTP/1.1 200 "))
            let small = try await bench.talk([bench.post(length: 2, closing: true) + "ok"])
            #expect(small.hasPrefix("HTTP/1.1 200 "))
            bench.letGo()
            _ = try await held
            try await eventually(within: .seconds(5), "nothing held") { bench.door.bodies.bytes == 0 ? () : nil }
        }
    }

    @Test("beyond the connections that are taken, health alone is told")
    func crowd() async throws {
        var limits = EdgeLimits()
        limits.connections = 1
        try await EdgeBench.with(limits) { bench in
            async let first = bench.talk([], closing: false)
            try await eventually(within: .seconds(5), pause: .milliseconds(5), "a connection") {
                bench.door.openConnections == 1 ? () : nil
            }
            #expect(try await bench.status([bench.post(length: 2) + "ok"]) == 503)
            let health = try await bench.talk(["GET /health HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n"])
            #expect(health.hasPrefix("HTTP/1.1 200 "))
            bench.letGo()
            _ = try await first
        }
    }

    @Test("who asks whether to send gets a word at once")
    func expectation() async throws {
        try await EdgeBench.with { bench in
            let head = "POST /echo HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nConnection: close\r\n"
            let answer = try await bench.talk([head + "Content-Length: 2\r\n\r\n", "ok"], afterAnswer: "100 Continue")
            #expect(answer.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 "))
            #expect(answer.hasSuffix("ok"))
            let refused = try await bench.talk([head + "Content-Length: 2000000000\r\n\r\n"])
            #expect(refused.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test("a client that takes nothing of its answer is cut off")
    func stalled() async throws {
        var limits = EdgeLimits()
        limits.stall = .milliseconds(200)
        try await EdgeBench.with(limits) { bench in
            let begin = ContinuousClock.now
            async let never = bench.talk(["GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n"], reading: false)
            try await eventually(within: .seconds(10), pause: .milliseconds(20), "the stream's end") {
                bench.streamsEnded == 1 ? () : nil
            }
            #expect(.now - begin >= .milliseconds(200))
            bench.letGo()
            _ = try await never
        }
    }

    @Test("requests that come at once over one connection are answered in their order")
    func pipelined() async throws {
        try await EdgeBench.with { bench in
            let answers = try await bench.talk([
                bench.post(length: 3) + "one" + "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
                    + bench.post(length: 3, closing: true) + "two"
            ])
            let order = ["one", "healthy", "two"].compactMap { answers.range(of: $0)?.lowerBound }
            #expect(order.count == 3 && order == order.sorted())
        }
    }

    @Test("HEAD is GET without the body, and another method is told which there are")
    func methods() async throws {
        try await EdgeBench.with { bench in
            let head = try await bench.talk(["HEAD /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"])
            #expect(head.hasPrefix("HTTP/1.1 200 ") && head.hasSuffix("\r\n\r\n"))
            #expect(head.lowercased().contains("date: "))
            let put = try await bench.talk(["PUT /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"])
            #expect(put.hasPrefix("HTTP/1.1 405 "))
            #expect(put.lowercased().contains("allow: post\r\n"))
            let old = try await bench.talk(["GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n"])
            #expect(old.hasPrefix("HTTP/1.0 200 ") && old.hasSuffix("healthy"))
        }
    }

    @Test("the date is written as HTTP has it")
    func date() {
        #expect(HTTPDate.text(of: 784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
    }
}
