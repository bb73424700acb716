// SPDX-License-Identifier: Apache-2.0

import Baton
import JudgeRules
import Operations
import RelayClients
import Synchronization

/// Watches the captain's feed as the screen does, and comes back when it is cut off.
struct FeedFollowing: Sendable {
    /// A connection on which nothing was heard for so long is given up for another.
    static let patience = Duration.seconds(4)
    static let pause = Duration.milliseconds(200)

    let captain: String
    let judge: RaceJudge

    /// The feed ended, or could not be reached.
    private struct CutOff: Error {}

    private final class Progress: Sendable {
        private let state = Mutex((reader: FeedReader(), heardAt: ContinuousClock.now, last: String?.none))

        func take(_ line: String, at now: Timestamp) throws(Refusal) -> Sight? {
            let result = state.withLock { state -> Result<Sight?, Refusal> in
                state.heardAt = .now
                if line.hasPrefix("id: ") { state.last = String(line.dropFirst(4)) }
                do throws(Refusal) { return .success(try state.reader.take(line, at: now)) } catch {
                    return .failure(error)
                }
            }
            return try result.get()
        }

        func restart() {
            state.withLock { state in
                state.reader = FeedReader()
                state.heardAt = .now
            }
        }

        var silence: Duration { state.withLock { .now - $0.heardAt } }
        var last: String? { state.withLock { $0.last } }
    }

    /// Asks whether there is a captain at all.
    func check() async throws {
        let url = captain + "/health/live"
        guard try await HTTPClient(timeout: .seconds(5)).get(url).isSuccess else {
            throw RelayFailure("\(url) does not answer well", remedy: "name the base URL of a captain with --captain")
        }
    }

    /// Watches until the task is cancelled.
    /// - Throws: `Refusal` for an event that cannot be read.
    func run() async throws {
        let progress = Progress()
        while !Task.isCancelled {
            progress.restart()
            do {
                try await connect(progress)
            } catch is CutOff {
                // The screen comes back by itself as well; how long that takes is what is judged.
            }
            judge.take(Sight(at: .now, what: .disconnected))
            do { try await Task.sleep(for: Self.pause) } catch is CancellationError { return }
        }
    }

    private func connect(_ progress: Progress) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { [judge, captain] in
                let client = HTTPClient(timeout: Self.patience, bodyLimitBytes: 64 << 20)
                let headers = progress.last.map { ["Last-Event-ID": $0] } ?? [:]
                do {
                    try await client.lines(captain + "/feed", headers: headers) { line in
                        if let sight = try progress.take(line, at: .now) { judge.take(sight) }
                        return true
                    }
                } catch let error as Refusal {
                    throw error
                } catch let error as CancellationError {
                    throw error
                } catch {
                    // No answer, or cut off in the middle of it.
                    throw CutOff()
                }
            }
            group.addTask {
                while progress.silence < Self.patience { try await Task.sleep(for: .milliseconds(200)) }
            }
            try await group.next()
        }
    }
}
