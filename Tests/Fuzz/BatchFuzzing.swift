// SPDX-License-Identifier: Apache-2.0

#if DEBUG || TESTABLE

    import NIOCore
    import TestSupport
    @testable import EmbeddedBroker

    /// What the broker looks at in a record batch before it keeps it: head, checksum, records.
    struct BatchFuzzing: Fuzzing {
        static let name = "batch"

        func invent(_ random: inout SeededGenerator) throws -> [UInt8] { PlausibleBatch.make(&random) }

        func repair(_ input: inout [UInt8], _ random: inout SeededGenerator) {
            guard !random.oneIn(4) else { return }
            PlausibleBatch.seal(&input, correctingLength: !random.oneIn(8))
        }

        func run(_ input: [UInt8]) throws -> Int {
            var behaviour = Behaviour()
            let bytes = ByteBuffer(bytes: input)
            let header: RecordBatchHeader
            do throws(ErrorCode) {
                header = try RecordBatchCheck.check(bytes)
            } catch {
                behaviour.combine(error.rawValue)
                return behaviour.value
            }
            guard header.totalSize == input.count, header.recordCount > 0, !header.isControl else {
                throw Finding("a batch was accepted that is none: \(header)")
            }
            _ = header.lastOffset
            _ = header.lastSequence
            behaviour.combine(header.attributes & 0x17)
            behaviour.combine(header.hasProducer ? 1 : 0)
            // Reading the records must end, inside the batch, whatever they claim to be.
            var body = bytes
            body.moveReaderIndex(forwardBy: RecordBatchHeader.size)
            var records = 0
            var left = body.readableBytes
            while let record = RecordView.next(in: &body) {
                guard body.readableBytes < left else { throw Finding("a record of no bytes was read") }
                left = body.readableBytes
                records += 1
                behaviour.combine(record.key == nil ? 0 : 1)
            }
            behaviour.combine(min(records, 8))
            return behaviour.value
        }
    }

#endif
