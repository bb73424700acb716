// SPDX-License-Identifier: Apache-2.0

package import Baton

/// Says when a chain of the ledger breaks and when it holds together again, once each.
package struct BreakSignals: Sendable {
    private var told: [String: ChainBreak] = [:]

    /// Nothing was said yet.
    package init() {}

    /// What is to be said now.
    /// - Parameters:
    ///   - breaks: chains that do not hold together.
    ///   - isOurs: whether this process tells of a chain; another one tells of the others.
    package mutating func take(_ breaks: [ChainBreak], isOurs: (String) -> Bool, at now: Timestamp) -> [Signal] {
        let current = Dictionary(breaks.filter { isOurs($0.chain) }.map { ($0.chain, $0) }) { first, _ in first }
        let mended = told.values.filter { current[$0.chain] == nil && isOurs($0.chain) }.map { mended in
            signal(mended, .info, "Chain \(mended.chain) of the ledger holds together again.", now)
        }
        let broken = current.values.filter { told[$0.chain] != $0 }.map { found in
            signal(
                found, .critical,
                "Chain \(found.chain) of the ledger is broken since \(found.since), at offset \(found.offset): its "
                    + "batons wait for `\(found.remedy)`.", now)
        }
        told = current
        return (mended + broken).sorted { $0.text < $1.text }
    }

    private func signal(_ found: ChainBreak, _ level: Signal.Level, _ text: String, _ now: Timestamp) -> Signal {
        Signal(
            name: "ledger-chain-\(found.chain)", level: level, baton: nil, model: nil, text: text,
            values: ["partition": Double(found.chain) ?? -1, "offset": Double(found.offset)], at: now)
    }
}
