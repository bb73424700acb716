// SPDX-License-Identifier: Apache-2.0

#if DEBUG || TESTABLE

    import NIOCore
    import TestSupport
    @testable import EmbeddedBroker

    /// The decoder of requests, every API in every version, and the encoder against it.
    struct RequestFuzzing: Fuzzing {
        static let name = "request"

        func invent(_ random: inout SeededGenerator) throws -> [UInt8] {
            let bytes = try RequestEncoding.invent(&random)
            // What the encoder wrote must be what the encoder writes again.
            let (header, body) = try RequestFrame.split(ByteBuffer(bytes: bytes))
            guard let request = ServedAPIs.byKey[header.apiKey] else { throw Finding("no API \(header.apiKey)") }
            guard try encodedAgain(request, header, body) == body else {
                throw Finding("\(request.api.name) version \(header.apiVersion) is not encoded as it was decoded")
            }
            return bytes
        }

        func run(_ input: [UInt8]) throws -> Int {
            var behaviour = Behaviour()
            do {
                let (header, body) = try RequestFrame.split(ByteBuffer(bytes: input))
                behaviour.combine(header.apiKey)
                guard let request = ServedAPIs.byKey[header.apiKey], request.api.versions.contains(header.apiVersion)
                else { return behaviour.value }
                behaviour.combine(header.apiVersion)
                behaviour.combine(try check(request, header, body))
            } catch let error as WireError {
                behaviour.combine(error.kind)
            }
            return behaviour.value
        }

        /// Decodes, and holds what comes of it to the encoder: encoded and decoded again it must be the same.
        private func check<Request: Served>(
            _: Request.Type, _ header: RequestHeader, _ body: ByteBuffer
        ) throws -> Int {
            let flexible = Request.api.isFlexible(header.apiVersion)
            var request = try decode(Request.self, header, body)
            let encoded: ByteBuffer
            do {
                encoded = try RequestEncoding.encode(request, version: header.apiVersion, flexible: flexible)
            } catch {
                throw Finding("\(Request.api.name) version \(header.apiVersion) decodes to what cannot be: \(error)")
            }
            let again: ByteBuffer
            do {
                again = try encodedAgain(Request.self, header, encoded)
            } catch {
                throw Finding("\(Request.api.name) version \(header.apiVersion) is not read as written: \(error)")
            }
            guard again == encoded else {
                throw Finding("\(Request.api.name) version \(header.apiVersion) changes from one encoding to the next")
            }
            guard encoded.readableBytes <= body.readableBytes else {
                throw Finding("\(Request.api.name) version \(header.apiVersion) grows by being decoded and encoded")
            }
            request.prepare()
            return encoded.readableBytes == body.readableBytes ? 1 : 2
        }

        private func encodedAgain<Request: Served>(
            _: Request.Type, _ header: RequestHeader, _ body: ByteBuffer
        ) throws -> ByteBuffer {
            try RequestEncoding.encode(
                try decode(Request.self, header, body), version: header.apiVersion,
                flexible: Request.api.isFlexible(header.apiVersion))
        }

        private func decode<Request: Served>(
            _: Request.Type, _ header: RequestHeader, _ body: ByteBuffer
        ) throws -> Request {
            var decoder = WireDecoder(
                body, version: header.apiVersion, isFlexible: Request.api.isFlexible(header.apiVersion))
            return try decoder.message()
        }
    }

    /// Requests as frames without their length.
    enum RequestEncoding {
        static func invent(_ random: inout SeededGenerator) throws -> [UInt8] {
            let type = ServedAPIs.all[random.below(ServedAPIs.all.count)]
            return try invent(type, &random)
        }

        static func invent<Request: Served>(_: Request.Type, _ random: inout SeededGenerator) throws -> [UInt8] {
            let version = Int16.random(in: Request.api.versions, using: &random)
            let flexible = Request.api.isFlexible(version)
            var filler = PlausibleFiller(version: version, random: SeededGenerator(seed: random.next()))
            var body = try encode(try filler.message(Request.self), version: version, flexible: flexible)
            var frame = ByteBuffer(integer: Request.api.key)
            frame.writeInteger(version)
            frame.writeInteger(Int32(truncatingIfNeeded: random.next()))
            frame.writeInteger(Int16(1))
            frame.writeInteger(UInt8(ascii: "c"))
            if flexible { frame.writeInteger(UInt8(0)) }
            frame.writeBuffer(&body)
            return Array(frame.readableBytesView)
        }

        static func encode(_ message: some WireStructure, version: Int16, flexible: Bool) throws -> ByteBuffer {
            var encoder = WireEncoder(version: version, isFlexible: flexible)
            try encoder.message(message)
            var all = ByteBuffer()
            for case .bytes(var buffer) in encoder.output.pieces { all.writeBuffer(&buffer) }
            return all
        }
    }

    extension WireError {
        /// Which kind of error it is, without its numbers.
        var kind: Int {
            switch self {
            case .truncated: 1
            case .invalidLength: 2
            case .unexpectedNull: 3
            case .invalidText: 4
            case .varintTooLong: 5
            case .tooManyElements: 6
            case .trailingBytes: 7
            }
        }
    }

    /// A hash that is the same in every process, unlike the standard library's (FNV-1a over 64-bit words).
    struct Behaviour {
        private(set) var state: UInt64 = 0xCBF2_9CE4_8422_2325

        var value: Int { Int(truncatingIfNeeded: state) }

        mutating func combine(_ value: some BinaryInteger) {
            state = (state ^ UInt64(truncatingIfNeeded: value)) &* 0x100_0000_01B3
        }
    }

#endif
