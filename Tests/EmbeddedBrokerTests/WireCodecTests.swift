// SPDX-License-Identifier: Apache-2.0

import NIOCore
import TestSupport
import Testing

@testable import EmbeddedBroker

@Suite("Wire codec")
struct WireCodecTests {
    static let requests = ServedAPIs.all.map { $0.api.key }

    @Test("Every request in every version is decoded to what was encoded", arguments: requests)
    func requestsSurviveTheWire(key: Int16) throws {
        let type = try #require(ServedAPIs.byKey[key])
        try checkRequest(type)
    }

    @Test("Every answer in every version is decoded to what was encoded", arguments: requests)
    func answersSurviveTheWire(key: Int16) throws {
        let type = try #require(ServedAPIs.byKey[key])
        try checkAnswer(type)
    }

    private func checkRequest<Request: Served>(_: Request.Type) throws {
        try checkAllVersions(Request.self, Request.api)
    }

    private func checkAnswer<Request: Served>(_: Request.Type) throws {
        try checkAllVersions(Request.Response.self, Request.api)
    }

    private func checkAllVersions<Message: WireStructure>(_: Message.Type, _ api: API) throws {
        for version in api.versions {
            for seed in 0..<40 {
                var filler = RandomFiller(version: version, seed: UInt64(seed) &* 31 &+ UInt64(version))
                let message = try filler.message(Message.self)
                let flexible = api.isFlexible(version)
                let bytes = try Coding.encode(message, version: version, flexible: flexible)
                let decoded = try Coding.decode(bytes, as: Message.self, version: version, flexible: flexible)
                #expect(decoded == message, "\(api.name) version \(version), seed \(seed)")
            }
        }
    }

    @Test("A message cut short anywhere is refused", arguments: requests)
    func cutMessagesAreRefused(key: Int16) throws {
        let type = try #require(ServedAPIs.byKey[key])
        try checkCuts(type)
    }

    private func checkCuts<Request: Served>(_: Request.Type) throws {
        for version in Request.api.versions {
            var filler = RandomFiller(version: version, seed: UInt64(version))
            let flexible = Request.api.isFlexible(version)
            let bytes = try Coding.encode(try filler.message(Request.self), version: version, flexible: flexible)
            for length in 0..<bytes.readableBytes {
                let cut = try #require(bytes.getSlice(at: 0, length: length))
                #expect(throws: WireError.self) {
                    try Coding.decode(cut, as: Request.self, version: version, flexible: flexible)
                }
            }
        }
    }

    @Test("An array that claims more elements than there are bytes is refused before anything is allocated")
    func hostileCountsAreRefused() {
        for count in [Int32.max, 1 << 30, 100] {
            var bytes = ByteBuffer(integer: count)
            bytes.writeInteger(Int16(0))
            #expect(throws: WireError.self) {
                try Coding.decode(bytes, as: DescribeGroupsRequest.self, version: 0, flexible: false)
            }
        }
    }

    @Test("A text longer than the classic encoding can say is refused in the compact one too")
    func longTextIsRefused() throws {
        let longest = ApiVersionsRequest(
            clientSoftwareName: String(repeating: "x", count: Int(Int16.max)), clientSoftwareVersion: "1")
        let bytes = try Coding.encode(longest, version: 3, flexible: true)
        #expect(try Coding.decode(bytes, as: ApiVersionsRequest.self, version: 3, flexible: true) == longest)
        var tooLong = ByteBuffer(bytes: [0x81, 0x80, 0x02])  // 32,768 bytes
        tooLong.writeRepeatingByte(UInt8(ascii: "x"), count: 32_768)
        tooLong.writeBytes([0x02, 0x31, 0x00])
        #expect(throws: WireError.invalidLength(32_768)) {
            try Coding.decode(tooLong, as: ApiVersionsRequest.self, version: 3, flexible: true)
        }
    }

    @Test("More array elements than a message may have are refused")
    func tooManyElementsAreRefused() {
        let count = WireDecoder.maximumElements + 1
        var bytes = ByteBuffer(integer: Int32(count))
        bytes.writeRepeatingByte(0, count: 2 * count)
        #expect(throws: WireError.tooManyElements(limit: WireDecoder.maximumElements)) {
            try Coding.decode(bytes, as: DescribeGroupsRequest.self, version: 0, flexible: false)
        }
    }

    @Test("Tagged fields that nobody knows are skipped")
    func unknownTagsAreSkipped() throws {
        var bytes = ByteBuffer()
        bytes.writeBytes([0x02, 0x61, 0x02, 0x62])  // "a", "b"
        bytes.writeBytes([0x02, 0x00, 0x03, 1, 2, 3, 0x09, 0x01, 4])  // two tagged fields
        let request = try Coding.decode(bytes, as: ApiVersionsRequest.self, version: 3, flexible: true)
        #expect(request == ApiVersionsRequest(clientSoftwareName: "a", clientSoftwareVersion: "b"))
    }

    @Test("Random and damaged bytes never do more than fail to decode")
    func fuzz() throws {
        var random = SeededGenerator(seed: 20_261_124)
        for round in 0..<3000 {
            let type = ServedAPIs.all[round % ServedAPIs.all.count]
            try fuzzOnce(type, round: UInt64(round), &random)
        }
    }

    private func fuzzOnce<Request: Served>(
        _: Request.Type, round: UInt64, _ random: inout SeededGenerator
    ) throws {
        let version = Int16.random(in: Request.api.versions, using: &random)
        let flexible = Request.api.isFlexible(version)
        var bytes: ByteBuffer
        if round.isMultiple(of: 3) {
            bytes = ByteBuffer(
                bytes: (0..<Int.random(in: 0...400, using: &random)).map { _ in
                    UInt8.random(in: .min ... .max, using: &random)
                })
        } else {
            var filler = RandomFiller(version: version, seed: round)
            bytes = try Coding.encode(try filler.message(Request.self), version: version, flexible: flexible)
            for _ in 0..<Int.random(in: 1...8, using: &random) where bytes.readableBytes > 0 {
                let index = Int.random(in: 0..<bytes.readableBytes, using: &random)
                bytes.setInteger(UInt8.random(in: .min ... .max, using: &random), at: index)
            }
        }
        // What still decodes is prepared as a server would, which looks inside record batches.
        guard var request = try? Coding.decode(bytes, as: Request.self, version: version, flexible: flexible) else {
            return
        }
        request.prepare()
    }
}
