// SPDX-License-Identifier: Apache-2.0

#if DEBUG || TESTABLE

    import NIOCore
    import TestSupport
    @testable import EmbeddedBroker

    /// Record batches of format 2, sound unless wished otherwise.
    enum PlausibleBatch {
        static func make(_ random: inout SeededGenerator) -> [UInt8] {
            let count = 1 + random.below(4)
            let hasProducer = random.oneIn(2)
            let isTransactional = hasProducer && random.oneIn(2)
            var batch = ByteBuffer()
            batch.writeInteger(Int64(0))
            batch.writeInteger(Int32(0))  // length
            batch.writeInteger(Int32(-1))
            batch.writeInteger(Int8(2))
            batch.writeInteger(UInt32(0))  // checksum
            batch.writeInteger(Int16((isTransactional ? 0x10 : 0) | (random.oneIn(5) ? random.below(8) : 0)))
            batch.writeInteger(Int32(count - 1))
            batch.writeInteger(Int64(1_700_000_000_000))
            batch.writeInteger(Int64(1_700_000_000_000 + count))
            batch.writeInteger(hasProducer ? Int64(random.below(3)) : -1)
            batch.writeInteger(Int16(hasProducer ? random.below(2) : -1))
            batch.writeInteger(Int32(hasProducer ? random.below(5) : -1))
            batch.writeInteger(Int32(count))
            for index in 0..<count { writeRecord(index, &batch, &random) }
            var bytes = Array(batch.readableBytesView)
            seal(&bytes)
            return bytes
        }

        private static func writeRecord(_ index: Int, _ batch: inout ByteBuffer, _ random: inout SeededGenerator) {
            var record = ByteBuffer()
            record.writeInteger(Int8(0))
            writeZigzag(index, &record)
            writeZigzag(index, &record)
            if random.oneIn(3) {
                writeZigzag(-1, &record)
            } else {
                writeZigzag(1, &record)
                record.writeInteger(UInt8(ascii: "k"))
            }
            let size = random.below(12)
            writeZigzag(size, &record)
            record.writeRepeatingByte(7, count: size)
            writeZigzag(0, &record)
            writeZigzag(record.readableBytes, &batch)
            batch.writeBuffer(&record)
        }

        private static func writeZigzag(_ value: Int, _ buffer: inout ByteBuffer) {
            var rest = UInt64(bitPattern: Int64((value << 1) ^ (value >> 63)))
            while rest > 0x7F {
                buffer.writeInteger(UInt8(rest & 0x7F) | 0x80)
                rest >>= 7
            }
            buffer.writeInteger(UInt8(rest))
        }

        /// Puts in the length and the checksum that the bytes have.
        static func seal(_ batch: inout [UInt8], correctingLength: Bool = true) {
            guard batch.count >= RecordBatchHeader.size else { return }
            func put(_ value: UInt32, at index: Int) {
                for byte in 0..<4 { batch[index + byte] = UInt8(truncatingIfNeeded: value >> (24 - 8 * UInt32(byte))) }
            }
            if correctingLength { put(UInt32(batch.count - RecordBatchHeader.lengthOverhead), at: 8) }
            put(batch[RecordBatchHeader.checksumStart...].withUnsafeBytes(CRC32C.checksum), at: 17)
        }
    }

#endif
