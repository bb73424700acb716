// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The requests of one connection that are under way, oldest first, with the answers that have to wait for older ones.
///
/// A value without I/O. Requests are numbered as they begin; they end in any order, and their answers leave in the
/// order of their numbers.
struct ExchangeQueue {
    private struct Exchange {
        var requestBytes: Int
        var isFetch: Bool
        /// Nil while the request is under way; empty when the client waits for no answer.
        var answer: [WirePiece]?
    }

    private var exchanges = CircularBuffer<Exchange>()
    private var firstNumber = 0
    private(set) var fetchesUnderWay = 0

    /// Those that are under way, and those whose answers wait.
    var count: Int { exchanges.count }
    var isEmpty: Bool { exchanges.isEmpty }
    /// What the requests under way hold.
    var requestBytes: Int { exchanges.reduce(0) { $0 + $1.requestBytes } }

    /// A request is under way from here on; returns its number.
    mutating func begin(requestBytes: Int, isFetch: Bool) -> Int {
        exchanges.append(Exchange(requestBytes: requestBytes, isFetch: isFetch))
        if isFetch { fetchesUnderWay += 1 }
        return firstNumber + exchanges.count - 1
    }

    /// A request is answered; returns the bytes that it held.
    mutating func finish(_ number: Int, _ answer: [WirePiece]) -> Int {
        let index = exchanges.index(exchanges.startIndex, offsetBy: number - firstNumber)
        let requestBytes = exchanges[index].requestBytes
        if exchanges[index].isFetch { fetchesUnderWay -= 1 }
        exchanges[index].requestBytes = 0
        exchanges[index].answer = answer
        return requestBytes
    }

    /// The next answer that may leave.
    mutating func nextAnswer() -> [WirePiece]? {
        guard let answer = exchanges.first?.answer else { return nil }
        exchanges.removeFirst()
        firstNumber += 1
        return answer
    }
}
