// SPDX-License-Identifier: Apache-2.0

import Baton

/// Where a baton was, is and will be.
struct ScreenTrack: Encodable, Sendable, Equatable {
    /// One duty of the course.
    struct Stop: Encodable, Sendable, Equatable {
        enum Standing: String, Encodable { case done, failed, now, ahead }

        let duty: Duty
        let lane: RaceLane
        /// Nil while it is ahead.
        let attempt: Int?
        let standing: Standing
    }

    /// A lane from which the other one took over.
    struct Lost: Encodable, Sendable, Equatable {
        let duty: Duty
        let lane: RaceLane
    }

    /// In the order of the course; what is not run any more is left out.
    let stops: [Stop]
    let lost: [Lost]

    init(_ state: BatonState, _ journal: [JournalEntry]) {
        var stops = state.accepted.map { accepted in
            Stop(
                duty: accepted.duty, lane: accepted.lane, attempt: accepted.attempt,
                standing: accepted.outcome == .completed ? .done : .failed)
        }
        if let current = state.current {
            stops.append(Stop(duty: current.duty, lane: current.lane, attempt: current.number, standing: .now))
        }
        var next = state.ending == nil ? stops.last.map(\.duty.next) ?? Duty.allCases.first : nil
        while let duty = next {
            stops.append(Stop(duty: duty, lane: .primary, attempt: nil, standing: .ahead))
            next = duty.next
        }
        self.stops = stops
        var lost: [Lost] = []
        for entry in journal where entry.action == .takeoverOrdered {
            guard let duty = entry.duty, let lane = entry.lane?.other else { continue }
            let place = Lost(duty: duty, lane: lane)
            if !lost.contains(place) { lost.append(place) }
        }
        self.lost = lost
    }
}
