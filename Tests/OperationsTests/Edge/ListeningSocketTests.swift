// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import ServiceLifecycle
import TestSupport
import Testing

@testable import Operations

@Suite("A socket that several accept from", .timeLimit(.minutes(1)))
struct ListeningSocketTests {
    @Test("a port that is taken is named, with the setting that changes it")
    func taken() async throws {
        let socket = try await ListeningSocket.bound(host: "127.0.0.1", port: 0, setting: "RELAY_HTTP_PORT")
        let failure = await #expect(throws: ListeningSocket.Failure.self) {
            _ = try await ListeningSocket.bound(host: "127.0.0.1", port: socket.port, setting: "RELAY_HTTP_PORT")
        }
        #expect(failure?.reason == "port \(socket.port) of 127.0.0.1 is taken by another process")
        #expect(failure?.remedy.contains("RELAY_HTTP_PORT") == true)
        socket.close()
        _ = try await ListeningSocket.bound(host: "127.0.0.1", port: socket.port, setting: "RELAY_HTTP_PORT")
    }

    @Test("nothing is taken that was handed to another process, or to nobody")
    func notInherited() throws {
        #expect(try ListeningSocket.inherited([:]) == nil)
        #expect(try ListeningSocket.inherited(["LISTEN_FDS": "1"]) == nil)
        #expect(try ListeningSocket.inherited(["LISTEN_FDS": "1", "LISTEN_PID": "1"]) == nil)
        #expect(throws: ListeningSocket.Failure.self) {
            _ = try ListeningSocket.inherited(["LISTEN_FDS": "2", "LISTEN_PID": "\(getpid())"])
        }
    }

    /// A server that answers its own name, and a switch of its gate.
    private func server(
        _ name: String, _ socket: ListeningSocket, _ gate: AsyncStream<Bool>
    ) throws -> EdgeServer<BasicRequestContext> {
        let router = Router()
        router.get("/name") { _, _ in name }
        let policy = EdgePolicy(hosts: AllowedHosts(), writes: .json, openPaths: [], bodyLimitBytes: 1000)
        let door = EdgeDoor(policy: policy, limits: EdgeLimits(), metrics: Metrics(), words: \.problem)
        return EdgeServer(
            router: router, door: door, socket: { socket },
            gate: { accepts in for await isOpen in gate { accepts(isOpen) } }, logger: EdgeBench.quiet
        ) { _ in }
    }

    @Test("while one does not accept, or has stopped, the other answers all; and one that accepts again answers again")
    func shared() async throws {
        let socket = try ListeningSocket.bind(host: "127.0.0.1", port: 0, setting: "", isShared: true)
        let (first, firstSwitch) = AsyncStream.makeStream(of: Bool.self)
        let (second, secondSwitch) = AsyncStream.makeStream(of: Bool.self)
        let (one, two) = (try server("one", try copy(socket), first), try server("two", try copy(socket), second))
        let group = ServiceGroup(configuration: .init(services: [one], logger: EdgeBench.quiet))
        let other = ServiceGroup(configuration: .init(services: [two], logger: EdgeBench.quiet))
        func asked(_ count: Int = 20) async throws -> Set<String> {
            var names: Set<String> = []
            for _ in 0..<count {
                names.insert(try await HTTPClient().get("http://127.0.0.1:\(socket.port)/name").text)
            }
            return names
        }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask { try await other.run() }
            firstSwitch.yield(true)
            #expect(try await asked() == ["one"])
            firstSwitch.yield(false)
            secondSwitch.yield(true)
            try await eventually(within: .seconds(5), "two alone") { try await asked() == ["two"] ? () : nil }
            firstSwitch.yield(true)
            try await eventually(within: .seconds(5), "one again") { try await asked().contains("one") ? () : nil }
            await other.triggerGracefulShutdown()
            try await eventually(within: .seconds(5), "one alone") { try await asked() == ["one"] ? () : nil }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// As another process would have it.
    private func copy(_ socket: ListeningSocket) throws -> ListeningSocket {
        try ListeningSocket(taking: try socket.duplicate())
    }

    @Test("a connection that both are woken for is taken by one, and the other goes on")
    func raced() async throws {
        let socket = try ListeningSocket.bind(host: "127.0.0.1", port: 0, setting: "", isShared: true)
        let acceptors = try (0..<2).map { _ in try Acceptor(taking: socket.duplicate()) }
        for acceptor in acceptors { acceptor.start() }
        let taken = try await withThrowingTaskGroup(of: Int.self) { tasks in
            for acceptor in acceptors {
                tasks.addTask {
                    var count = 0
                    for await connection in acceptor.accepted {
                        count += 1
                        Glibc.close(connection)
                    }
                    return count
                }
            }
            for _ in 0..<300 { _ = try? await HTTPClient().get("http://127.0.0.1:\(socket.port)/") }
            for acceptor in acceptors { acceptor.stop() }
            return try await tasks.reduce(0, +)
        }
        #expect(taken == 300)
    }
}
