// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Operations

@Suite("Metrics")
struct MetricsTests {
    @Test("The same name and labels are the same instrument")
    func identity() {
        let metrics = Metrics()
        metrics.counter("handoffs_total", help: "h", labels: ["lane": "primary", "outcome": "failed"]).add()
        metrics.counter("handoffs_total", help: "h", labels: ["outcome": "failed", "lane": "primary"]).add(2)
        #expect(metrics.exposition().contains(#"handoffs_total{lane="primary",outcome="failed"} 3"#))
    }

    @Test("The exposition names help, kind and every series in a fixed order")
    func exposition() {
        let metrics = Metrics()
        metrics.gauge("b_bytes", help: "back\\slash").set(1.5)
        metrics.counter("a_total", help: "counts", labels: ["x": "2\""]).add()
        metrics.counter("a_total", help: "counts", labels: ["x": "1"]).add()
        let expected = """
            # HELP a_total counts
            # TYPE a_total counter
            a_total{x="1"} 1
            a_total{x="2\\""} 1
            # HELP b_bytes back\\\\slash
            # TYPE b_bytes gauge
            b_bytes 1.5

            """
        #expect(metrics.exposition() == expected)
    }

    @Test("A histogram's buckets are cumulative, a value on a bound counts in its bucket")
    func histogram() {
        let metrics = Metrics()
        let histogram = metrics.histogram("t_seconds", help: "t", buckets: [0.1, 1])
        for value in [0.1, 0.5, 2] { histogram.record(value) }
        histogram.record(.milliseconds(250))
        let text = metrics.exposition()
        #expect(text.contains(#"t_seconds_bucket{le="0.1"} 1"#))
        #expect(text.contains(#"t_seconds_bucket{le="1"} 3"#))
        #expect(text.contains(#"t_seconds_bucket{le="+Inf"} 4"#))
        #expect(text.contains("t_seconds_sum 2.85"))
        #expect(text.contains("t_seconds_count 4"))
    }

    @Test("The process's processor time and memory are those of the operating system")
    func process() throws {
        let resident = try #require(ProcessAccounting.residentBytes())
        #expect(resident > 1 << 20)
        let before = try #require(ProcessAccounting.cpuSeconds())
        var sum = 0.0
        for index in 0..<2_000_000 { sum += Double(index).squareRoot() }
        #expect(sum > 0)
        #expect(try #require(ProcessAccounting.cpuSeconds()) > before)
        let metrics = Metrics()
        metrics.observeProcess()
        #expect(metrics.exposition().contains("# TYPE process_cpu_seconds_total counter"))
    }

    @Test("Readiness needs every part")
    func readiness() {
        let readiness = Readiness()
        #expect(readiness.isReady)
        readiness.set(false, for: "kafka", reason: "not joined")
        readiness.set(true, for: "http", reason: "listening")
        #expect(!readiness.isReady)
        readiness.set(true, for: "kafka", reason: "joined")
        #expect(readiness.isReady)
        #expect(readiness.parts.map(\.part) == ["http", "kafka"])
    }

    @Test("Who watches readiness hears how it is and of each change")
    func changes() async {
        let readiness = Readiness()
        readiness.set(false, for: "kafka", reason: "not joined")
        var changes = readiness.changes.makeAsyncIterator()
        #expect(await changes.next() == false)
        readiness.set(true, for: "kafka", reason: "joined")
        #expect(await changes.next() == true)
    }
}
