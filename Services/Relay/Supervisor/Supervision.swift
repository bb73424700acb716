// SPDX-License-Identifier: Apache-2.0

/// When a process that ended is started again, and when it is given up. Pure; the supervisor does the waiting.
struct Supervision: Equatable {
    /// What to do about an end.
    enum Decision: Equatable {
        case restart(after: Duration)
        case giveUp(reason: String)
        /// Starting again does not help now; somebody may mend what is wrong, and the others need not wait for that.
        case restartLater(after: Duration, reason: String)
    }

    /// A process that lived this long was well; what went wrong before is forgotten.
    static let healthyLife = Duration.seconds(10)
    /// Ends in a row, each before a healthy life, after which starting again does not help.
    static let quickEnds = 8
    /// The exit code of a wrong configuration, as in sysexits(3).
    static let usageExitCode = 64

    /// How long a process rests that cannot be kept running.
    static let rest = Duration.seconds(30)

    private(set) var quickEndsInARow = 0

    /// Decides after the process ended by itself.
    /// - Parameter hasStarted: Whether the whole relay was ready before. From then on no process is given up, since
    ///   with it all others would end.
    mutating func ended(afterLiving life: Duration, exitCode: Int?, how: String, hasStarted: Bool) -> Decision {
        func hopeless(_ reason: String) -> Decision {
            hasStarted ? .restartLater(after: Self.rest, reason: reason) : .giveUp(reason: reason)
        }
        quickEndsInARow = life >= Self.healthyLife ? 1 : quickEndsInARow + 1
        if exitCode == Self.usageExitCode { return hopeless("its configuration is wrong (\(how))") }
        guard quickEndsInARow < Self.quickEnds else {
            return hopeless("it ended \(quickEndsInARow) times in a row soon after its start (\(how))")
        }
        // At once the first time: a runner that stumbles gets up.
        guard quickEndsInARow > 1 else { return .restart(after: .zero) }
        return .restart(after: min(.milliseconds(100) * (1 << (quickEndsInARow - 2)), .seconds(2)))
    }
}
