// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
import Operations
import RelayClients

/// Gathers the facts about services, clocks and disks.
struct LifeExamination: Sendable {
    /// Base URLs by name.
    let services: [(name: String, url: String)]
    let limit: TimeLimit

    func answers() async -> (services: [ServiceAnswer], clocks: [ClockReading]) {
        var (answers, clocks): ([ServiceAnswer], [ClockReading]) = ([], [])
        for service in services {
            let http = HTTPClient(timeout: limit.duration)
            var answer = ServiceAnswer(name: service.name, url: service.url)
            do {
                let before = Timestamp.now
                let ready = try await http.get(service.url + "/health/ready")
                if let clock = Self.clock(ready.headers["date"], asked: before, heard: .now) {
                    clocks.append(ClockReading(source: "\(service.name) at \(service.url)", ahead: clock))
                }
                answer.ledger = HealthAnswer.ledger(ready.body)
                answer.problems = HealthAnswer.problems(status: ready.status, body: ready.body)
                answer.version =
                    Self.version(in: try await http.get(service.url + "/metrics").text) ?? ServiceAnswer.untoldVersion
            } catch {
                answer.problems = [inPlainWords(error)]
            }
            answers.append(answer)
        }
        return (answers, clocks)
    }

    /// The version in the text of `GET /metrics`.
    static func version(in metrics: String) -> String? {
        metrics.firstMatch(of: /relay_build_info\{[^}]*version="([^"]*)"/).map { String($0.1) }
    }

    /// How far ahead the clock is that wrote an HTTP date: it gives whole seconds, so half of one is added.
    static func clock(_ header: String?, asked: Timestamp, heard: Timestamp) -> Duration? {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "GMT")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        guard let date = header.flatMap(format.date(from:)) else { return nil }
        let there = Int64(date.timeIntervalSince1970 * 1000) + 500
        return .milliseconds(there - (asked.milliseconds + heard.milliseconds) / 2)
    }

    /// The file system of a directory; nil when there is no such directory.
    static func disk(_ name: String, _ path: String) -> DiskSpace? {
        guard let values = try? FileManager.default.attributesOfFileSystem(forPath: path),
            let free = values[.systemFreeSize] as? NSNumber, let total = values[.systemSize] as? NSNumber
        else { return nil }
        return DiskSpace(name: name, path: path, freeBytes: free.int64Value, totalBytes: total.int64Value)
    }
}
