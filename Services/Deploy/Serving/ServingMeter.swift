// SPDX-License-Identifier: Apache-2.0

package import Baton
import Synchronization

/// What serving consumed since it was last reported, for each baton.
package final class ServingMeter: Sendable {
    /// Amounts by resource; what was not used is not there.
    package typealias Amounts = [Usage.Resource: Double]

    private struct State {
        var amounts: [BatonID: Amounts] = [:]
        var lanes: [String: (baton: BatonID, lane: ServingLane)] = [:]

        mutating func add(_ amount: Double, of resource: Usage.Resource, for baton: BatonID) {
            guard amount > 0 else { return }
            amounts[baton, default: [:]][resource, default: 0] += amount
        }
    }

    private let state = Mutex(State())

    /// Nothing has been used yet.
    package init() {}

    func watch(_ lane: ServingLane, of baton: BatonID) {
        state.withLock { $0.lanes[lane.id] = (baton, lane) }
    }

    /// Counts the rest of an ended lane.
    func unwatch(_ lane: ServingLane, of baton: BatonID) {
        let cpu = lane.takeCPU()
        state.withLock { state in
            state.lanes[lane.id] = nil
            state.add(cpu.seconds, of: .cpuSeconds, for: baton)
        }
    }

    /// A request was answered.
    package func answered(of baton: BatonID, movedBytes: Int) {
        state.withLock { state in
            state.add(1, of: .requests, for: baton)
            state.add(Double(movedBytes), of: .movedBytes, for: baton)
        }
    }

    /// What was used since the last call.
    package func take() -> [BatonID: [(resource: Usage.Resource, amount: Double)]] {
        let lanes = state.withLock { Array($0.lanes.values) }
        let cpu = lanes.map { ($0.baton, $0.lane.takeCPU()) }
        let amounts = state.withLock { state in
            for (baton, used) in cpu { state.add(used.seconds, of: .cpuSeconds, for: baton) }
            defer { state.amounts = [:] }
            return state.amounts
        }
        return amounts.mapValues { amounts in
            amounts.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key, $0.value) }
        }
    }

    /// Puts back what could not be reported.
    package func putBack(_ amount: Double, of resource: Usage.Resource, for baton: BatonID) {
        state.withLock { $0.add(amount, of: resource, for: baton) }
    }
}
