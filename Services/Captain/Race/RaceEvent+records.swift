// SPDX-License-Identifier: Apache-2.0

package import Baton
package import Kafka
import LegRuntime

extension BatonRequest {
    /// The record on the baton-events topic. A request sent again is the same event under the same id.
    package func record(_ topics: Topics, now: Timestamp) -> ProducerRecord {
        record(
            topic: topics.batonEvents, key: baton.description, id: "\(baton)/requested", source: captainSource,
            subject: baton.description, time: now, trace: traceparent)
    }
}

extension CancelRequest {
    /// The record on the baton-events topic.
    package func record(_ topics: Topics, now: Timestamp) -> ProducerRecord {
        record(
            topic: topics.batonEvents, key: baton.description, id: "\(baton)/cancel/\(now.milliseconds)",
            source: captainSource, subject: baton.description, time: now)
    }
}
