// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import Testing

@testable import EmbeddedBroker

@Suite("Limits of a connection")
struct ConnectionLimitTests {
    /// The macro does not take what changes its subject.
    private func that(_ holds: Bool, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(holds, sourceLocation: sourceLocation)
    }

    // MARK: Memory

    @Test("What does not fit waits, and is granted in the order in which it was asked for")
    func order() {
        var memory = RequestMemory(limit: 100_000)
        that(memory.reserve(80_000, for: 1, isItsOnlyOne: true))
        that(!memory.reserve(50_000, for: 2, isItsOnlyOne: true))
        that(!memory.reserve(20_000, for: 3, isItsOnlyOne: true))
        #expect(memory.isExhausted)
        that(memory.release(80_000) == [2, 3])
        #expect(memory.used == 70_000)
    }

    @Test("One small request of a connection is never kept waiting")
    func small() {
        var memory = RequestMemory(limit: 1000)
        that(memory.reserve(1000, for: 1, isItsOnlyOne: true))
        that(!memory.reserve(1, for: 1, isItsOnlyOne: false))
        that(memory.reserve(RequestMemory.smallRequest, for: 2, isItsOnlyOne: true))
        that(!memory.reserve(RequestMemory.smallRequest + 1, for: 3, isItsOnlyOne: true))
    }

    @Test("A request larger than all memory gets it when nobody else has any")
    func larger() {
        var memory = RequestMemory(limit: 10)
        that(memory.reserve(5, for: 1, isItsOnlyOne: true))
        that(!memory.reserve(20_000, for: 2, isItsOnlyOne: true))
        that(memory.release(5) == [2])
    }

    @Test("A connection that is gone holds up nobody")
    func forgotten() {
        var memory = RequestMemory(limit: 100_000)
        that(memory.reserve(60_000, for: 1, isItsOnlyOne: true))
        that(!memory.reserve(90_000, for: 2, isItsOnlyOne: true))
        that(!memory.reserve(40_000, for: 3, isItsOnlyOne: true))
        that(memory.forget(2) == [3])
        #expect(memory.used == 100_000)
    }

    // MARK: Patience

    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private static let limits = ConnectionLimits()

    private func verdict(
        after time: TimeAmount, _ sight: ConnectionWatch.Sight, _ watch: inout ConnectionWatch
    ) -> ConnectionWatch.Overdue? {
        watch.overdue(sight, now: Self.start + time, limits: Self.limits)
    }

    @Test("A connection may be idle for a time, and as long as it waits for an answer")
    func idle() {
        var watch = ConnectionWatch(now: Self.start)
        that(verdict(after: .seconds(599), .init(), &watch) == nil)
        that(verdict(after: .seconds(600), .init(requestsUnderWay: 1), &watch) == nil)
        that(verdict(after: .seconds(600), .init(), &watch) == .idle)
    }

    @Test("A request may be incomplete for a time, counted from its own first byte")
    func incomplete() {
        var watch = ConnectionWatch(now: Self.start)
        watch.received(now: Self.start, completedRequest: false, isIncomplete: true)
        watch.received(now: Self.start + .seconds(20), completedRequest: false, isIncomplete: true)
        that(verdict(after: .seconds(29), .init(incompleteBytes: 9), &watch) == nil)
        that(verdict(after: .seconds(30), .init(incompleteBytes: 9), &watch) == .incompleteRequest)
        watch.received(now: Self.start + .seconds(30), completedRequest: true, isIncomplete: true)
        that(verdict(after: .seconds(59), .init(incompleteBytes: 9), &watch) == nil)
    }

    @Test("Time in which the broker did not read is not held against a request")
    func paused() {
        var watch = ConnectionWatch(now: Self.start)
        watch.received(now: Self.start, completedRequest: false, isIncomplete: true)
        that(verdict(after: .seconds(40), .init(incompleteBytes: 9, isReading: false), &watch) == nil)
        that(verdict(after: .seconds(60), .init(incompleteBytes: 9), &watch) == nil)
        that(verdict(after: .seconds(70), .init(incompleteBytes: 9), &watch) == .incompleteRequest)
    }

    @Test("While others wait for memory, a request must come at a good pace")
    func slow() {
        var watch = ConnectionWatch(now: Self.start)
        watch.received(now: Self.start, completedRequest: false, isIncomplete: true)
        let fast = ConnectionWatch.Sight(incompleteBytes: 8 << 20, isMemoryExhausted: true)
        that(verdict(after: .seconds(2), fast, &watch) == nil)
        let slow = ConnectionWatch.Sight(incompleteBytes: 1 << 20, isMemoryExhausted: true)
        that(verdict(after: .seconds(2), slow, &watch) == .slowRequest)
    }

    @Test("Answers may wait as long as some of them is read")
    func unread() {
        var watch = ConnectionWatch(now: Self.start)
        that(verdict(after: .seconds(1), .init(unwrittenBytes: 1000), &watch) == nil)
        that(verdict(after: .seconds(50), .init(unwrittenBytes: 900), &watch) == nil)
        that(verdict(after: .seconds(109), .init(unwrittenBytes: 900), &watch) == nil)
        that(verdict(after: .seconds(110), .init(unwrittenBytes: 900), &watch) == .unreadAnswers)
    }

    @Test("While unread answers take what others ask for, patience with them is short")
    func unreadUnderPressure() {
        var watch = ConnectionWatch(now: Self.start)
        let sight = ConnectionWatch.Sight(unwrittenBytes: 1000, areAnswersExhausted: true)
        that(verdict(after: .seconds(5), sight, &watch) == nil)
        that(verdict(after: .milliseconds(5900), sight, &watch) == nil)
        that(verdict(after: .seconds(6), sight, &watch) == .unreadAnswers)
    }

    @Test("The log gets one line of a kind in an interval, which tells how many it stands for")
    func throttle() {
        var lines = LogThrottle<Int>(interval: .seconds(5))
        that(lines.admit(1, now: Self.start) == 0)
        that(lines.admit(1, now: Self.start + .seconds(1)) == nil)
        that(lines.admit(1, now: Self.start + .seconds(2)) == nil)
        that(lines.admit(2, now: Self.start + .seconds(2)) == 0)
        that(lines.admit(1, now: Self.start + .seconds(5)) == 2)
    }

    // MARK: Settings

    @Test("Settings are known by Kafka's names")
    func settings() throws {
        var configuration = BrokerConfiguration(dataDirectory: "")
        let words = ["auto.create.topics.enable": "false", "log.cleaner.min.cleanable.ratio": "0.25"]
        for name in BrokerSettings.names {
            try BrokerSettings.set(name, to: words[name] ?? "123456", in: &configuration)
        }
        var expected = ConnectionLimits()
        expected.socketRequestMaxBytes = 123_456
        expected.maxConnections = 123_456
        expected.maxConnectionsPerIP = 123_456
        expected.connectionsMaxIdle = .milliseconds(123_456)
        expected.queuedMaxRequestBytes = 123_456
        expected.queuedMaxResponseBytes = 123_456
        expected.requestReceiveTimeout = .milliseconds(123_456)
        expected.unreadAnswerTimeout = .milliseconds(123_456)
        #expect(configuration.limits == expected)
        #expect(configuration.groupLimits.maxSize == 123_456)
        #expect(configuration.groupLimits.maxGroups == 123_456)
        #expect(configuration.groupLimits.maxBytes == 123_456)
        #expect(configuration.groupLimits.memberMaxBytes == 123_456)
        #expect(configuration.offsetsRetention == .seconds(60 * 123_456))
        #expect(configuration.offsetMetadataMaxBytes == 32_767)
        #expect(configuration.producerIDExpiration == .milliseconds(123_456))
        #expect(configuration.transactionalIDExpiration == .milliseconds(123_456))
        #expect(configuration.transactionMaxTimeout == .milliseconds(123_456))
        #expect(configuration.cleaningInterval == .milliseconds(123_456))
        #expect(configuration.retentionInterval == .milliseconds(123_456))
        #expect(configuration.minimumCleanableRatio == 0.25)
        #expect(configuration.maximumFetchBytes == 123_456)
        #expect(configuration.defaultPartitions == 1000)
        #expect(!configuration.autoCreateTopics)
    }

    @Test("Every setting is described on the broker's page")
    func documentedSettings() throws {
        let page = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../docs/embedded-broker.md"), encoding: .utf8)
        for name in BrokerSettings.names { #expect(page.contains("`\(name)`"), "\(name)") }
    }

    @Test("Settings that make no sense are refused with what would", arguments: ["", "-1", "0", "ten", "1.5"])
    func badSettings(value: String) {
        var configuration = BrokerConfiguration(dataDirectory: "")
        #expect(
            throws: BrokerSettings.Refusal.invalidValue(
                name: "max.connections", value: value, expected: "a whole number from 1 on")
        ) { try BrokerSettings.set("max.connections", to: value, in: &configuration) }
        #expect(throws: BrokerSettings.Refusal.unknownName("x")) {
            try BrokerSettings.set("x", to: "1", in: &configuration)
        }
    }
}
