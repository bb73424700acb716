// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Sandbox

@Suite struct WorkspaceDirectoryTests {
    private let fixture: ProjectFixture

    init() throws { fixture = try ProjectFixture() }

    @Test("Sweeping removes what nobody claims and leaves what is in use")
    func sweep() throws {
        let directory = WorkspaceDirectory(path: fixture.root + "/workspaces")
        #expect(try directory.sweep() == 0)
        let claim = try directory.claim("used")
        try FileManager.default.createDirectory(
            atPath: directory.path + "/abandoned/run", withIntermediateDirectories: true)
        #expect(try directory.sweep() == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).map { $0.prefix(5) } == ["used-"])
        claim.release()
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    }

    @Test("Two claims of one name are two workspaces")
    func unique() throws {
        let directory = WorkspaceDirectory(path: fixture.root + "/workspaces")
        let (one, other) = (try directory.claim("same"), try directory.claim("same"))
        #expect(one.workspace != other.workspace)
    }
}
