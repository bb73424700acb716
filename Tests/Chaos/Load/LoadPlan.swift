// SPDX-License-Identifier: Apache-2.0

import TestSupport

/// What arrives when: a pure function of the seed.
struct LoadPlan: Sendable, Equatable {
    /// How a request is sent.
    enum Way: Sendable, Hashable, CaseIterable {
        case kafka, http
    }

    /// What is wrong with an event of the inbox.
    enum Malformation: String, Sendable, CaseIterable {
        case notJSON = "not-json"
        case wrongSchema = "wrong-schema"
        case missingHeaders = "missing-headers"
        case noValue = "no-value"
        /// As large as a client may send: with what a dead letter says of it, larger than one record may be.
        case oversized
    }

    enum Content: Sendable, Hashable {
        /// Sent once in each of these ways; more than one is the same request again.
        case request([Way])
        /// Called off so long after it was taken.
        case cancelled(after: Duration)
        /// Its project does not pass a gate.
        case belowFloor
        /// Nobody knows its requester.
        case stranger
        case malformed(Malformation)
    }

    struct Arrival: Sendable, Hashable {
        let number: Int
        let time: Duration
        let content: Content
        /// Which of the models, from 0.
        let model: Int
        /// How much there is to do in the build.
        let mebibytes: Int

        var isMalformed: Bool { if case .malformed = content { true } else { false } }
    }

    static let models = 6

    let arrivals: [Arrival]

    /// - Parameters:
    ///   - length: of the race.
    ///   - pace: between two arrivals, on average.
    init(seed: UInt64, length: Duration, pace: Duration) {
        var generator = SeededGenerator(seed: seed)
        var malformations = Deck(Malformation.allCases)
        var contents = Deck(Self.mixture)
        var arrivals: [Arrival] = []
        var time = Duration.random(in: .zero...pace, using: &generator)
        while time < length {
            var content = contents.deal(using: &generator) ?? .stranger
            switch content {
            case .malformed: content = .malformed(malformations.deal(using: &generator) ?? .notJSON)
            case .cancelled: content = .cancelled(after: .random(in: .zero ... .seconds(5), using: &generator))
            case .request, .belowFloor, .stranger: break
            }
            arrivals.append(
                Arrival(
                    number: arrivals.count + 1, time: time, content: content,
                    model: .random(in: 0..<Self.models, using: &generator),
                    mebibytes: .random(in: 1...60, using: &generator)))
            time += .random(in: pace / 2...pace * 3 / 2, using: &generator)
        }
        self.arrivals = arrivals
    }

    /// Of twenty arrivals.
    private static let mixture: [Content] =
        Array(repeating: .request([.http]), count: 5) + Array(repeating: .request([.kafka]), count: 4)
        + [
            .request([.http, .http]), .request([.kafka, .http]), .request([.kafka, .kafka, .http]),
            .cancelled(after: .zero), .cancelled(after: .zero), .cancelled(after: .zero), .belowFloor, .stranger,
            .malformed(.notJSON), .malformed(.notJSON), .malformed(.notJSON),
        ]
}
