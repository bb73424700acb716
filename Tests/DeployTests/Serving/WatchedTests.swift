// SPDX-License-Identifier: Apache-2.0

import Operations
import Testing

@testable import Serving

@Suite("Watched value", .timeLimit(.minutes(1)))
struct WatchedTests {
    @Test("a wait ends with the first state that matches, now or later")
    func waits() async throws {
        let value = Watched(1)
        #expect(try await value.first { $0 == 1 ? "now" : nil } == "now")
        async let later = value.first { $0 >= 3 ? $0 : nil }
        value.update { $0 = 2 }
        value.update { $0 = 3 }
        #expect(try await later == 3)
    }

    @Test("a cancelled wait ends at once")
    func cancelled() async throws {
        let value = Watched(1)
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                do { return try await value.first { $0 == 2 ? false : nil } } catch {
                    return error is CancellationError
                }
            }
            group.cancelAll()
            #expect(await group.next() == true)
        }
        #expect(try await within(.milliseconds(1)) { try await value.first { $0 == 2 ? 2 : nil } } == nil)
    }
}
