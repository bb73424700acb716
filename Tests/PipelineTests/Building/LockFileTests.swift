// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import Baton
import Foundation
import Testing

@testable import DVC

@Suite(.timeLimit(.minutes(2)))
struct LockFileTests {
    @Test("The lock has DVC's keys in DVC's order")
    func lock() async throws {
        let fixture = try ProjectFixture(
            pipeline: ProjectFixture.pipeline + """
                  extra:
                    cmd: mkdir -p run && cp ../raw.txt run/go.sh && chmod 755 run/go.sh && cp run/go.sh go.sh
                    wdir: sub
                    deps: [../serving]
                    params:
                      - ../more.json:
                      - a.b
                    outs: [run, go.sh]

                """)
        try fixture.write("more.json", #"{"z": null, "deep": {"x": 1e10}}"#)
        try fixture.write("sub/params.yaml", "a: {b: '010'}")
        let manifest = try await fixture.build()
        let lock = try String(contentsOfFile: fixture.store.path(for: manifest.lock), encoding: .utf8)
        #expect(
            lock.hasPrefix(
                "schema: \"2.0\"\nstages:\n  prepare:\n    cmd: tr a-z A-Z < raw.txt > data.txt\n    deps:\n"))
        let extra = try #require(lock.range(of: "  extra:\n").map { lock[$0.lowerBound...] })
        #expect(
            extra == """
                  extra:
                    cmd: mkdir -p run && cp ../raw.txt run/go.sh && chmod 755 run/go.sh && cp run/go.sh go.sh
                    deps:
                    - path: ../serving
                      hash: md5
                      md5: e974af5dec34ff3d98fa7e36f7db4b6b.dir
                      size: 19
                      nfiles: 2
                    params:
                      params.yaml:
                        a.b: "010"
                      ../more.json:
                        deep:
                          x: 10000000000.0
                        z:
                    outs:
                    - path: go.sh
                      hash: md5
                      md5: b1946ac92492d2347c6235b4d2611184
                      size: 6
                      isexec: true
                    - path: run
                      hash: md5
                      md5: "8eb1fda4db8f292e1243ec42f7b602f2.dir"
                      size: 6
                      nfiles: 1

                """)
    }
}
