// SPDX-License-Identifier: Apache-2.0

#if DEBUG || TESTABLE

    import Foundation

    /// Small inputs, each for one behaviour of the broker, in files named `<fuzzing>-<hash>`.
    struct Corpus {
        /// Larger inputs are not kept.
        static let maximumBytes = 1024
        /// More inputs for one fuzzing are not kept: what matters is replayed in every run of the tests.
        static let maximumInputs = 60

        let directory: URL

        func inputs(for fuzzing: String) throws -> [(name: String, bytes: [UInt8])] {
            try FileManager.default.contentsOfDirectory(atPath: directory.path)
                .filter { $0.hasPrefix(fuzzing + "-") }.sorted()
                .map { ($0, Array(try Data(contentsOf: directory.appending(path: $0)))) }
        }

        @discardableResult
        func keep(_ input: [UInt8], for fuzzing: String, note: String = "") throws -> URL {
            var hash = Behaviour()
            for byte in input { hash.combine(byte) }
            let digits = String(UInt64(truncatingIfNeeded: hash.value), radix: 16)
            let file = directory.appending(path: "\(fuzzing)-\(note)\(digits)")
            try Data(input).write(to: file)
            return file
        }
    }

#endif
