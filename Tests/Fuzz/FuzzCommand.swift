// SPDX-License-Identifier: Apache-2.0

#if DEBUG || TESTABLE

    import ArgumentParser
    import ChildProcess
    import Foundation

    /// `relay-fuzz`: throws at the embedded broker what a stranger might send, in processes that may die of it.
    @main
    struct FuzzCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "relay-fuzz",
            abstract: "Fuzzes the embedded broker: decoder, checks of record batches, decompressors, its whole state.",
            subcommands: [FuzzRun.self, FuzzInProcess.self], defaultSubcommand: FuzzRun.self)
    }

    /// Starts the processes, and tells what killed them.
    struct FuzzRun: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "run", abstract: "Fuzzes for a time; exit code 1 when something was found.")

        @Option(help: "How long to run, in seconds, shared by all that is fuzzed.")
        var seconds = 60

        @Option(help: "The run's seed; the same one gives the same inputs in the same corpus.")
        var seed: UInt64 = 1

        @Option(help: "What to fuzz: \(fuzzingNames.joined(separator: ", ")). May be repeated; everything if missing.")
        var only: [String] = []

        @Option(help: "Directory of the corpus.")
        var corpus = "Tests/Fuzz/Corpus"

        @Flag(help: "Add an input to the corpus for each behaviour not seen before.")
        var keep = false

        func validate() throws {
            if let unknown = only.first(where: { !fuzzingNames.contains($0) }) {
                throw ValidationError("'\(unknown)' is not fuzzed; there are \(fuzzingNames.joined(separator: ", "))")
            }
        }

        func run() async throws {
            let names = only.isEmpty ? fuzzingNames : only
            var found = 0
            for name in names {
                let end = ContinuousClock.now + .seconds(seconds) / names.count
                var round: UInt64 = 0
                while ContinuousClock.now < end {
                    let left = max(1, Int((end - .now).components.seconds))
                    let process = FuzzProcess(fuzzing: name, corpus: corpus)
                    let outcome = try await process.run(
                        ["--seconds", "\(left)", "--seed", "\(seed &+ round)"] + (keep ? ["--keep"] : []))
                    round += 1
                    guard let cause = outcome.failure else { break }
                    found += 1
                    print("FOUND in \(name), seed \(seed &+ round - 1): \(cause)")
                    let smallest = try await process.minimise(outcome.input)
                    let file = try Corpus(directory: URL(filePath: corpus)).keep(
                        smallest, for: name, note: "found-")
                    print("the input, \(smallest.count) bytes: \(file.path)")
                }
            }
            guard found == 0 else { throw ExitCode(1) }
        }
    }

    /// The work itself, in a process of its own.
    struct FuzzInProcess: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "in-process", shouldDisplay: false)

        @Argument var fuzzing: String
        @Option var corpus: String
        @Option var inHand: String
        @Option var seconds = 0
        @Option var seed: UInt64 = 0
        @Option var input: String?
        @Flag var keep = false

        func run() throws {
            guard let fuzzing = try makeFuzzing(fuzzing) else { throw ExitCode.validationFailure }
            let worker = FuzzWorker(
                fuzzing: fuzzing, corpus: Corpus(directory: URL(filePath: corpus)),
                inHand: try InputInHand(path: inHand), keepsNew: keep)
            if let input {
                _ = try worker.runOne(Array(try Data(contentsOf: URL(filePath: input))))
            } else {
                print(try worker.run(seconds: seconds, seed: seed))
            }
        }
    }

#else

    /// Without the broker's internals there is nothing to fuzz.
    @main
    enum FuzzCommand {
        static func main() {
            print("build with: swift build -c release --enable-testable-imports -Xswiftc -DTESTABLE")
        }
    }

#endif
