// SPDX-License-Identifier: Apache-2.0

import Foundation
import Operations
import Synchronization
import TestSupport
import Testing

@testable import RelayClients
@testable import RelaySupervisor

@Suite("Whose a data directory is")
struct SuiteClaimTests {
    /// Keeps what is said, and does something when it hears that somebody is waited for.
    private final class Listener: StartObserver {
        let heard = Mutex<[String]>([])
        let onWaiting: @Sendable () -> Void

        init(onWaiting: @escaping @Sendable () -> Void = {}) { self.onWaiting = onWaiting }

        func starting(_ what: String) {}
        func failing(_ failure: RelayFailure) {}
        func waiting(for what: String, _ reason: String) {
            heard.withLock { $0.append("\(what): \(reason)") }
            onWaiting()
        }
    }

    private func with(_ body: (SuiteLayout) async throws -> Void) async throws {
        let layout = SuiteLayout(dataDirectory: RelayProgram.directory())
        try layout.prepare()
        defer { try? FileManager.default.removeItem(atPath: layout.dataDirectory) }
        try await body(layout)
    }

    @Test("nobody's is taken at once")
    func free() async throws {
        try await with { layout in
            let listener = Listener()
            let outcome = try await SuiteClaim(layout: layout, environment: [:], observer: listener).claim()
            guard case .ours = outcome else { return #expect(Bool(false), "not ours") }
            #expect(listener.heard.withLock { $0 } == [])
        }
    }

    @Test("that of a relay which stops is waited for, and it is said")
    func stopping() async throws {
        try await with { layout in
            let held = Mutex(try DirectoryLock.take(layout.lock))
            let listener = Listener { held.withLock { $0 = nil } }
            let outcome = try await SuiteClaim(layout: layout, environment: [:], observer: listener).claim()
            guard case .ours = outcome else { return #expect(Bool(false), "not ours") }
            #expect(listener.heard.withLock { $0 }.first?.contains("it is starting or stopping") == true)
        }
    }

    @Test("that of a relay which runs is joined once its captain is ready")
    func running() async throws {
        try await with { layout in
            let captain = try ScriptedWebServer(["/health/ready": ["{}"]])
            defer { captain.stop() }
            let held = try DirectoryLock.take(layout.lock)
            for name in [SuitePlan.captainName, SuitePlan.brokerName] {
                try BoundAddress(host: "127.0.0.1", port: captain.port).write(to: layout.addressFile(of: name))
            }
            let outcome = try await SuiteClaim(layout: layout, environment: [:], observer: Listener()).claim()
            guard case .joined(let suite) = outcome else { return #expect(Bool(false), "not joined") }
            #expect(suite.captain == captain.url && !suite.isOurs)
            withExtendedLifetime(held) {}
        }
    }

    @Test("one that stays in between is told with why, after some time")
    func stuck() async throws {
        try await with { layout in
            let held = try DirectoryLock.take(layout.lock)
            try BoundAddress(host: "127.0.0.1", port: 1).write(to: layout.addressFile(of: SuitePlan.captainName))
            var claim = SuiteClaim(
                layout: layout, environment: ["RELAY_KAFKA_BOOTSTRAP_SERVERS": "k"], observer: Listener())
            claim.patience = .milliseconds(300)
            let failure = await #expect(throws: RelayFailure.self) { _ = try await claim.claim() }
            #expect(failure?.reason.contains("its captain does not answer") == true)
            withExtendedLifetime(held) {}
        }
    }
}

@Suite("Who asks on this machine")
struct RequesterTests {
    @Test("is USER, else LOGNAME, else the account of the effective user")
    func order() {
        #expect(LocalGovernance.requester(["USER": "ann", "LOGNAME": "bob"]) == "ann")
        #expect(LocalGovernance.requester(["USER": "", "LOGNAME": "bob"]) == "bob")
        let account = LocalGovernance.accountName(of: geteuid())
        #expect(LocalGovernance.requester([:]) == account ?? "uid-\(geteuid())")
        #expect(LocalGovernance.accountName(of: 0) == "root")
    }

    @Test("has no name where the system knows none")
    func unknown() { #expect(LocalGovernance.accountName(of: 3_999_999_999) == nil) }

    @Test("stands in the policy as one key, whatever is in it")
    func quoted() {
        #expect(LocalGovernance.policy(requester: "ann").contains("\n  ann:\n"))
        #expect(LocalGovernance.policy(requester: "EXAMPLE\\ann: x").contains("\n  \"EXAMPLE\\\\ann: x\":\n"))
    }
}
