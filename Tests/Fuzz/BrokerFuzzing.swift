// SPDX-License-Identifier: Apache-2.0

#if DEBUG || TESTABLE

    import Foundation
    import Logging
    import NIOCore
    import NIOPosix
    import TestSupport
    @testable import EmbeddedBroker

    /// The whole state of a broker: an input is a stream of requests, each with its length, as on a connection.
    final class BrokerFuzzing: Fuzzing {
        static let name = "broker"

        private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        private let pool = NIOThreadPool(numberOfThreads: 1)
        /// In memory where the system has such a place: only the logic is of interest.
        private let directory: String

        init() throws {
            pool.start()
            let memory = "/dev/shm"
            let parent = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
            directory =
                "\(parent)/relay-fuzz-\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: 0 ... .max))"
        }

        deinit {
            // What is left in memory after a process that is about to end harms no one.
            try? FileManager.default.removeItem(atPath: directory)
            pool.shutdownGracefully { _ in }
            group.shutdownGracefully { _ in }
        }

        func invent(_ random: inout SeededGenerator) throws -> [UInt8] {
            var stream: [UInt8] = []
            if random.oneIn(2) {
                try append(RequestEncoding.invent(CreateTopicsRequest.self, &random), to: &stream)
            }
            for _ in 0...random.below(12) { try append(RequestEncoding.invent(&random), to: &stream) }
            return stream
        }

        private func append(_ frame: [UInt8], to stream: inout [UInt8]) {
            withUnsafeBytes(of: Int32(frame.count).bigEndian) { stream.append(contentsOf: $0) }
            stream.append(contentsOf: frame)
        }

        func run(_ input: [UInt8]) throws -> Int {
            try? FileManager.default.removeItem(atPath: directory)
            let loop = group.next()
            let (pool, directory) = (pool, directory)
            // The cleaner ends on the loop after this turn of it: only then is the directory free.
            let (before, behaviour, isSound) = try loop.flatSubmit {
                do {
                    let rehearsal = BrokerRehearsal()
                    let broker = try Self.open(directory, loop, pool)
                    broker.open()
                    try rehearsal.run(input, on: broker)
                    let seen = (rehearsal.sight(of: broker), rehearsal.behaviour.value, rehearsal.storageIsSound)
                    return broker.close().map { seen }
                } catch {
                    return loop.makeFailedFuture(error)
                }
            }.wait()
            guard isSound else { return behaviour }
            let after = try loop.flatSubmit {
                do {
                    let again = try Self.open(directory, loop, pool)
                    let seen = BrokerRehearsal().sight(of: again)
                    return again.close().map { seen }
                } catch {
                    return loop.makeFailedFuture(error)
                }
            }.wait()
            guard before == after else { throw Finding("after a restart \(before) became \(after)") }
            return behaviour
        }

        private static func open(_ directory: String, _ loop: any EventLoop, _ pool: NIOThreadPool) throws -> Broker {
            var configuration = BrokerConfiguration(dataDirectory: directory)
            configuration.fsync = .never
            return try Broker(
                configuration: configuration, loop: loop, pool: pool,
                logger: Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }, onFailure: { _ in })
        }
    }

#endif
