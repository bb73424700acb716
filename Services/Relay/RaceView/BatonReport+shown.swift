// SPDX-License-Identifier: Apache-2.0

package import Baton
import ShownText

extension BatonReport {
    /// The report with every text in it as a terminal may show it: names, notes and reasons come from whoever can write
    /// to a topic. What other programs read is the report itself.
    package var shown: BatonReport {
        do {
            let document = try JSON.decode(JSONValue.self, from: JSON.encode(self))
            return try JSON.decode(BatonReport.self, from: document.shown.encoded())
        } catch {
            // What is no free text in a report has no hidden characters and is shorter than the longest text, so this
            // is not met; `Terminal.line` would still take the harm out of it.
            return self
        }
    }
}

extension JSONValue {
    fileprivate var shown: JSONValue {
        switch self {
        case .null, .bool, .number: self
        case .string(let text): .string(text.shown())
        case .array(let items): .array(items.map(\.shown))
        case .object(let members):
            .object(Dictionary(members.map { ($0.key.shown(), $0.value.shown) }) { first, _ in first })
        }
    }
}
