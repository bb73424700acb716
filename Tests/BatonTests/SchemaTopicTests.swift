// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Baton

/// Holds `asyncapi.yaml` to the topics of the code.
@Suite("Topics of the event documents")
struct SchemaTopicTests {
    static let plans = Topics().all()

    /// The text of each channel by its address.
    private func channels() throws -> [String: String] {
        let document = try SchemaTests.document("asyncapi.yaml")
        let blocks = document.split(separator: "    address: ", omittingEmptySubsequences: false).dropFirst()
        return Dictionary(
            uniqueKeysWithValues: blocks.compactMap { block in
                let text = block.ranges(of: "\noperations:").first.map { block[..<$0.lowerBound] } ?? block
                return text.split(separator: "\n").first.map { (String($0), String(text)) }
            })
    }

    @Test("the documents name the topics of the code and no others")
    func names() throws {
        #expect(Set(try channels().keys) == Set(Self.plans.map(\.name)))
        let readme = try SchemaTests.document("README.md")
        for plan in Self.plans {
            // The four legs share a line.
            let name = plan.name.hasPrefix("relay.legs.") ? "relay.legs.<leg>" : plan.name
            #expect(readme.contains("`\(name)`"), "\(plan.name)")
        }
    }

    @Test("a topic is documented as it is made", arguments: plans)
    func properties(plan: TopicPlan) throws {
        let text = try #require(try channels()[plan.name])
        #expect(text.contains("        topic: \(plan.name)\n"))
        #expect(text.contains("        partitions: \(plan.partitions)\n"))
        for (property, value) in plan.properties {
            let written = property == "cleanup.policy" ? "[\(value)]" : value
            #expect(text.contains("          \(property): \(written)\n"), "\(property)")
        }
    }

    @Test("the groups are those of the code")
    func groups() throws {
        let document = try SchemaTests.document("asyncapi.yaml")
        let topics = Topics()
        let legs = Leg.allCases.flatMap { leg in RaceLane.allCases.map { topics.group(leg, $0) } }
        for group in legs + [topics.captainGroup, topics.ledgerGroup] {
            #expect(document.contains("          const: \(group)\n"), "\(group)")
        }
    }
}
