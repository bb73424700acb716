// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Testing

@testable import JudgeRules
@testable import RelayClients

extension JudgeForgery {
    static let ledger: [JudgeForgery] = [
        .init(LedgerRule.self, "not-an-entry") { cast in
            cast.history.world.write(cast.topics.ledger, key: "0", value: Array("{}".utf8), partition: 0)
        },
        .init(LedgerRule.self, "wrong-chain") { cast in
            let chain = cast.chain(cast.finished)
            return cast.edit(try cast.entry(2, in: chain), #""chain":"\#(chain)""#, #""chain":"9""#)
        },
        .init(LedgerRule.self, "gap") { cast in
            let chain = cast.chain(cast.finished)
            cast.history.world.remove(try cast.entry(2, in: chain))
            return cast.history.world.place(cast.history.world.records[try cast.entry(2, in: chain)])
        },
        .init(LedgerRule.self, "unlinked") { cast in
            let chain = cast.chain(cast.finished)
            cast.history.world.remove(try cast.entry(2, in: chain))
            return cast.history.world.place(cast.history.world.records[try cast.entry(2, in: chain)])
        },
        .init(LedgerRule.self, "changed") { cast in
            cast.edit(try cast.entry(0, in: cast.chain(cast.finished)), #""actor":"ann""#, #""actor":"eve""#)
        },
        .init(LedgerRule.self, "shortened") { cast in
            let chain = cast.chain(cast.finished)
            let state = try cast.lastState(cast.finished)
            let length = try #require(state.payload.results.closing).ledger.length
            let place = cast.history.world.place(cast.history.world.records[state.index])
            for index in cast.entries(in: chain).dropFirst(Int(length) - 1).reversed() {
                cast.history.world.remove(index)
            }
            return place
        },
        .init(LedgerRule.self, "rewritten") { cast in
            let chain = cast.chain(cast.finished)
            let place = cast.history.world.place(
                cast.history.world.records[try cast.lastState(cast.finished).index])
            var head = LedgerHead.empty(chain: "\(chain)")
            for (index, old) in cast.history.world.all(LedgerEntry.self, cast.topics.ledger)
            where old.chain == "\(chain)" {
                // As good as the old one, with a later time.
                let entry = LedgerEntry(after: head, fact: old.fact, origin: old.origin, at: cast.history.world.now)
                head = entry.head
                _ = cast.history.world.change(index) { $0.value = JSON.encode(entry) }
            }
            return place
        },
    ]

    static let watches: [JudgeForgery] = [
        .init(WatchesRule.self, "miscounted") { cast in
            let states = cast.history.world.all(BatonState.self, cast.topics.batons).filter {
                $0.payload.id == cast.finished && $0.payload.results.watch != nil
            }
            // As a watch that ended before the answers of an outage had come.
            for state in states {
                _ = cast.history.world.change(state) { $0.results.watch?.total.predictions -= 1 }
            }
            return cast.history.world.place(cast.history.world.records[try #require(states.first).index])
        },
        .init(WatchesRule.self, "unseen") { cast in
            let report = try #require(try cast.lastState(cast.finished).payload.results.watch)
            return cast.history.predict(cast.finished, at: report.total.from)
        },
        .init(WatchesRule.self, "gap-untold") { cast in
            let answers = cast.history.world.all(Prediction.self, cast.topics.predictions).filter {
                $0.payload.baton == cast.finished
            }
            _ = cast.history.world.change(try #require(answers.last)) { $0.number = 9 }
            return cast.history.world.place(
                cast.history.world.records[
                    try cast.history.world.first(BatonState.self, cast.topics.batons) {
                        $0.id == cast.finished && $0.results.watch != nil
                    }.index])
        },
    ]

    static let books: [JudgeForgery] = [
        .init(BooksRule.self, "entered-twice") { cast in
            let chain = cast.chain(cast.finished)
            let entry = try cast.history.world.first(LedgerEntry.self, cast.topics.ledger) { $0.chain == "\(chain)" }
            return cast.history.forge(entry.payload.fact, origin: entry.payload.origin, in: chain)
        },
        .init(BooksRule.self, "wrong-chain") { cast in
            let chain = cast.chain(cast.finished)
            let place = cast.decide(.decided, cast.finished)
            let record = try #require(cast.history.world.records.last)
            let fact = try #require(JudgeHistory.fact(record, cast.topics))
            return cast.history.forge(
                fact, origin: .init(topic: record.topic, partition: place.partition, offset: place.offset),
                in: (chain + 1) % JudgeWorld.partitions)
        },
        .init(BooksRule.self, "not-entered") { cast in cast.decide(.decided, cast.finished) },
        .init(BooksRule.self, "usage-missing") { cast in
            let handoff = try cast.handoff(cast.finished, .watch)
            let id = handoff.payload.usage.first?.id
            cast.history.world.remove(try cast.history.world.first(Usage.self, cast.topics.usage) { $0.id == id }.index)
            return cast.history.world.place(
                cast.history.world.records[try cast.handoff(cast.finished, .watch).index])
        },
        .init(BooksRule.self, "entered-from-nowhere") { cast in
            let usage = Usage(
                id: "nobody's", resource: .requests, amount: 1, baton: cast.finished, leg: .deploy,
                measuredAt: cast.history.world.now)
            return cast.history.forge(
                .usage(usage, price: Money(micros: 1, currency: "USD")),
                origin: .init(topic: cast.topics.usage, partition: 0, offset: 0), in: 0)
        },
        .init(BooksRule.self, "entered-otherwise") { cast in
            let usage = try cast.history.world.first(Usage.self, cast.topics.usage) { _ in true }
            _ = cast.history.world.change(usage) { $0.amount = 99 }
            let entry = try cast.history.world.first(LedgerEntry.self, cast.topics.ledger) {
                $0.fact.id == usage.payload.id
            }
            return cast.history.world.place(cast.history.world.records[entry.index])
        },
        .init(BooksRule.self, "wrong-origin") { cast in
            let entry = try cast.history.world.first(LedgerEntry.self, cast.topics.ledger) { $0.origin.offset == 1 }
            return cast.edit(entry.index, #""offset":1,"#, #""offset":2,"#)
        },
        .init(BooksRule.self, "parts-differ") { cast in
            try cast.changeState(cast.finished) { $0.results.closing?.parts = [:] }
        },
        .init(BooksRule.self, "charge-missing") { cast in
            try cast.changeState(cast.finished) {
                $0.results.closing?.parts = [:]
                $0.results.closing?.total.micros = 0
            }
        },
        .init(BooksRule.self, "charge-from-nowhere") { cast in
            try cast.changeState(cast.finished) { $0.results.closing?.total.micros += 1_000_000 }
        },
    ]

    static let deadLetters: [JudgeForgery] = [
        .init(DeadLettersRule.self, "unreadable") { cast in
            cast.history.world.write(cast.topics.batons, key: "x", value: nil)
        },
        .init(DeadLettersRule.self, "incomplete") { cast in
            cast.history.world.change(try cast.letter()) { record in
                record.headers.removeAll { $0.name == "relay_reason" }
            }
        },
        .init(DeadLettersRule.self, "origin-unknown") { cast in
            cast.history.world.change(try cast.letter()) { record in
                record.headers.append(KafkaHeader(name: "relay_topic", text: "elsewhere"))
            }
        },
        .init(DeadLettersRule.self, "not-set-aside") { cast in
            cast.history.world.write(cast.topics.inbox, key: "x", value: Array("{".utf8))
        },
        .init(DeadLettersRule.self, "not-set-aside") { cast in
            cast.history.world.write(cast.topics.leg(.monitor), key: "x", value: Array("{".utf8))
        },
        .init(DeadLettersRule.self, "set-aside-again") { cast in cast.repeated(try cast.letter()) },
        .init(DeadLettersRule.self, "altered") { cast in
            cast.history.world.change(try cast.letter()) { $0.value = Array("another".utf8) }
        },
        .init(DeadLettersRule.self, "altered") { cast in
            cast.history.world.change(try cast.letter()) { record in
                record.value = nil
                record.headers.append(KafkaHeader(name: "relay_omitted_bytes", text: "1000000"))
            }
        },
        .init(DeadLettersRule.self, "set-aside-wrongly") { cast in
            let place = cast.send("finished")
            return cast.history.world.write(
                cast.topics.deadLetters, key: "x", value: Array("another".utf8),
                headers: [
                    KafkaHeader(name: "relay_reason", text: "bad mood"),
                    KafkaHeader(name: "relay_topic", text: cast.topics.inbox),
                    KafkaHeader(name: "relay_partition", text: "\(place.partition)"),
                    KafkaHeader(name: "relay_offset", text: "\(place.offset)"),
                    KafkaHeader(name: "relay_reader", text: "captain.intake"),
                ])
        },
    ]
}

extension JudgeHistory.Cast {
    /// The dead letter of the request that was none.
    fileprivate func letter() throws -> Int {
        try #require(history.world.records.firstIndex { $0.topic == topics.deadLetters })
    }
}
