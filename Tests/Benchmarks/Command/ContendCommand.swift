// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Glibc
import Operations
import Synchronization

/// One contender, in a process of its own.
enum Contender: String, CaseIterable, ExpressibleByArgument, Sendable {
    case runtime, raw
}

/// `relay-bench contend`: what the run starts; not for people.
struct ContendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "contend", shouldDisplay: false)

    @Argument var contender: Contender
    @OptionGroup var job: Job
    /// Until SIGTERM, instead of until enough was measured.
    @Flag var endless = false

    func run() async throws {
        switch contender {
        case .runtime:
            report(try await RuntimeLoop(job: job).run(measuring: !endless))
        case .raw:
            let (job, isEndless) = (job, endless)
            if isEndless { StopSignal.install() }
            let result = try await onThreadOfItsOwn {
                var meter = CommitMeter(seconds: isEndless ? .infinity : job.seconds)
                try RawLoop(job).run(&meter) { StopSignal.isRaised }
                return meter.report
            }
            report(result)
        }
    }

    private func report(_ report: ContenderReport) {
        guard !endless, let data = try? JSONEncoder().encode(report) else { return }
        try? StandardOutput.write(String(decoding: data, as: UTF8.self) + "\n")
    }
}

/// Whether SIGTERM has come.
enum StopSignal {
    private static let raised = Atomic(false)

    static func install() {
        signal(SIGTERM) { _ in StopSignal.raised.store(true, ordering: .relaxed) }
    }

    static var isRaised: Bool { raised.load(ordering: .relaxed) }
}
