// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Rules and boards for other systems speak of what the services measure.
@Suite("Observability")
struct ObservabilityTests {
    private static let directory = "\(SourceFile.package)/compose/observability"
    static let boards = ["race", "serving"]

    private static func text(_ name: String) throws -> String {
        try String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)
    }

    /// The metrics that a text names, without what a histogram adds to its name.
    private static func metrics(in text: String) -> Set<String> {
        Set(
            text.matches(of: /\b(?:relay|process)_[a-z_]+/).map {
                String($0.0).replacing(/_(?:bucket|count|sum)$/, with: "")
            })
    }

    @Test("every metric of a rule or a board is one that the code has", arguments: ["rules.yaml"] + boards)
    func metrics(of name: String) throws {
        let file = name.hasSuffix(".yaml") ? name : "grafana/dashboards/\(name).json"
        let named = Self.metrics(in: try Self.text(file))
        #expect(named.count > 5)
        #expect(named.subtracting(DocumentationTests.measured).sorted() == [])
    }

    @Test("a board is what Grafana reads, and asks the source of data that is there", arguments: boards)
    func board(name: String) throws {
        let data = Data(try Self.text("grafana/dashboards/\(name).json").utf8)
        let board = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let panels = try #require(board["panels"] as? [[String: Any]])
        #expect(Set(panels.compactMap { $0["id"] as? Int }).count == panels.count)
        for panel in panels {
            let source = panel["datasource"] as? [String: String]
            #expect(source == ["type": "prometheus", "uid": "prometheus"])
            let targets = try #require(panel["targets"] as? [[String: Any]])
            #expect(targets.allSatisfy { ($0["expr"] as? String)?.isEmpty == false })
        }
        let provisioned = try Self.text("grafana/provisioning/datasources/prometheus.yaml")
        #expect(provisioned.contains("uid: prometheus,"))
    }

    private static let promtool = "/usr/bin/promtool"

    @Test(
        "every alert fires when it should, and not before",
        .enabled(if: FileManager.default.isExecutableFile(atPath: promtool), "Prometheus is not installed"))
    func firing() throws {
        let process = Process()
        process.executableURL = URL(filePath: Self.promtool)
        process.arguments = ["test", "rules", "\(SourceFile.package)/Tests/Fixtures/alerts.yaml"]
        let output = Pipe()
        (process.standardOutput, process.standardError) = (output, output)
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
    }

    @Test("every rule is in what Prometheus' own tool tries")
    func tried() throws {
        let names = try Self.text("rules.yaml").matches(of: /- alert: ([A-Za-z]+)/).map { String($0.1) }
        let cases = try String(contentsOfFile: "\(SourceFile.package)/Tests/Fixtures/alerts.yaml", encoding: .utf8)
        #expect(names.filter { !cases.contains("alertname: \($0)\n        exp_alerts:\n          - ") } == [])
    }

    @Test("every alert says what is wrong and what to do")
    func alerts() throws {
        let rules = try Self.text("rules.yaml")
        let alerts = rules.split(separator: "- alert: ").dropFirst()
        #expect(alerts.count > 5)
        for alert in alerts {
            for part in ["labels: {severity: ", "\n          summary: ", "\n          action: "] {
                #expect(alert.contains(part), "\(part) of \(alert.prefix { $0 != "\n" })")
            }
        }
    }

    @Test("services of compose may be asked by every name that its files ask them by")
    func allowedHosts() throws {
        let files = try ["compose.yaml", "gateway.yaml", "secure.yaml", "gateway/nginx.conf"].map {
            try String(contentsOfFile: "\(SourceFile.package)/compose/\($0)", encoding: .utf8)
        }
        let list = try #require(files[0].firstMatch(of: /RELAY_HTTP_ALLOWED_HOSTS:-([a-z,-]+)}/)?.1)
        let allowed = Set(list.split(separator: ",").map(String.init))
        let asked = files.flatMap { file in
            file.matches(of: /http:\/\/([a-z-]+):80\d\d/).map { String($0.1) }
                + file.matches(of: /aliases: \[([a-z-]+)\]/).map { String($0.1) }
        }
        #expect(asked.contains("captain") && asked.contains("routers"))
        #expect(Set(asked).subtracting(allowed).sorted() == [])
    }

    @Test("every service of compose is scraped, and missed when it is gone")
    func services() throws {
        let compose = try String(contentsOfFile: "\(SourceFile.package)/compose/compose.yaml", encoding: .utf8)
        let suite = ["captain", "pipeline", "deploy", "monitor", "governance"]
        let services = compose.matches(of: /\n {2}([a-z-]+):(?: &[a-z-]+)?\n {4}<<: \*/).map { String($0.1) }
            .filter { service in suite.contains { service.hasPrefix($0) } }
        #expect(services.count == 9)
        let names = try Self.text("prometheus.yaml").firstMatch(of: /names: \[([^\]]+)\]/)?.1 ?? ""
        #expect(names.split(separator: ", ").map(String.init).sorted() == services.sorted())
        let rules = try Self.text("rules.yaml")
        for service in services {
            #expect(rules.contains("absent(up{job=\"relay\", service=\"\(service)\"})"), "\(service)")
        }
    }
}
