// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization

/// Bytes in memory of large answers that were made and not yet taken by the system.
///
/// Counted by the connections, looked at by fetches before they read from the log.
final class QueuedAnswers: Sendable {
    /// Smaller answers are not worth counting.
    private static let counted = 64 << 10
    /// What a fetch may get when clients do not read what they asked for; a whole batch at least.
    private static let smallAnswer = 64 << 10

    private let limit: Int
    private let bytes = Atomic(0)

    init(limit: Int) { self.limit = limit }

    private func add(_ count: Int) { bytes.add(count, ordering: .relaxed) }
    private func remove(_ count: Int) { bytes.subtract(count, ordering: .relaxed) }

    /// Whether all that may be queued is.
    var isExhausted: Bool { bytes.load(ordering: .relaxed) >= limit }

    /// Bytes that one more answer may have.
    var allowance: Int { max(Self.smallAnswer, limit - bytes.load(ordering: .relaxed)) }

    // MARK: Writing

    /// Gives an answer to a channel, and counts it until the system has it.
    func write(_ answer: [WirePiece], to context: ChannelHandlerContext) {
        let size = answer.reduce(0) { $0 + ($1.bytes?.readableBytes ?? 0) }
        let isCounted = size >= Self.counted
        if isCounted { add(size) }
        for (index, piece) in answer.enumerated() {
            switch piece {
            case .bytes(let buffer):
                // An answer ends with bytes.
                let isLast = index == answer.count - 1
                let written = isCounted && isLast ? context.eventLoop.makePromise(of: Void.self) : nil
                written?.futureResult.whenComplete { _ in self.remove(size) }
                context.write(NIOAny(IOData.byteBuffer(buffer)), promise: written)
            case .stored(let range): write(range, to: context)
            }
        }
    }

    /// The system sends a range from where it is; until then its file stays open.
    private func write(_ range: FileRange, to context: ChannelHandlerContext) {
        let region = range.file.lend(range.position..<range.position + range.count)
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.whenComplete { _ in range.file.takeBack(region) }
        context.write(NIOAny(IOData.fileRegion(region)), promise: written)
    }
}
