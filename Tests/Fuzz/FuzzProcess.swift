// SPDX-License-Identifier: Apache-2.0

#if DEBUG || TESTABLE

    import ChildProcess
    import Foundation
    import Synchronization

    /// Runs this program again as a process that may die.
    struct FuzzProcess {
        struct Outcome {
            /// Nil when nothing was found.
            var failure: String?
            /// What the process was doing last.
            var input: [UInt8]
        }

        private static let minimisingTries = 300

        let fuzzing: String
        let corpus: String
        private let inHand = FileManager.default.temporaryDirectory
            .appending(path: "relay-fuzz-input-\(UUID().uuidString)").path

        init(fuzzing: String, corpus: String) {
            self.fuzzing = fuzzing
            self.corpus = corpus
        }

        func run(_ arguments: [String], quiet: Bool = false) async throws -> Outcome {
            let words = Words()
            let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            let report = try await ChildProcess.run(
                Command(
                    executable: own,
                    arguments: ["in-process", fuzzing, "--corpus", corpus, "--in-hand", inHand] + arguments,
                    environment: ProcessInfo.processInfo.environment,
                    output: .lines { stream, line in
                        if stream == .standardError { words.append(line) } else if !quiet { print(line) }
                    }))
            if !quiet { print("\(fuzzing): \(report.cpu) of processor time, \(report.maximumResidentBytes >> 20) MiB") }
            defer { try? FileManager.default.removeItem(atPath: inHand) }
            guard !report.succeeded else { return Outcome(failure: nil, input: []) }
            guard FileManager.default.fileExists(atPath: inHand) else {
                throw Finding("the process did not begin: \(report.status); \(words.first)")
            }
            return Outcome(
                failure: "\(report.status); \(words.first)", input: try InputInHand.read(inHand))
        }

        /// Leaves out of an input what it does not need to be fatal.
        func minimise(_ input: [UInt8]) async throws -> [UInt8] {
            var smallest = input
            var size = max(1, input.count / 2)
            var tries = 0
            while size >= 1, tries < Self.minimisingTries {
                var index = 0
                while index < smallest.count, tries < Self.minimisingTries {
                    var candidate = smallest
                    candidate.removeSubrange(index..<min(index + size, smallest.count))
                    tries += 1
                    if try await isFatal(candidate) { smallest = candidate } else { index += size }
                }
                size /= 2
            }
            return smallest
        }

        private func isFatal(_ input: [UInt8]) async throws -> Bool {
            let file = inHand + ".candidate"
            try Data(input).write(to: URL(filePath: file))
            defer { try? FileManager.default.removeItem(atPath: file) }
            return try await run(["--input", file], quiet: true).failure != nil
        }
    }

    /// The first words of a process that failed.
    private final class Words: Sendable {
        private let lines = Mutex<[String]>([])

        func append(_ line: String) { lines.withLock { if $0.count < 8, !line.isEmpty { $0.append(line) } } }
        var first: String { lines.withLock { $0.prefix(3).joined(separator: " / ") } }
    }

#endif
