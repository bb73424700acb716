// SPDX-License-Identifier: Apache-2.0

package import Baton

/// Whether a release measures as well as its declaration asks for.
package enum FloorGates {
    /// One gate for each floor.
    package static func judge(_ manifest: ReleaseManifest) -> [Verification.Gate] {
        manifest.declaration.gates.floors.sorted { $0.key < $1.key }.map { name, floor in
            let gate = "metric \(name)"
            guard let value = manifest.metrics[name] else {
                return Verification.Gate(
                    name: gate, passed: false,
                    detail: "\(manifest.declaration.gates.metrics) has no number \(name); at least \(floor) is required"
                )
            }
            return Verification.Gate(
                name: gate, passed: value >= floor, detail: "measured \(value), at least \(floor) is required")
        }
    }
}
