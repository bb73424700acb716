// SPDX-License-Identifier: Apache-2.0

import Digest
import Foundation
import Testing

@Suite struct DigestTests {
    @Test(
        "SHA-256 gives the values that FIPS 180-4 publishes",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func publishedSHA256(text: String, hex: String) {
        #expect(SHA256.hash(text).hex == hex)
    }

    @Test(
        "MD5 gives the values of RFC 1321",
        arguments: [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
        ])
    func publishedMD5(text: String, hex: String) {
        #expect(MD5.hash(text.utf8) == hex)
    }

    @Test("Bytes hashed in pieces of any size give the hash of the whole")
    func streaming() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            let bytes = (0..<Int.random(in: 0...5000, using: &random)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            var hash = SHA256()
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Int.random(in: 0...min(rest.count, 700), using: &random)
                hash.update(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            #expect(hash.finalize() == SHA256.hash(bytes))
        }
    }

    @Test("A file longer than one read hashes like its bytes, both ways at once")
    func file() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "digest-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let bytes = Data(repeating: 7, count: (1 << 20) + 13)
        try bytes.write(to: URL(filePath: path))
        let digest = try FileDigest(path: path, includingMD5: true)
        #expect(digest.sha256 == SHA256.hash(bytes))
        #expect(digest.md5 == MD5.hash(bytes))
        #expect(digest.byteCount == bytes.count)
    }

    @Test("A file that is not there is an error that names it")
    func missingFile() {
        let error = #expect(throws: FileReadError.self) { try FileDigest(path: "/nowhere/model.json") }
        #expect(error?.description == "cannot read /nowhere/model.json: No such file or directory")
    }

    @Test("A digest survives being written and read, alone and in JSON")
    func roundTrip() throws {
        let digest = SHA256.hash("abc")
        #expect(try ContentDigest(digest.description) == digest)
        #expect(try ContentDigest(bytes: digest.bytes) == digest)
        let json = try JSONEncoder().encode([digest])
        #expect(String(decoding: json, as: UTF8.self) == "[\"\(digest)\"]")
        #expect(try JSONDecoder().decode([ContentDigest].self, from: json) == [digest])
    }

    @Test(
        "Anything but sha256 and 64 lower-case digits is refused with the reason",
        arguments: [
            ("md5:00", ContentDigestError.Reason.unknownAlgorithm),
            ("sha256:00", .wrongLength),
            ("sha256:" + String(repeating: "A", count: 64), .notHexadecimal),
            ("sha256:" + String(repeating: "é", count: 32), .notHexadecimal),
        ])
    func refused(text: String, reason: ContentDigestError.Reason) {
        let error = #expect(throws: ContentDigestError.self) { try ContentDigest(text) }
        #expect(error?.reason == reason)
    }
}
