// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import Operations

@Suite("Exporting spans", .timeLimit(.minutes(1)))
struct TraceExporterTests {
    static func span(_ number: Int, start: Int64 = 1_764_000_000_123) -> Span {
        let digits = String(number, radix: 16)
        return Span(
            "build",
            .init(
                traceID: "0af7651916cd43dd8448eb211c80319c",
                spanID: String(repeating: "0", count: 16 - digits.count) + digits),
            parentID: "b7ad6b7169203331", kind: .producer, startedAtMilliseconds: start,
            endedAtMilliseconds: 1_764_000_001_000,
            attributes: ["relay.duty": .text("build"), "relay.attempt": .number(2)])
    }

    /// A collector that answers as it is told, and keeps what it was sent.
    final class Collector: Sendable {
        private let state: Mutex<(answers: [HTTPClient.Response], bodies: [[UInt8]], pauses: [Duration])>

        init(_ answers: [(Int, [String: String], String)] = []) {
            let answers = answers.map {
                HTTPClient.Response(status: $0.0, headers: $0.1, body: Array($0.2.utf8))
            }
            state = Mutex((answers, [], []))
        }

        var bodies: [[UInt8]] { state.withLock { $0.bodies } }
        var pauses: [Duration] { state.withLock { $0.pauses } }

        /// A status of 0 is a connection that fails; without further answers everything is taken.
        func take(_ body: [UInt8]) throws -> HTTPClient.Response {
            try state.withLock { state in
                state.bodies.append(body)
                guard !state.answers.isEmpty else { return HTTPClient.Response(status: 200, headers: [:], body: []) }
                let answer = state.answers.removeFirst()
                guard answer.status > 0 else {
                    throw HTTPClientError(url: "http://collector", reason: "nobody listens")
                }
                return answer
            }
        }

        func pause(_ duration: Duration) { state.withLock { $0.pauses.append(duration) } }
    }

    struct Rig {
        let collector: Collector
        let traces: Traces
        let metrics = Metrics()
        let exporter: TraceExporter

        init(_ collector: Collector, capacity: Int = 100, spansPerRequest: Int = 10) {
            self.collector = collector
            traces = Traces(capacity: capacity)
            var exporter = TraceExporter(
                traces, resource: ["service.name": "relay-test"], metrics: metrics,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            ) { try collector.take($0) }
            exporter.timing.spansPerRequest = spansPerRequest
            exporter.pause = { collector.pause($0) }
            self.exporter = exporter
        }

        func total(_ outcome: String) -> String? {
            metrics.exposition().split(separator: "\n").first {
                $0.hasPrefix("relay_spans_total{outcome=\"\(outcome)\"}")
            }
            .map { String($0.split(separator: " ")[1]) }
        }
    }

    @Test("A span is written as OTLP's JSON has it")
    func json() throws {
        var span = Self.span(1)
        span.links = [.init(traceID: span.identity.traceID, spanID: "00000000000000ff")]
        span.failure = "no sign of life for 1.0 s"
        let body = try TraceRequest([span], resource: ["service.name": "relay-captain"]).body()
        let expected = """
            {"resourceSpans":[{"resource":{"attributes":\
            [{"key":"service.name","value":{"stringValue":"relay-captain"}}]},"scopeSpans":[{\
            "scope":{"name":"production-relay","version":"\(SuiteVersion.current)"},"spans":[{"attributes":\
            [{"key":"relay.attempt","value":{"intValue":"2"}},\
            {"key":"relay.duty","value":{"stringValue":"build"}}],\
            "endTimeUnixNano":"1764000001000000000","kind":4,"links":[{"spanId":"00000000000000ff",\
            "traceId":"0af7651916cd43dd8448eb211c80319c"}],"name":"build","parentSpanId":"b7ad6b7169203331",\
            "spanId":"0000000000000001","startTimeUnixNano":"1764000000123000000",\
            "status":{"code":2,"message":"no sign of life for 1.0 s"},\
            "traceId":"0af7651916cd43dd8448eb211c80319c"}]}]}]}
            """
        #expect(String(decoding: body, as: UTF8.self) == expected)
    }

    @Test(
        "A span that went well, first of its trace, says no status, no parent; none ends before it starts"
    )
    func bare() throws {
        var span = Self.span(1, start: 1_764_000_002_000)
        span.parentID = nil
        let text = String(decoding: try TraceRequest([span], resource: [:]).body(), as: UTF8.self)
        #expect(!text.contains("status"))
        #expect(!text.contains("parentSpanId"))
        #expect(!text.contains("links"))
        #expect(text.contains(#""endTimeUnixNano":"1764000002000000000""#))
    }

    @Test("Spans go in batches, oldest first, and are counted")
    func batches() async throws {
        let rig = Rig(Collector(), spansPerRequest: 2)
        rig.traces.record((1...5).map { Self.span($0) })
        while try await rig.exporter.exportBatch() {}
        #expect(rig.collector.bodies.count == 3)
        #expect(String(decoding: rig.collector.bodies[0], as: UTF8.self).contains("0000000000000001"))
        #expect(rig.total("exported") == "5")
        #expect(rig.traces.waiting == 0)
    }

    @Test("What finds no room is dropped and counted, and nobody waits for it")
    func full() {
        let rig = Rig(Collector(), capacity: 3)
        rig.traces.record((1...2).map { Self.span($0) })
        rig.traces.record((3...6).map { Self.span($0) })
        #expect(rig.traces.first(10).map(\.identity.spanID).last == "0000000000000003")
        #expect(rig.total("dropped") == "3")
    }

    @Test(
        "A collector that is away or busy is tried again, later and later, or when it says",
        arguments: [
            ([(0, [:]), (503, [:]), (429, [:])], [500, 1000, 2000]),
            ([(503, ["retry-after": "7"]), (503, [:])], [7000, 1000]),
            ([(429, ["retry-after": "86400"])], [30_000]),
            ([(503, ["retry-after": "soon"]), (502, ["retry-after": "-5"]), (504, [:])], [500, 1000, 2000]),
        ] as [([(Int, [String: String])], [Int])])
    func again(answers: [(Int, [String: String])], pauses: [Int]) async throws {
        let rig = Rig(Collector(answers.map { ($0.0, $0.1, "") }))
        rig.traces.record([Self.span(1)])
        #expect(try await rig.exporter.exportBatch())
        #expect(rig.collector.pauses == pauses.map { .milliseconds($0) })
        #expect(Set(rig.collector.bodies).count == 1)
        #expect(rig.total("exported") == "1")
        #expect(rig.traces.waiting == 0)
    }

    @Test("A batch that is never taken is given up after a minute of pauses, and the next one gets its turn")
    func givenUp() async throws {
        let rig = Rig(Collector(Array(repeating: (503, [:], ""), count: 8)), spansPerRequest: 1)
        rig.traces.record([Self.span(1), Self.span(2)])
        #expect(try await rig.exporter.exportBatch())
        #expect(rig.total("refused") == "1")
        #expect(rig.collector.pauses.reduce(.zero, +) <= .seconds(60))
        #expect(rig.traces.first(10).map(\.identity.spanID) == ["0000000000000002"])
    }

    @Test("A batch that is refused for what it is is not sent again", arguments: [400, 401, 404, 413, 500])
    func refused(status: Int) async throws {
        let rig = Rig(Collector([(status, [:], "no")]))
        rig.traces.record([Self.span(1)])
        #expect(try await rig.exporter.exportBatch())
        #expect(rig.collector.bodies.count == 1)
        #expect(rig.total("refused") == "1")
        #expect(rig.total("exported") == "0")
    }

    @Test(
        "Spans that a collector did not want of a batch are counted, however it writes the number",
        arguments: ["2", "\"2\""])
    func partly(number: String) async throws {
        let answer = #"{"partialSuccess":{"rejectedSpans":\#(number),"errorMessage":"too old"}}"#
        let rig = Rig(Collector([(200, [:], answer)]))
        rig.traces.record((1...3).map { Self.span($0) })
        #expect(try await rig.exporter.exportBatch())
        #expect(rig.total("exported") == "1")
        #expect(rig.total("refused") == "2")
    }

    @Test(
        "An answer without a body, or with one that says nothing, takes everything",
        arguments: ["", "{}", "x", #"{"partialSuccess":{}}"#])
    func wholly(answer: String) async throws {
        let rig = Rig(Collector([(200, [:], answer)]))
        rig.traces.record([Self.span(1)])
        #expect(try await rig.exporter.exportBatch())
        #expect(rig.total("exported") == "1")
    }

    @Test("A shutdown exports what is left")
    func shutdown() async throws {
        let rig = Rig(Collector(), spansPerRequest: 2)
        let group = ServiceGroup(
            configuration: .init(
                services: [rig.exporter], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            rig.traces.record((1...5).map { Self.span($0) })
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(rig.total("exported") == "5")
    }

    @Test("A process exports nothing unless it is told where to")
    func off() throws {
        func context(_ environment: [String: String]) throws -> ProcessContext {
            ProcessContext(
                configuration: try .load(service: "test", arguments: ["test"], environment: environment),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }
        func isMade(_ context: ProcessContext) throws -> Bool { try TraceExporter(context).map { _ in true } ?? false }
        #expect(try !isMade(context([:])))
        #expect(try isMade(context(["RELAY_TRACES_ENDPOINT": "http://collector:4318"])))
        Traces.off.record([Self.span(1)])
        #expect(Traces.off.waiting == 0)
    }

    @Test(
        "An endpoint is HTTP, over TLS or not, and holds no secret",
        arguments: [
            ("http://127.0.0.1:4318", true), ("http://[::1]:4318/", true), ("http://collector/prefix", true),
            ("https://collector:4318", true), ("https://user:secret@collector", false),
            ("ftp://collector", false), ("http://user:secret@collector", false),
            ("http://user@collector", false),
            ("http://collector?token=secret", false), ("http://collector#x", false), ("collector:4318", false),
            ("http://", false), ("", false),
        ])
    func endpoint(text: String, isAccepted: Bool) {
        #expect(TraceExporter.isEndpoint(text) == isAccepted)
    }
}
