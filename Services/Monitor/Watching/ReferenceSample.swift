// SPDX-License-Identifier: Apache-2.0

package import Baton
import Statistics

/// The release's reference sample: what its features and predictions looked like when it was made.
package struct ReferenceSample: Sendable, Equatable {
    /// The name of the column that holds the model's output.
    static let prediction = "prediction"
    /// After this many problems the rest is only counted.
    private static let mostProblems = 20

    /// The declared features in their order, then the prediction.
    let names: [String]
    /// The bins of each of them.
    let columns: [ReferenceBins]
    /// Rows of the sample.
    let rows: Int

    /// Reads the sample from CSV (RFC 4180): a header with the features and `prediction`, then one row of numbers
    /// for each example. An empty cell and `nan` are missing values.
    /// - Throws: `Refusal` with everything that is wrong with it.
    package init(csv text: String, features: [String]) throws(Refusal) {
        let names = features + [Self.prediction]
        let table = CommaSeparated.rows(of: text)
        guard let header = table.first else { throw Refusal("the reference sample is empty") }
        let positions = names.map { header.cells.firstIndex(of: $0) }
        var problems = zip(names, positions).filter { $0.1 == nil }.map {
            "the reference sample has no column \"\($0.0)\""
        }
        if table.count == 1 { problems.append("the reference sample has a header and no rows") }
        var columns = [[Double?]](repeating: [], count: names.count)
        for row in table.dropFirst() {
            guard row.cells.count == header.cells.count else {
                problems.append(
                    "line \(row.line) has \(row.cells.count) cells, and the header has \(header.cells.count)")
                continue
            }
            for (column, position) in positions.enumerated() {
                guard let position else { continue }
                switch Self.number(row.cells[position]) {
                case .some(let value): columns[column].append(value)
                case nil: problems.append("line \(row.line), \(names[column]): \"\(row.cells[position])\" is no number")
                }
            }
        }
        guard problems.isEmpty else {
            let more = problems.count - Self.mostProblems
            throw Refusal(problems.prefix(Self.mostProblems) + (more > 0 ? ["and \(more) more problems"] : []))
        }
        self.names = names
        self.columns = columns.map { ReferenceBins($0) }
        rows = table.count - 1
    }

    /// - Returns: nil when it is no number; a nil inside when it is a missing value.
    private static func number(_ cell: String) -> Double?? {
        if cell.isEmpty || cell.lowercased() == "nan" { return .some(nil) }
        guard let value = Double(cell), value.isFinite else { return nil }
        return .some(value)
    }
}
