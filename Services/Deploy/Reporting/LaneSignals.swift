// SPDX-License-Identifier: Apache-2.0

package import Baton
import LegRuntime
package import Logging
package import Serving

/// Tells people at once when a release has lost lanes, and when it has them back.
package struct LaneSignals: Sendable {
    let sink: any EventSink
    let topic: String
    let source: String
    let instance: String
    let logger: Logger
    let now: @Sendable () -> Timestamp

    /// Tells on behalf of one instance.
    package init(
        sink: any EventSink, topic: String, source: String, instance: String, logger: Logger,
        now: @escaping @Sendable () -> Timestamp
    ) {
        (self.sink, self.topic, self.source, self.instance) = (sink, topic, source, instance)
        (self.logger, self.now) = (logger, now)
    }

    /// Tells how many lanes a release has.
    package func tell(_ release: ReleaseRecord, _ strength: ReleaseLanes.Strength) {
        let signal = Self.signal(release, strength, instance: instance, at: now())
        // The event is part of the id: two lanes may be lost in one millisecond.
        let id = "\(instance)/lanes/\(signal.at.milliseconds)/\(strength.event)"
        let event = signal.event(id: id, source: source, subject: "\(release.baton)", time: signal.at)
        do {
            try sink.enqueue(event, topic: topic, key: release.model)
        } catch {
            logger.with(.about(release)).warning(
                "a signal could not be published", metadata: ["signal": "lanes", "reason": "\(error)"])
        }
    }

    /// Critical without a lane, a warning with some, all clear with all of them.
    static func signal(
        _ release: ReleaseRecord, _ strength: ReleaseLanes.Strength, instance: String, at time: Timestamp
    ) -> Signal {
        let level: Signal.Level =
            if strength.ready >= strength.declared { .info } else if strength.ready > 0 { .warning } else { .critical }
        return Signal(
            name: "lanes", level: level, baton: release.baton, model: release.model,
            text: "\(strength.ready) of \(strength.declared) lanes of \(release.model) are ready at \(instance): "
                + strength.event,
            values: ["ready": Double(strength.ready), "declared": Double(strength.declared)], at: time)
    }
}
