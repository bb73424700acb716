// SPDX-License-Identifier: Apache-2.0

import Baton
import Statistics

/// What happened to the requests of some stretch of time; stretches add up.
struct Traffic: Sendable, Equatable {
    private(set) var requests = 0
    /// Not answered for a reason on the serving side: a status of 500 or more, or 429.
    private(set) var failures = 0
    /// Refused for a reason on the caller's side: any other status that is not 2xx.
    private(set) var refusals = 0
    /// Latency of what was answered; how fast a failure came says nothing about how fast answers are.
    private(set) var latency = LatencySketch()

    mutating func add(status: Int, latencyMilliseconds: Double) {
        requests += 1
        if Self.isRefusal(status) {
            refusals += 1
        } else if (200..<300).contains(status) {
            latency.add(milliseconds: latencyMilliseconds)
        } else {
            failures += 1
        }
    }

    /// Whether a status says that the request was refused for a reason on the caller's side.
    static func isRefusal(_ status: Int) -> Bool {
        switch status {
        case 200..<300, 429, 500...: false
        default: true
        }
    }

    mutating func merge(_ other: Traffic) {
        requests += other.requests
        failures += other.failures
        refusals += other.refusals
        latency.merge(other.latency)
    }

    /// Requests that were not refused: what there is to know the release by.
    var accepted: Int { requests - refusals }

    /// Share of the requests that were refused.
    var refusalRate: Double { Refusals.share(refusals, requests) }

    /// Share of the requests that failed.
    var errorRate: Double { requests == 0 ? 0 : Double(failures) / Double(requests) }

    /// The stretch as it is reported.
    func window(from start: Timestamp, to end: Timestamp) -> WatchReport.Window {
        let percentiles = latency.percentiles([0.5, 0.9, 0.99])
        let seconds = (end - start).seconds
        return WatchReport.Window(
            from: start, to: end, predictions: requests,
            requestsPerSecond: seconds > 0 ? Double(requests) / seconds : 0, errorRate: errorRate,
            latencyMilliseconds: .init(p50: percentiles[0], p90: percentiles[1], p99: percentiles[2]),
            refusals: refusals)
    }
}

/// Traffic by slices of a period.
struct TrafficWindows: Sendable, Equatable {
    /// A report has at most this many slices, so that it fits in a record however long the period is.
    static let mostSlices = 120

    let start: Timestamp
    let end: Timestamp
    /// A whole number of seconds.
    let sliceMilliseconds: Int64
    private(set) var total = Traffic()
    private var slices: [Int64: Traffic] = [:]

    init(from start: Timestamp, to end: Timestamp) {
        self.start = start
        self.end = end
        let most = Int64(Self.mostSlices) * 1000
        sliceMilliseconds = max(1, ((end - start).milliseconds + most - 1) / most) * 1000
    }

    /// Counts a request; one outside the period is left out.
    /// - Returns: whether it was inside.
    @discardableResult
    mutating func add(at time: Timestamp, status: Int, latencyMilliseconds: Double) -> Bool {
        guard start <= time, time < end else { return false }
        let slice = (time - start).milliseconds / sliceMilliseconds
        slices[slice, default: Traffic()].add(status: status, latencyMilliseconds: latencyMilliseconds)
        total.add(status: status, latencyMilliseconds: latencyMilliseconds)
        return true
    }

    /// Takes in what was seen elsewhere of the same period.
    mutating func merge(_ other: TrafficWindows) {
        precondition(start == other.start && end == other.end, "only windows over the same period add up")
        total.merge(other.total)
        slices.merge(other.slices) { mine, theirs in
            var sum = mine
            sum.merge(theirs)
            return sum
        }
    }

    /// The last slices that begin before a moment, together.
    func recent(_ count: Int64, before now: Timestamp) -> Traffic {
        let last = (min(now, end) - start).milliseconds / sliceMilliseconds
        var sum = Traffic()
        for slice in (last - count + 1)...max(last, last - count + 1) {
            if let traffic = slices[slice] { sum.merge(traffic) }
        }
        return sum
    }

    /// Every slice that begins before a moment, the quiet ones too.
    func report(until now: Timestamp) -> [WatchReport.Window] {
        let length = max(0, (min(now, end) - start).milliseconds)
        return stride(from: Int64(0), to: length, by: Int64.Stride(sliceMilliseconds)).map { offset in
            let traffic = slices[offset / sliceMilliseconds] ?? Traffic()
            return traffic.window(
                from: start + .milliseconds(offset), to: start + .milliseconds(min(offset + sliceMilliseconds, length)))
        }
    }
}
