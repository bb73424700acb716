// SPDX-License-Identifier: Apache-2.0

package import LegRuntime
import Operations
import TopicAdministration

extension Diagnosis {
    /// What the facts mean, by every check.
    package init(_ facts: DoctorFacts, servers: [String], provision: TopicProvision) {
        let version = SuiteVersion.current
        let kafka = ClusterChecks.cluster(facts, servers: servers)
        guard facts.cluster.value != nil else {
            let local = LifeChecks.versions(facts, own: version) + LifeChecks.clocks(facts) + LifeChecks.disks(facts)
            self.init(version: version, checks: kafka + local, couldLook: false)
            return
        }
        let advice = TopicAdvice(bootstrapServers: servers)
        let checks =
            kafka + ClusterChecks.topics(facts, provision, advice) + ClusterChecks.permissions(facts)
            + LifeChecks.groups(facts) + LifeChecks.versions(facts, own: version) + LifeChecks.ledger(facts)
            + LifeChecks.clocks(facts) + LifeChecks.disks(facts) + LifeChecks.deadLetters(facts)
        self.init(version: version, checks: checks, couldLook: true)
    }
}
