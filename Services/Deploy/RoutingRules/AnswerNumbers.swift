// SPDX-License-Identifier: Apache-2.0

package import Baton

/// Numbers a router's answers release by release, and makes the marks that say how many there are. Pure: it is told the
/// time.
///
/// A release has marks for as long as it may be watched, and after that whenever it has answered something since its
/// last mark. So a router that has served the same for long and is asked for nothing writes nothing.
package struct AnswerNumbers: Sendable {
    /// How long a release has marks after the period for which it is watched: a watch may begin late, and be repeated.
    package static let slack = Duration.seconds(300)

    private struct Count: Sendable {
        let model: String
        let openUntil: Timestamp
        var written: Int64 = 0
        var dropped: Int64 = 0
        /// What the last mark said to be written.
        var told: Int64 = 0
        var isResting = true
    }

    let router: RouterID
    /// The time of the last marks. They promised that no answer from before it follows; so later ones get this time at
    /// least.
    private var through: Timestamp
    /// A line for each release that this run of the router has answered for.
    private var counts: [BatonID: Count] = [:]

    /// The numbers of one run of a router.
    package init(_ router: RouterID) {
        self.router = router
        through = router.startedAt
    }

    /// Numbers an answer.
    /// - Returns: its number, and its time: never before what has been told to be over.
    package mutating func number(_ release: ReleaseRecord, at time: Timestamp) -> (number: Int64, at: Timestamp) {
        serves(release, since: time)
        counts[release.baton]?.written += 1
        return (counts[release.baton]?.written ?? 0, max(time, through))
    }

    /// Notes that a numbered answer is left out.
    package mutating func drop(of baton: BatonID) { counts[baton]?.dropped += 1 }

    /// Notes that a release has traffic here.
    package mutating func serves(_ release: ReleaseRecord, since time: Timestamp) {
        guard counts[release.baton] == nil else { return }
        let period = release.manifest.declaration.watch.periodSeconds
        counts[release.baton] = Count(
            model: release.model, openUntil: time + .milliseconds(Int64(period * 1000)) + Self.slack)
    }

    /// The marks that are due. All answers that were numbered until now must be written before them.
    package mutating func cut(at now: Timestamp) -> [RouterMark] {
        through = max(through, now)
        return counts.keys.sorted { "\($0)" < "\($1)" }.compactMap { baton in
            guard let count = counts[baton] else { return nil }
            let isOpen = now < count.openUntil || count.written > count.told
            return isOpen || !count.isResting ? tell(baton, isLast: !isOpen) : nil
        }
    }

    /// The marks of a router that answers nothing any more.
    package mutating func end(at now: Timestamp) -> [RouterMark] {
        through = max(through, now)
        return counts.keys.sorted { "\($0)" < "\($1)" }.compactMap { tell($0, isLast: true) }
    }

    private mutating func tell(_ baton: BatonID, isLast: Bool) -> RouterMark? {
        guard var count = counts[baton] else { return nil }
        (count.told, count.isResting) = (count.written, isLast)
        counts[baton] = count
        return RouterMark(
            model: count.model, baton: baton, router: router, through: through, written: count.written,
            dropped: count.dropped, isLast: isLast)
    }
}
