// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import RelayClients

/// Judges who is at work, on which version, by which clock, with how much room. Pure.
enum LifeChecks {
    static let tolerableClockDifference = Duration.seconds(2)
    static let leastFreeShare = 0.1
    static let leastFreeBytes: Int64 = 1 << 30

    static func groups(_ facts: DoctorFacts) -> [Check] {
        guard case .known(let groups) = facts.groups else {
            guard case .unknown(let reason) = facts.groups else { return [] }
            return [.unknown(.groups, "all", reason)]
        }
        return groups.flatMap { group in [members(group)] + group.backlogs.compactMap { backlog($0, group) } }
    }

    private static func members(_ group: GroupFacts) -> Check {
        let (name, description) = (group.description.name, group.description)
        if let failure = description.failure { return .unknown(.groups, name, failure.message) }
        let waiting = group.backlogs.reduce(0) { $0 + $1.records }
        switch description.state {
        case .dead:
            return .problem(
                .groups, name, "does not exist: nobody has ever joined it",
                do: "start the service of that name, in that lane, with the same RELAY_TOPIC_PREFIX")
        case .empty:
            return .problem(
                .groups, name, "has no members; \(waiting) records wait",
                do: "start the service of that name, in that lane; if it runs, its /health/ready says what it waits for"
            )
        case .preparingRebalance, .completingRebalance:
            return .warning(
                .groups, name, "is being shared out among \(description.members.count) members",
                do: "look again; if it stays so, a member comes and goes")
        case .unknown:
            return .unknown(.groups, name, "its coordinator did not say")
        case .stable:
            let idle = description.members.count { $0.partitions == 0 }
            guard idle == 0 else {
                return .warning(
                    .groups, name, "\(description.members.count) members, \(idle) of them with nothing to do",
                    do: "run no more instances than partitions")
            }
            return .ok(.groups, name, "\(description.members.count) members, \(waiting) records wait")
        }
    }

    private static func backlog(_ backlog: GroupFacts.Backlog, _ group: GroupFacts) -> Check? {
        guard !group.description.members.isEmpty, backlog.records > 0, !backlog.moved else { return nil }
        let name = "\(group.description.name) on \(backlog.topic)"
        if group.isAtWork {
            return .ok(.groups, name, "\(backlog.records) records wait behind work that reports its progress")
        }
        return .problem(
            .groups, name, "stands still: \(backlog.records) records wait, and none was done between two looks",
            do: "read the log of the service; restart it if it hangs")
    }

    static func versions(_ facts: DoctorFacts, own: String) -> [Check] {
        guard !facts.services.isEmpty else {
            return [.ok(.versions, "relay", "\(own); no service is known here to be asked (--url names some)")]
        }
        return [.ok(.versions, "relay", own)] + facts.services.map { version($0, own: own) }
    }

    private static func version(_ service: ServiceAnswer, own: String) -> Check {
        let name = "\(service.name) at \(service.url)"
        guard let version = service.version else {
            return .problem(
                .versions, name, "does not answer: \(service.problems.joined(separator: "; "))",
                do: "see that it runs and listens there")
        }
        guard service.problems.isEmpty else {
            return .problem(
                .versions, name, "is not ready: \(service.problems.joined(separator: "; "))",
                do: "mend what it names; it goes on by itself")
        }
        guard version != ServiceAnswer.untoldVersion else {
            return .warning(
                .versions, name, "does not tell its version, so it is older than 0.4.0",
                do: "finish the upgrade, or use the command line of the same version")
        }
        guard version == own else {
            return .warning(
                .versions, name, "is of version \(version), this command of \(own)",
                do: "finish the upgrade, or use the command line of the same version")
        }
        return .ok(.versions, name, "ready, \(version)")
    }

    /// Every governance follows all chains, so the word of one is enough.
    static func ledger(_ facts: DoctorFacts) -> [Check] {
        let words = facts.services.compactMap(\.ledger)
        if let broken = words.first(where: \.isBroken) {
            return [
                .problem(
                    .ledger, "chains", broken.words,
                    do: "relay ledger quarantine --partition <chain> --reason <why>; meanwhile the chain's batons wait")
            ]
        }
        return words.first.map { [.ok(.ledger, "chains", $0.words)] } ?? []
    }

    static func clocks(_ facts: DoctorFacts) -> [Check] {
        facts.clocks.map { reading in
            let difference = seconds(reading.ahead)
            let isAhead = reading.ahead > tolerableClockDifference
            let isBehind = reading.isLive && reading.ahead < .zero - tolerableClockDifference
            guard isAhead || isBehind else {
                let words =
                    reading.isLive ? "agrees with this machine's within 2 s" : "is not ahead of this machine's clock"
                return .ok(.clock, reading.source, words)
            }
            return .warning(
                .clock, reading.source,
                "is \(difference) s \(isAhead ? "ahead of" : "behind") this machine's clock",
                do: "let NTP set the clocks of all machines: budgets, ages and traces depend on them")
        }
    }

    private static func seconds(_ duration: Duration) -> String {
        let tenths = abs(duration.milliseconds) / 100
        return "\(tenths / 10).\(tenths % 10)"
    }

    static func disks(_ facts: DoctorFacts) -> [Check] {
        facts.disks.map { disk in
            let share = disk.totalBytes > 0 ? Double(disk.freeBytes) / Double(disk.totalBytes) : 0
            let words = "\(gibibytes(disk.freeBytes)) GiB free of \(gibibytes(disk.totalBytes)), at \(disk.path)"
            guard share < leastFreeShare || disk.freeBytes < leastFreeBytes else {
                return .ok(.disk, disk.name, words)
            }
            return .warning(.disk, disk.name, words, do: "make room: a full disk stops whoever writes to it")
        }
    }

    private static func gibibytes(_ bytes: Int64) -> String {
        let tenths = bytes * 10 / (1 << 30)
        return "\(tenths / 10).\(tenths % 10)"
    }

    static func deadLetters(_ facts: DoctorFacts) -> [Check] {
        switch facts.deadLetters {
        case .unknown(let reason): return [.unknown(.deadLetters, "count", reason)]
        case .known(let letters):
            guard letters.count > 0 else { return [.ok(.deadLetters, "count", "none")] }
            let reason = letters.newestReason.map { "; the newest: \($0)" } ?? ""
            let topic = letters.newestTopic.map { " (from \($0))" } ?? ""
            return [
                .warning(
                    .deadLetters, "count", "\(letters.isMore ? "more than " : "")\(letters.count)\(reason)\(topic)",
                    do: "read them with their reasons; mend who writes them")
            ]
        }
    }
}
