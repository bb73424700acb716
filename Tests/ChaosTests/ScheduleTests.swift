// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Chaos

@Suite("A schedule of faults")
struct ScheduleTests {
    static let lengths = [10, 35, 120, 1800]

    private static func plan(_ seconds: Int, isShort: Bool, without: Set<FaultKind> = []) -> Schedule.Plan {
        .race(.seconds(seconds), session: .seconds(isShort ? 3 : 6), without: without, isShort: isShort)
    }

    @Test("is the same for the same seed, and another for another", arguments: [true, false])
    func seeds(isShort: Bool) {
        for seed in UInt64(1)...50 {
            let plan = Self.plan(120, isShort: isShort)
            #expect(Schedule(seed: seed, plan) == Schedule(seed: seed, plan))
            #expect(Schedule(seed: seed, plan) != Schedule(seed: seed + 1, plan))
        }
    }

    @Test("heals everything by its end, never does too much at once, and never two things to one", arguments: lengths)
    func bounds(seconds: Int) {
        for seed in UInt64(1)...UInt64(max(3, 3600 / seconds)) {
            let plan = Self.plan(seconds, isShort: seconds < 60)
            let faults = Schedule(seed: seed, plan).faults
            #expect(faults.allSatisfy { $0.begin >= plan.warmUp && $0.end <= plan.length })
            #expect(faults.map(\.begin) == faults.map(\.begin).sorted())
            for fault in faults {
                let active = faults.filter { $0.isActive(at: fault.begin) }
                #expect(active.count <= plan.atOnce, "seed \(seed): \(active)")
                #expect(Set(active.map(\.target)).count == active.count, "seed \(seed): \(active)")
            }
        }
    }

    @Test("has each fault's length within its kind's bounds, and ends before it begins again")
    func lengthsAndMoments() {
        for seed in UInt64(1)...100 {
            let plan = Self.plan(300, isShort: false)
            let schedule = Schedule(seed: seed, plan)
            for fault in schedule.faults {
                #expect(plan.lengths[fault.effect.kind]?.contains(fault.length) == true, "seed \(seed): \(fault)")
            }
            var down: Set<String> = []
            for moment in schedule.moments {
                if moment.isBegin {
                    #expect(down.insert(moment.fault.target).inserted, "seed \(seed): \(moment)")
                } else {
                    #expect(down.remove(moment.fault.target) != nil, "seed \(seed): \(moment)")
                }
            }
            #expect(down.isEmpty)
        }
    }

    @Test("deals every kind, in half a minute of short ones too")
    func kinds() {
        let withoutRoot = Set(FaultKind.allCases).subtracting([.fullDisk])
        for seed in UInt64(1)...100 {
            let long = Schedule(seed: seed, Self.plan(120, isShort: false))
            #expect(Set(long.faults.map(\.effect.kind)) == Set(FaultKind.allCases), "seed \(seed)")
        }
        let short = Schedule(
            seed: SeededGenerator.first(of: ShortRace.seed), Self.plan(35, isShort: true, without: [.fullDisk]))
        #expect(Set(short.faults.map(\.effect.kind)) == withoutRoot)
    }

    @Test("hits every process and every link in half an hour")
    func targets() {
        let faults = Schedule(seed: 1, Self.plan(1800, isShort: false)).faults
        #expect(Set(faults.map(\.target)) == Set([Cast.broker, Cast.store] + Cast.services))
    }
}

extension SeededGenerator {
    /// The seed of the schedule of a race with a seed.
    static func first(of seed: UInt64) -> UInt64 {
        var generator = SeededGenerator(seed: seed)
        return generator.next()
    }
}
