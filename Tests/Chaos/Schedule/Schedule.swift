// SPDX-License-Identifier: Apache-2.0

import TestSupport

/// Which faults come when, on whom, for how long: a pure function of the seed and the plan.
struct Schedule: Sendable, Equatable {
    /// What a schedule is made of.
    struct Plan: Sendable {
        /// The race; every fault is healed when it is over.
        var length: Duration
        /// Before the first fault.
        var warmUp: Duration = .seconds(5)
        /// Faults at once, at most.
        var atOnce = 3
        /// Between two faults' beginnings, on average.
        var pace: Duration = .seconds(3)
        /// Targets by kind; a kind without targets is left out.
        var targets: [FaultKind: [String]]
        /// Bounds of a fault's length by kind.
        var lengths: [FaultKind: ClosedRange<Duration>]
    }

    /// In the order of their beginnings.
    let faults: [Fault]

    init(seed: UInt64, _ plan: Plan) {
        var generator = SeededGenerator(seed: seed)
        var kinds = Deck(FaultKind.allCases.filter { plan.targets[$0]?.isEmpty == false })
        var targets = plan.targets.mapValues(Deck.init)
        var faults: [Fault] = []
        var time = plan.warmUp
        while time < plan.length {
            let active = faults.filter { $0.isActive(at: time) }
            if active.count >= plan.atOnce {
                time = active.map(\.end).min() ?? plan.length
                continue
            }
            let busy = Set(active.map(\.target))
            let left = plan.length - time
            func fits(_ kind: FaultKind) -> Bool {
                guard let shortest = plan.lengths[kind]?.lowerBound, shortest <= left else { return false }
                return plan.targets[kind]?.contains { !busy.contains($0) } == true
            }
            guard let kind = kinds.deal(using: &generator, where: fits),
                let target = targets[kind]?.deal(using: &generator, where: { !busy.contains($0) }),
                let bounds = plan.lengths[kind]
            else {
                time = active.map(\.end).min() ?? plan.length
                continue
            }
            let length = min(.random(in: bounds, using: &generator), left)
            let effect = Effect.random(kind, using: &generator)
            faults.append(
                Fault(number: faults.count + 1, effect: effect, target: target, begin: time, length: length))
            time += .random(in: plan.pace / 2...plan.pace * 3 / 2, using: &generator)
        }
        self.faults = faults
    }

    /// What happens, in order: at one moment ends come before beginnings.
    var moments: [Moment] {
        (faults.map { Moment(time: $0.begin, isBegin: true, fault: $0) }
            + faults.map { Moment(time: $0.end, isBegin: false, fault: $0) })
            .sorted { ($0.time, $0.isBegin ? 1 : 0, $0.fault.number) < ($1.time, $1.isBegin ? 1 : 0, $1.fault.number) }
    }

    /// A fault begins or ends.
    struct Moment: Sendable, Hashable {
        let time: Duration
        let isBegin: Bool
        let fault: Fault
    }
}

extension Effect {
    static func random(_ kind: FaultKind, using generator: inout SeededGenerator) -> Effect {
        switch kind {
        case .kill: .kill
        case .freeze: .freeze
        case .longFreeze: .longFreeze
        case .stop: .stop
        case .cut: .cut
        case .fullDisk: .fullDisk
        case .silence: .hold([.toBroker, .fromBroker], thenReset: .random(using: &generator))
        case .deafBroker: .hold([.toBroker], thenReset: .random(using: &generator))
        case .muteBroker: .hold([.fromBroker], thenReset: .random(using: &generator))
        case .delay: .delay(.random(in: .milliseconds(20) ... .milliseconds(400), using: &generator))
        case .throttle: .throttle(bytesPerSecond: .random(in: 4_000...64_000, using: &generator))
        case .skew: .skew(seconds: .random(in: 60...600, using: &generator) * (Bool.random(using: &generator) ? 1 : -1))
        case .scale: .scale(instances: .random(in: 1...2, using: &generator))
        }
    }
}
