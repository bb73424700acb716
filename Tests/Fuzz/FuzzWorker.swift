// SPDX-License-Identifier: Apache-2.0

#if DEBUG || TESTABLE

    import Foundation
    import Glibc
    import TestSupport

    /// Runs inputs in this process, which may die of them: the input in hand is always in a file.
    struct FuzzWorker {
        /// An input that takes longer is a hang; the alarm's signal ends the process.
        private static let patienceSeconds: UInt32 = 60
        private static let maximumResidentBytes = 2 << 30

        let fuzzing: any Fuzzing
        let corpus: Corpus
        let inHand: InputInHand
        let keepsNew: Bool

        private var name: String { type(of: fuzzing).name }

        /// Returns a line that says what was done.
        func run(seconds: Int, seed: UInt64) throws -> String {
            var random = SeededGenerator(seed: seed)
            let stored = try corpus.inputs(for: name).map(\.bytes)
            var pool: [[UInt8]] = []
            var behaviours: Set<Int> = []
            var kept = stored.count
            for input in stored {
                behaviours.insert(try runOne(input))
                pool.append(input)
            }
            let end = ContinuousClock.now + .seconds(seconds)
            var count = stored.count
            while ContinuousClock.now < end {
                let input = try next(pool, &random)
                count += 1
                guard behaviours.insert(try runOne(input)).inserted else { continue }
                if pool.count < 20_000 { pool.append(input) }
                if keepsNew, kept < Corpus.maximumInputs, input.count <= Corpus.maximumBytes {
                    try corpus.keep(input, for: name)
                    kept += 1
                }
                if count.isMultiple(of: 64) { try checkMemory() }
            }
            return "\(name): \(count) inputs, \(behaviours.count) behaviours, \(kept) in the corpus, seed \(seed)"
        }

        func runOne(_ input: [UInt8]) throws -> Int {
            try inHand.write(input)
            alarm(Self.patienceSeconds)
            defer { alarm(0) }
            return try fuzzing.run(input)
        }

        private func next(_ pool: [[UInt8]], _ random: inout SeededGenerator) throws -> [UInt8] {
            guard let known = pool.randomElement(using: &random), !random.oneIn(6) else {
                return try fuzzing.invent(&random)
            }
            var input = random.oneIn(3) ? try fuzzing.invent(&random) : known
            Mutation.apply(to: &input, other: pool.randomElement(using: &random) ?? [], &random)
            fuzzing.repair(&input, &random)
            return input
        }

        private func checkMemory() throws {
            let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
            guard fields.count > 1, let pages = Int(fields[1]), pages * 4096 <= Self.maximumResidentBytes else {
                throw Finding("more than \(Self.maximumResidentBytes) bytes are resident")
            }
        }
    }

    /// The file that says which input a process was running when it died.
    struct InputInHand {
        let path: String
        private let descriptor: CInt

        init(path: String) throws {
            self.path = path
            descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else {
                throw Finding("\(path) cannot be written: \(String(cString: strerror(errno)))")
            }
        }

        func write(_ input: [UInt8]) throws {
            let bytes = withUnsafeBytes(of: UInt32(input.count).littleEndian) { Array($0) } + input
            guard pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else {
                throw Finding("\(path) cannot be written: \(String(cString: strerror(errno)))")
            }
        }

        static func read(_ path: String) throws -> [UInt8] {
            let bytes = Array(try Data(contentsOf: URL(filePath: path)))
            guard bytes.count >= 4 else { return [] }
            let count = bytes.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            return Array(bytes.dropFirst(4).prefix(count))
        }
    }

#endif
