// SPDX-License-Identifier: Apache-2.0

import Baton
package import LegRuntime
package import RelayClients

/// Everything that the doctor looks at: the cluster, what services may do there, the services themselves, clocks and
/// disks.
package struct Examination: Sendable {
    let access: KafkaAccess
    let provision: TopicProvision
    let probes: [AccessProbe]
    let services: [(name: String, url: String)]
    let directories: [(name: String, path: String)]
    let limit: TimeLimit

    /// - Parameters:
    ///   - services: Base URLs to be asked, by name.
    ///   - directories: Where something of the relay's lives, by name.
    ///   - limit: How long each look may take.
    package init(
        access: KafkaAccess, provision: TopicProvision, probes: [AccessProbe],
        services: [(name: String, url: String)], directories: [(name: String, path: String)], limit: TimeLimit
    ) {
        self.access = access
        self.provision = provision
        self.probes = probes
        self.services = services
        self.directories = directories
        self.limit = limit
    }

    /// Looks at everything; what could not be looked at says why.
    package func facts() async -> DoctorFacts {
        let cluster = ClusterExamination(access: access, provision: provision, limit: limit)
        var facts = DoctorFacts(
            cluster: await cluster.cluster(), topics: .unknown("the cluster does not answer"),
            groups: .unknown("the cluster does not answer"), deadLetters: .unknown("the cluster does not answer"))
        (facts.services, facts.clocks) = await LifeExamination(services: services, limit: limit).answers()
        facts.disks = directories.compactMap { LifeExamination.disk($0.name, $0.path) }
        guard let description = facts.cluster.value else { return facts }
        facts.unreachable = await cluster.unreachable(description)
        facts.topics = await cluster.topics()
        for probe in probes { facts.probes.append(await probe.run()) }
        let progress = await cluster.newestProgress()
        if let progress {
            facts.clocks.append(
                ClockReading(source: "whoever wrote the newest progress", ahead: progress - .now, isLive: false))
        }
        let isAtWork = progress.map { Timestamp.now - $0 < .seconds(10) } ?? false
        facts.groups = await cluster.groups(isAtWork: isAtWork)
        facts.deadLetters = await cluster.deadLetters()
        // Last: what was read until here may have met some.
        facts.damage = await cluster.damage(description)
        return facts
    }
}
