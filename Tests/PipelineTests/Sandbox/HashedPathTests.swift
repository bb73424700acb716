// SPDX-License-Identifier: Apache-2.0

import ConfinedFiles
import DVC
import Testing

@testable import Sandbox

@Suite struct HashedPathTests {
    // Written down from what DVC 3.67.1 makes of the same files.
    @Test("A directory hashes as DVC hashes it: sorted names, Python's JSON, bytes and nothing else")
    func directoryHash() throws {
        let fixture = try ProjectFixture()
        try fixture.write("d/b.txt", "b\n")
        try fixture.write("d/a/é \"q\".txt", "a\n")
        try fixture.write("d/Z", "")
        let hashed = try HashedPath("d", in: ConfinedDirectory(trusted: fixture.project), name: "d")
        #expect(hashed.md5 == "a62feef41c28b2a15968e96d456d3a9a.dir")
        #expect(hashed.bytes == 4)
        #expect(hashed.files?.map(\.path) == ["Z", "a/é \"q\".txt", "b.txt"])
    }
}
