// SPDX-License-Identifier: Apache-2.0

import Baton
import Operations
import RaceView
import RelayClients
import RelaySupervisor
import Synchronization

/// How far `relay run` has come; for when it is interrupted.
final class RunCourse: Sendable {
    private struct State {
        var track: Track?
        var baton: BatonID?
        var summary: Summary?
    }

    private let state = Mutex(State())

    /// Of a baton that has ended. Ctrl-C after the line was crossed ends the serving, not the release.
    var summary: Summary? { state.withLock { $0.summary } }

    func found(_ track: Track) { state.withLock { $0.track = track } }
    func asked(_ baton: BatonID) { state.withLock { $0.baton = baton } }
    func ended(_ summary: Summary) { state.withLock { $0.summary = summary } }

    /// Says why nothing more is to be seen for some seconds.
    @Sendable func sayStopping() {
        if state.withLock({ $0.track?.isOurs }) == true {
            StandardErrorLines.write("relay: stopping what this command started")
        }
    }

    /// What becomes of the baton, and how to go on; nil when there is none yet.
    /// - Parameter again: the command that goes on with it.
    func consequence(again: String, _ layout: SuiteLayout) -> String? {
        let (track, baton) = state.withLock { ($0.track, $0.baton) }
        guard let track, let baton else { return nil }
        return Self.consequence(of: baton, on: track, again: again, layout)
    }

    static func consequence(of baton: BatonID, on track: Track, again: String, _ layout: SuiteLayout) -> String {
        let place = ["--data-directory", layout.dataDirectory]
        let target = track.isLocal ? place : ["--captain", track.captain]
        let cancel = ShellWords.joined(["relay", "cancel", baton.description, "--reason", "interrupted"] + target)
        let traffic = "A watch that sees too few predictions drops the release"
        if track.isOurs {
            return """
                interrupted; the baton \(baton) has not ended. It goes on as soon as a relay runs on \
                \(layout.dataDirectory) again, also by `\(ShellWords.joined(["relay", "up"] + place))`.
                  To go on with it and its sample traffic:  \(again)
                  To call it off, once a relay runs:        \(cancel)
                \(traffic), and the time in which nothing runs counts.
                """
        }
        let status = ShellWords.joined(["relay", "status", baton.description, "--watch"] + target)
        return """
            interrupted; the baton \(baton) goes on without this command, and without its sample traffic.
              To follow it:                      \(status)
              To play the sample traffic again:  \(again)
              To call it off:                    \(cancel)
            \(traffic).
            """
    }
}

/// Words as they are written on a shell's command line.
enum ShellWords {
    static func joined(_ words: [String]) -> String { words.map(quoted).joined(separator: " ") }

    private static func quoted(_ word: String) -> String {
        let isPlain = word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./:=,@%+".contains($0)) }
        return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }
}
