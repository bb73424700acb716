// SPDX-License-Identifier: Apache-2.0

import Baton

/// A watch counted what was answered: what lies in what it read, and no router's answer came behind it that it says to
/// have heard out.
struct WatchesRule: Rule {
    static let name = "watches"
    static let law = "a watch counts what its release answered in the period, and says what it could not see"

    /// Answers of a release that are kept until its report is read. They are its first ones, as those of its watch are.
    static let mostKept = 20_000

    fileprivate struct Watched: Sendable {
        var report: SeenWatch?
        var place: Place?
        var kept: [(answer: SeenAnswer, place: Place)] = []
        /// The first answer of a partition that was not kept.
        var unkept: [Int32: Int64] = [:]
        var counted = 0
        /// By router: the last number in the period, and how many are missing in between.
        var numbers: [RouterID: (last: Int64, missing: Int64)] = [:]
        /// By router: its first answer of the period behind the end.
        var late: [RouterID: Place] = [:]
    }

    private var releases: [BatonID: Watched] = [:]
    private var forgotten: [Int32: Int64] = [:]
    private var findings = Findings(name)

    mutating func observe(_ fact: Fact) {
        switch fact.content {
        case .prediction(let answer):
            var watched = releases[answer.baton] ?? Watched()
            if watched.report != nil {
                watched.weigh(answer, at: fact.place)
            } else if watched.kept.count < Self.mostKept {
                watched.kept.append((answer, fact.place))
            } else if watched.unkept[fact.place.partition] == nil {
                watched.unkept[fact.place.partition] = fact.place.offset
            }
            releases[answer.baton] = watched
        case .state(let state):
            guard let report = state.watch, releases[state.baton]?.report == nil else { return }
            findings.looked += 1
            var watched = releases[state.baton] ?? Watched()
            (watched.report, watched.place) = (report, fact.place)
            for (answer, place) in watched.kept { watched.weigh(answer, at: place) }
            watched.kept = []
            releases[state.baton] = watched
        default: break
        }
    }

    mutating func forgotten(before place: Place) {
        if place.channel == .predictions { forgotten[place.partition] = place.offset }
    }

    func verdict(_ inquiry: Inquiry) -> Verdict {
        var findings = findings
        var compared = 0
        for (baton, watched) in releases {
            guard let report = watched.report, let readings = report.readings, let place = watched.place else {
                continue
            }
            // What is not there any more, or was too much to keep, cannot be counted.
            let isWhole = readings.allSatisfy { reading in
                forgotten[reading.partition] ?? 0 <= reading.from
                    && watched.unkept[reading.partition] ?? .max >= reading.to
            }
            guard isWhole else { continue }
            compared += 1
            judge(watched, report, baton, place, inquiry, &findings)
        }
        return findings.verdict("\(compared) of \(findings.looked) reports compared with their predictions")
    }

    private func judge(
        _ watched: Watched, _ report: SeenWatch, _ baton: BatonID, _ place: Place, _ inquiry: Inquiry,
        _ findings: inout Findings
    ) {
        if watched.counted != report.predictions {
            findings.noteMissing(
                "miscounted", at: place, of: baton, inquiry,
                found: "a watch that counted \(report.predictions) predictions",
                expected: "the \(watched.counted) that lie in what it read")
        }
        for (router, number) in watched.numbers where number.missing > report.missed[router] ?? 0 {
            findings.noteMissing(
                "gap-untold", at: place, of: baton, inquiry,
                found: "a watch that missed \(report.missed[router] ?? 0) answers of \(router)",
                expected: "at least \(number.missing), whose numbers are not there")
        }
        for (router, late) in watched.late where !report.incomplete.contains(router) {
            findings.note(
                "unseen", at: late, of: baton,
                found: "an answer of \(router) in the period, behind the end of the watch",
                expected: "a watch that waits for it, or says that it has not heard all of this router",
                needsHistory: false)
        }
    }
}

extension WatchesRule.Watched {
    /// Takes in an answer of the release; those of a partition come in order.
    fileprivate mutating func weigh(_ answer: SeenAnswer, at place: Place) {
        guard let report, let at = answer.at, report.from <= at, at < report.to,
            let reading = report.readings?.first(where: { $0.partition == place.partition }),
            place.offset >= reading.from
        else { return }
        guard place.offset < reading.to else {
            if let router = answer.router, late[router] == nil { late[router] = place }
            return
        }
        counted += 1
        guard let router = answer.router, let number = answer.number else { return }
        let known = numbers[router] ?? (last: number - 1, missing: 0)
        numbers[router] = (max(known.last, number), known.missing + max(0, number - known.last - 1))
    }
}
