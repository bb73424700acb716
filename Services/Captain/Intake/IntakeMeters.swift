// SPDX-License-Identifier: Apache-2.0

package import Operations

/// Events taken and refused, by the way they came.
package struct IntakeMeters: Sendable {
    let inboxAccepted: Counter
    let inboxRefused: Counter
    let httpAccepted: Counter
    let httpRefused: Counter

    /// Registers the counters.
    package init(_ metrics: Metrics) {
        func counter(_ outcome: String, _ way: String) -> Counter {
            metrics.counter(
                "relay_captain_intake_total", help: "Requests for a release, by the way they came.",
                labels: ["outcome": outcome, "way": way])
        }
        inboxAccepted = counter("accepted", "inbox")
        inboxRefused = counter("refused", "inbox")
        httpAccepted = counter("accepted", "http")
        httpRefused = counter("refused", "http")
    }
}
