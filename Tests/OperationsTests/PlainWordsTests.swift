// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import Testing

@testable import Operations

@Suite("Errors in plain words")
struct PlainWordsTests {
    @Test("the system's are told by what has happened")
    func system() {
        #expect(inPlainWords(IOError(errnoCode: ECONNREFUSED, reason: "connect")) == "connection refused")
        #expect(inPlainWords(POSIXError(.ENOSPC)) == "no space left on device")
        #expect(inPlainWords(ChannelError.connectTimeout(.milliseconds(1500))) == "no connection within 1.5 s")
    }

    @Test("files' are told by what the system said about them")
    func files() {
        func words(_ body: () throws -> Void) -> String {
            do {
                try body()
                return ""
            } catch {
                return inPlainWords(error)
            }
        }
        #expect(words { _ = try String(contentsOfFile: "/nope", encoding: .utf8) } == "no such file or directory")
        #expect(words { try FileManager.default.removeItem(atPath: "/nope") } == "no such file or directory")
        let made = words {
            try FileManager.default.createDirectory(atPath: "/proc/n/o", withIntermediateDirectories: true)
        }
        #expect(made == "no such file or directory")
    }

    @Test("a server that is not there, and one that nobody knows, are told apart")
    func servers() async throws {
        func reason(_ url: String) async -> String? {
            await #expect(throws: HTTPClientError.self) { _ = try await HTTPClient().get(url) }?.reason
        }
        #expect(await reason("http://127.0.0.1:1/") == "cannot connect: connection refused")
        #expect(await reason("http://nowhere.invalid/") == "cannot connect: the name nowhere.invalid is not known")
    }

    @Test("the suite's own are told as they tell themselves")
    func own() {
        let error = ConfigurationError(key: "RELAY_X", reason: "is wrong")
        #expect(inPlainWords(error) == "RELAY_X: is wrong")
    }
}
