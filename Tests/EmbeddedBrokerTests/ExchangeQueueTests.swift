// SPDX-License-Identifier: Apache-2.0

import NIOCore
import TestSupport
import Testing

@testable import EmbeddedBroker

@Suite("Requests under way on a connection")
struct ExchangeQueueTests {
    @Test(
        "In whatever order requests end, their answers leave in the order of the requests",
        arguments: 0..<50 as Range<UInt64>)
    func order(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var queue = ExchangeQueue()
        var underWay: [(number: Int, bytes: Int, isFetch: Bool)] = []
        var begun = 0
        var left: [WirePiece] = []
        while left.count < 200 {
            if begun < 200, underWay.isEmpty || Bool.random(using: &random) {
                let (bytes, isFetch) = (Int.random(in: 0...100, using: &random), Bool.random(using: &random))
                #expect(queue.begin(requestBytes: bytes, isFetch: isFetch) == begun)
                underWay.append((begun, bytes, isFetch))
                begun += 1
            } else if let ended = underWay.indices.randomElement(using: &random) {
                let (number, bytes, _) = underWay.remove(at: ended)
                #expect(queue.finish(number, [.bytes(ByteBuffer(integer: number))]) == bytes)
            }
            while let answer = queue.nextAnswer() { left += answer }
            #expect(queue.requestBytes == underWay.reduce(0) { $0 + $1.bytes })
            #expect(queue.fetchesUnderWay == underWay.count { $0.isFetch })
            #expect(queue.count == begun - left.count)
            #expect(left.count == underWay.map(\.number).min() ?? begun)
        }
        #expect(left == (0..<200).map { .bytes(ByteBuffer(integer: $0)) })
        #expect(queue.isEmpty)
    }
}
