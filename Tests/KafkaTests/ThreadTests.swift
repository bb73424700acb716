// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Glibc
import Synchronization
import Testing

@testable import Kafka

@Suite("The client's own thread", .timeLimit(.minutes(1)))
struct ThreadTests {
    @Test("Jobs run on one thread that is not the caller's, in order")
    func order() async throws {
        let thread = BlockingThread(name: "kafka-test")
        let seen = Mutex<[Int]>([])
        for number in 0..<100 { try thread.submit("add") { seen.withLock { $0.append(number) } } }
        let name = try await thread.run("name") {
            try String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
        }
        #expect(name == "kafka-test\n")
        #expect(seen.withLock { $0 } == Array(0..<100))
    }

    @Test("A job's error reaches its caller")
    func errors() async {
        struct Broken: Error {}
        let thread = BlockingThread(name: "t")
        await #expect(throws: Broken.self) { try await thread.run("fail") { throw Broken() } }
    }

    @Test("After finish, waiting jobs and the last one run, and new ones are refused")
    func finish() async throws {
        let thread = BlockingThread(name: "t")
        let gate = DispatchSemaphore(value: 0)
        let seen = Mutex<[String]>([])
        let ended = EndSignal()
        try thread.submit("wait") { gate.wait() }
        try thread.submit("job") { seen.withLock { $0.append("job") } }
        thread.finish {
            seen.withLock { $0.append("last") }
            ended.signal()
        }
        let error = #expect(throws: KafkaError.self) { try thread.submit("late") {} }
        #expect(error?.code == .closed)
        gate.signal()
        await ended.wait()
        #expect(seen.withLock { $0 } == ["job", "last"])
    }

    @Test("A job that waits is woken by the next one, however close they come")
    func wakesWaitingJob() async throws {
        let wakes = DispatchSemaphore(value: 0)
        let thread = BlockingThread(name: "t", wake: { wakes.signal() })
        for _ in 0..<500 {
            let wasWoken = Promise<Bool>()
            try thread.submit("wait") {
                wasWoken.complete(.success(wakes.wait(timeout: .now() + .seconds(20)) == .success))
            }
            try await thread.run("next") {}
            #expect(try await wasWoken.value())
        }
    }

    @Test("More waiting jobs than the bound are refused")
    func bound() throws {
        let thread = BlockingThread(name: "t")
        let gate = DispatchSemaphore(value: 0)
        defer { gate.signal() }
        let started = DispatchSemaphore(value: 0)
        try thread.submit("wait") {
            started.signal()
            gate.wait()
        }
        started.wait()
        for _ in 0..<BlockingThread.maximumWaitingJobs { try thread.submit("fill") {} }
        let error = #expect(throws: KafkaError.self) { try thread.submit("one more") {} }
        #expect(error?.code == .queueFull)
    }

    @Test("The main thread of a transactional client gives way to every other one, and none of its others does")
    func mainThreadGivesWay() async throws {
        try await BrokerFixture.with(topics: ["out": 1]) { broker in
            let producers = try await broker.alternating("one", count: 1)
            try await producers.commit([.text("out", "a")])
            let own = Int(getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0))
            #expect(try niceness(ofThreads: "rdk:main").contains(min(19, own + 5)))
            let others = try niceness(ofThreads: "rdk:broker")
            #expect(!others.isEmpty)
            #expect(others.allSatisfy { $0 == own })
            await producers.close()
        }
    }

    private func niceness(ofThreads name: String) throws -> [Int] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").compactMap { thread in
            // The niceness is field 19; the third is the first behind the name.
            // https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
            guard let stat = try? String(contentsOfFile: "/proc/self/task/\(thread)/stat", encoding: .utf8),
                stat.contains("(\(name)"), let end = stat.lastIndex(of: ")")
            else { return nil }
            return Int(stat[end...].split(separator: " ")[17])
        }
    }

    @Test("A promise keeps the first result and gives it to all who wait")
    func promise() async throws {
        let promise = Promise<Int>()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<3 { group.addTask { try await promise.value() } }
            #expect(promise.complete(.success(1)))
            #expect(!promise.complete(.success(2)))
            for try await value in group { #expect(value == 1) }
        }
        #expect(try await promise.value() == 1)
    }

    @Test("Only one poll enters at a time, and none after closing began")
    func gate() async throws {
        let gate = PollingGate()
        try gate.enter("poll")
        #expect(throws: KafkaError.self) { try gate.enter("poll") }
        #expect(gate.beginClosing())
        #expect(!gate.beginClosing())
        await withTaskGroup { group in
            group.addTask { await gate.waitUntilIdle() }
            gate.leave()
        }
        let error = #expect(throws: KafkaError.self) { try gate.enter("poll") }
        #expect(error?.code == .closed)
    }
}
