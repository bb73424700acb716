// SPDX-License-Identifier: Apache-2.0

import Serving

extension ReleaseLanes {
    /// True once all lanes are ready; false when stopped before.
    func becomesReady() async -> Bool {
        do {
            return try await phase.first { phase in
                switch phase {
                case .ready: true
                case .stopping: false
                case .starting, .failing: nil
                }
            }
        } catch {
            return false
        }
    }

    /// True once a lane could not be started; false when all are ready, or stopped, before that.
    func failsToStart() async -> Bool {
        do {
            return try await phase.first { phase in
                switch phase {
                case .failing: true
                case .ready, .stopping: false
                case .starting: nil
                }
            }
        } catch {
            return false
        }
    }
}
