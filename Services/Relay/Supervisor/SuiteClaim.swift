// SPDX-License-Identifier: Apache-2.0

import Foundation
import Operations
import RelayClients

/// Finds out whose a data directory is: a relay that runs on it is joined, one that starts or stops is waited for.
struct SuiteClaim: Sendable {
    enum Outcome: Sendable {
        /// Nobody had it.
        case ours(DirectoryLock)
        case joined(RunningSuite)
    }

    let layout: SuiteLayout
    let environment: [String: String]
    let observer: any StartObserver
    /// A relay that stops may need as long for its services, again for governance, and again for its broker; one that
    /// starts gives up sooner.
    var patience = Supervisor.grace * 3 + .seconds(4)

    /// - Throws: `RelayFailure` when it is still starting or stopping after `patience`.
    func claim() async throws -> Outcome {
        let clock = ContinuousClock()
        let begin = clock.now
        var notice = WaitingNotice(from: begin - WaitingNotice.first + .milliseconds(300))
        while true {
            if let lock = try DirectoryLock.take(layout.lock) { return .ours(lock) }
            let reason: String
            switch await look() {
            case .running(let suite): return .joined(suite)
            case .notYet(let why): reason = why
            }
            guard clock.now - begin < patience else {
                throw RelayFailure(
                    "another relay has been starting or stopping on \(layout.dataDirectory) for "
                        + "\(patience.components.seconds) s (\(reason))",
                    remedy: "see what holds \(layout.lock) and end it, or choose another directory with "
                        + "--data-directory")
            }
            if notice.isDue(at: clock.now) {
                observer.waiting(
                    for: "another relay on \(layout.dataDirectory)",
                    "\(reason); for at most \(patience.components.seconds) s")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private enum Look { case running(RunningSuite), notYet(String) }

    /// The relay that holds the directory, once its captain is ready. Its addresses are there from the end of its start
    /// to the begin of its stop.
    private func look() async -> Look {
        let broker = ProcessAddress.read(layout.addressFile(of: SuitePlan.brokerName)).map { "\($0.host):\($0.port)" }
        guard let captain = ProcessAddress.read(layout.addressFile(of: SuitePlan.captainName)),
            let servers = environment["RELAY_KAFKA_BOOTSTRAP_SERVERS"] ?? broker
        else { return .notYet("it is starting or stopping") }
        do {
            let answer = try await HTTPClient(timeout: .seconds(2)).get(captain.url + "/health/ready")
            let problems = HealthAnswer.problems(status: answer.status, body: answer.body)
            guard problems.isEmpty else {
                return .notYet("its captain is not ready: \(problems.joined(separator: "; "))")
            }
        } catch {
            return .notYet("its captain does not answer")
        }
        return .running(
            RunningSuite(
                layout: layout, bootstrapServers: servers, captain: captain.url,
                inference: InferenceAddress.known(layout), isOurs: false))
    }
}
