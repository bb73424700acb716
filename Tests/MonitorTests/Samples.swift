// SPDX-License-Identifier: Apache-2.0

import Baton
import Digest
import Foundation
import TestSupport

@testable import Watching

extension SeededGenerator {
    /// A normal variable, by Box and Muller.
    mutating func normal() -> Double {
        let radius = (-2 * log(Double.random(in: Double.leastNonzeroMagnitude...1, using: &self))).squareRoot()
        return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &self))
    }
}

enum Samples {
    static let start = Timestamp(milliseconds: 1_764_072_000_000)
    static let baton = BatonID(source: "tests", id: "1")
    static let features = ["width", "kind", "fill"]

    static let bounds = ReleaseDeclaration.Watch(
        periodSeconds: 10, minimumPredictions: 50, reference: "reference.csv", maximumDrift: 0.2,
        maximumErrorRate: 0.02, maximumLatencyMilliseconds: 100)

    /// A continuous feature, one of three values, one that is missing now and then; and a prediction from them.
    static func row(_ generator: inout SeededGenerator, shift: Double = 0) -> (features: [Double?], output: Double) {
        let width = generator.normal() + shift
        let kind = Double([0, 0, 0, 1, 1, 2].randomElement(using: &generator) ?? 0)
        let fill: Double? = Int.random(in: 0..<10, using: &generator) == 0 ? nil : generator.normal()
        return ([width, kind, fill], 1 / (1 + exp(-width - kind)))
    }

    static func referenceText(rows: Int = 400, seed: UInt64 = 7) -> String {
        var generator = SeededGenerator(seed: seed)
        let lines = (0..<rows).map { _ in
            let row = row(&generator)
            return (row.features + [row.output]).map { $0.map { "\($0)" } ?? "" }.joined(separator: ",")
        }
        return (["width,kind,fill,prediction"] + lines).joined(separator: "\n")
    }

    static func plan(_ bounds: ReleaseDeclaration.Watch = bounds) throws -> WatchPlan {
        WatchPlan(
            baton: baton, model: "iris", liveSince: start, bounds: bounds,
            reference: try ReferenceSample(csv: referenceText(), features: features))
    }

    static func prediction(
        _ generator: inout SeededGenerator, atMilliseconds time: Int64, status: Int = 200, latency: Double = 5,
        shift: Double = 0
    ) throws -> Prediction {
        let row = row(&generator, shift: shift)
        let answered = status == 200
        return Prediction(
            id: "p", model: "iris", baton: baton, artifact: SHA256.hash("model"), lane: "lane-1", status: status,
            rows: answered ? [row.features] : [], outputs: answered ? [row.output] : [],
            latencyMilliseconds: latency, at: start + .milliseconds(time))
    }

    /// Evenly spread over the period.
    static func predictions(_ count: Int, seed: UInt64 = 11, shift: Double = 0) throws -> [Prediction] {
        var generator = SeededGenerator(seed: seed)
        return try (0..<count).map {
            try prediction(&generator, atMilliseconds: Int64($0 * 10_000 / count), shift: shift)
        }
    }
}
