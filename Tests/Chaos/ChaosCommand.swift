// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import Foundation
import Operations
import TestSupport
import UnixSignals

@main
enum ChaosProcess {
    static func main() async {
        // Before there is any other thread; and the kernel tells our own path only while the mounts are the old ones.
        _ = executables
        _ = MountNamespace.isOwn
        await ChaosCommand.main()
    }

    /// The directory of this program, and of the suite's.
    static let executables: String = {
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(filePath: own ?? CommandLine.arguments[0]).deletingLastPathComponent().path
    }()
}

/// `relay-chaos`: a race while everything breaks.
struct ChaosCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relay-chaos",
        abstract: "Races batons while processes die, freeze and are cut off; then checks that nothing was lost.",
        discussion: "The same seed is the same schedule and the same load. Exit code 1 when anything was wrong.")

    @Option(help: "Decides what happens when; drawn and printed unless given.")
    var seed: UInt64?

    @Option(help: "Length of the race; healing and settling come on top.")
    var seconds = 300

    @Option(help: "Seconds between two requests, on average.")
    var pace = 2.0

    @Option(help: "Most seconds that settling may take.")
    var settling = 150

    @Flag(help: "Short faults in quick succession, so that each kind fits into half a minute.")
    var short = false

    @Flag(help: "Leave out what needs root.")
    var noRoot = false

    @Flag(help: "Only print the schedule.")
    var dryRun = false

    @Option(help: "Directory for everything of the race; a temporary one unless given. Kept when something was wrong.")
    var directory: String?

    @Option(help: "The project that is raced.")
    var fixture = "Tests/Fixtures/quick"

    @Option(help: "text, or json: one object at the end.")
    var output = OutputFormat.text

    enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    func validate() throws {
        guard seconds >= 10 else { throw ValidationError("--seconds must be at least 10") }
        guard pace > 0 else { throw ValidationError("--pace must be more than 0") }
    }

    func run() async throws {
        let mayMount = !noRoot && MountNamespace.isOwn
        let seed = seed ?? UInt64.random(in: 1...999_999)
        let view = LiveView(isQuiet: output == .json)
        view.line("CHAOS_SEED=\(seed) CHAOS_SECONDS=\(seconds)")
        let race = try race(seed: seed, mayMount: mayMount, view)
        if dryRun { return race.schedule.faults.forEach { Self.write("\($0)") } }
        guard let report = try await untilInterrupted({ try await race.run() }) else {
            StandardErrorLines.write("interrupted; everything is stopped")
            throw ExitCode(130)
        }
        switch output {
        case .text: Self.write(report.text)
        case .json: Self.write(String(decoding: JSON.encode(report), as: UTF8.self))
        }
        guard report.isClean else { throw ExitCode.failure }
        if directory == nil { try FileManager.default.removeItem(atPath: race.venue.directory) }
    }

    private func race(seed: UInt64, mayMount: Bool, _ view: LiveView) throws -> Race {
        var leftOut: [FaultKind: String] = [:]
        if !mayMount { leftOut[.fullDisk] = "small disks are mounted by root only" }
        let executables = ChaosProcess.executables
        let clockLibrary = Venue.clockLibrary(in: executables)
        if clockLibrary == nil { leftOut[.skew] = "libSkewedClock.so is not built" }
        let session = Duration.seconds(short ? 3 : 6)
        let plan = Schedule.Plan.race(
            .seconds(seconds), session: session, without: Set(leftOut.keys), isShort: short)
        var generator = SeededGenerator(seed: seed)
        let length = Duration.seconds(seconds)
        let scheduled = Schedule(seed: generator.next(), plan)
        return Race(
            seed: seed, schedule: scheduled,
            load: LoadPlan(seed: generator.next(), length: length, pace: .seconds(pace)), length: length,
            settling: .seconds(settling),
            venue: Venue(
                directory: try place(seed), executables: executables,
                session: session, clockLibrary: clockLibrary),
            smallDisks: mayMount, fixture: fixture, leftOut: leftOut, view: view)
    }

    private func place(_ seed: UInt64) throws -> String {
        if let directory {
            let current = FileManager.default.currentDirectoryPath
            return directory.hasPrefix("/") ? directory : "\(current)/\(directory)"
        }
        return FileManager.default.temporaryDirectory.appending(
            path: "relay-chaos-\(seed)-\(ProcessInfo.processInfo.processIdentifier)"
        ).path
    }

    private static func write(_ text: String) {
        try? StandardOutput.write(text + "\n")
    }
}

/// Runs `body` until it ends or somebody wants it to.
/// - Returns: what `body` gave; nil when SIGINT or SIGTERM came first. `body` is cancelled and awaited then.
private func untilInterrupted<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value? {
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
    return try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            for await _ in signals { break }
            return nil
        }
        defer { group.cancelAll() }
        return try await group.next() ?? nil
    }
}
