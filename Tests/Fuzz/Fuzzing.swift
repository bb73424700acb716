// SPDX-License-Identifier: Apache-2.0

#if DEBUG || TESTABLE

    import TestSupport

    /// What must never be, and was.
    struct Finding: Error, CustomStringConvertible {
        var description: String

        init(_ description: String) { self.description = description }
    }

    /// A part of the broker that takes bytes from strangers.
    protocol Fuzzing {
        /// Begins the names of the corpus files that are meant for it.
        static var name: String { get }

        /// An input as a client would send it.
        func invent(_ random: inout SeededGenerator) throws -> [UInt8]

        /// Makes a mutated input reach further, by correcting what a hostile client would correct too.
        func repair(_ input: inout [UInt8], _ random: inout SeededGenerator)

        /// Runs an input and returns a number that stands for what the broker did with it.
        ///
        /// Throws `Finding`. A trap or a hang is a finding too: the process that runs this must be dispensable.
        func run(_ input: [UInt8]) throws -> Int
    }

    extension Fuzzing {
        func repair(_: inout [UInt8], _: inout SeededGenerator) {}
    }

    /// All that is fuzzed, by name.
    func makeFuzzing(_ name: String) throws -> (any Fuzzing)? {
        switch name {
        case RequestFuzzing.name: RequestFuzzing()
        case BatchFuzzing.name: BatchFuzzing()
        case CodecFuzzing.name: CodecFuzzing()
        case BrokerFuzzing.name: try BrokerFuzzing()
        default: nil
        }
    }

    let fuzzingNames = [RequestFuzzing.name, BatchFuzzing.name, CodecFuzzing.name, BrokerFuzzing.name]

#endif
