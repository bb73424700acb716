// SPDX-License-Identifier: Apache-2.0

extension ReleaseManifest: SummarisedPart {
    /// Keeps the outputs that `relay.yaml` names, which the other legs need, and the metrics that it has floors for.
    public mutating func shorten() -> [String: Int] {
        var leftOut: [String: Int] = [:]
        let named = Set(declaration.namedOutputs.map(\.path))
        let kept = outputs.filter { named.contains($0.path) }
        if kept.count < outputs.count { leftOut["outputs"] = outputs.count - kept.count }
        outputs = kept
        stages.cut(to: SummaryBudget.list, "stages", &leftOut)
        let floors = declaration.gates.floors
        var others = metrics.keys.filter { floors[$0] == nil }.sorted().map { [$0: metrics[$0] ?? 0] }
        others.cut(to: SummaryBudget.list, "metrics", &leftOut)
        let shown = Set(others.flatMap(\.keys))
        metrics = metrics.filter { floors[$0.key] != nil || shown.contains($0.key) }
        return leftOut
    }
}

extension Verification: SummarisedPart {
    /// Keeps what failed before what passed.
    public mutating func shorten() -> [String: Int] {
        var leftOut: [String: Int] = [:]
        var shown = gates.enumerated().map { place, gate in
            RankedEntry(place: place, entry: Gate(name: gate.name, passed: gate.passed, detail: gate.detail.shortened))
        }
        shown.sort { ($0.entry.passed ? 1 : 0, $0.place) < ($1.entry.passed ? 1 : 0, $1.place) }
        shown.cut(to: SummaryBudget.list, "gates", &leftOut)
        gates = shown.sorted { $0.place < $1.place }.map(\.entry)
        return leftOut
    }
}

extension WatchReport: SummarisedPart {
    /// Keeps the period as a whole, and the columns that drifted most.
    public mutating func shorten() -> [String: Int] {
        var leftOut: [String: Int] = [:]
        if !windows.isEmpty { leftOut["windows"] = windows.count }
        windows = []
        findings = findings.map(\.shortened)
        findings.cut(to: SummaryBudget.list, "findings", &leftOut)
        var columns = drift.enumerated().map { RankedEntry(place: $0.offset, entry: $0.element) }
        columns.sort { first, second in
            let (left, right) = (first.entry, second.entry)
            return left.drifted == right.drifted ? left.index > right.index : left.drifted
        }
        columns.cut(to: SummaryBudget.list, "drift", &leftOut)
        drift = columns.sorted { $0.place < $1.place }.map(\.entry)
        // Of these a part would be a falsehood: whoever counts again would count too little.
        if let all = routers, all.fitting(SummaryBudget.shortList).count < all.count {
            (routers, leftOut["routers"]) = (nil, all.count)
        }
        if let all = readings, all.fitting(SummaryBudget.shortList).count < all.count {
            (readings, leftOut["readings"]) = (nil, all.count)
        }
        return leftOut
    }
}

/// An entry with its place in the whole list.
private struct RankedEntry<Entry: Encodable>: Encodable {
    let place: Int
    let entry: Entry
}
