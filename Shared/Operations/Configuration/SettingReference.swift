// SPDX-License-Identifier: Apache-2.0

/// All settings of one process, for people.
struct SettingReference {
    let service: String
    let groups: [SettingGroup]

    /// For a terminal: each flag with its default, and what it means below.
    var plain: String {
        var lines = [
            "relay-\(service): settings, each a flag and a variable of the environment",
            "(--http-port is RELAY_HTTP_PORT); flags win over the environment, which wins over the file that",
            "RELAY_CONFIGURATION_FILE names.",
        ]
        for group in groups where !group.settings.isEmpty {
            lines += ["", "\(group.title):"]
            for setting in group.settings {
                let shown = setting.shown.replacing("`", with: "")
                lines.append("  \(setting.key(of: service).flag) (\(shown))")
                lines.append("      \(setting.meaning.replacing("`", with: "")); \(setting.form)")
            }
        }
        lines += ["", "  --help, --help=markdown, --version"]
        return lines.joined(separator: "\n") + "\n"
    }

    /// Sections of the reference page, a table each.
    var markdown: String {
        groups.filter { !$0.settings.isEmpty }.map { group in
            let rows = group.settings.map { setting in
                "| `\(setting.key(of: service).environmentName)` | \(setting.shown) | \(setting.meaning) "
                    + "| \(setting.form) |"
            }
            return
                (["## \(group.title)", "", "| key | default | meaning | accepted |", "|---|---|---|---|"] + rows)
                .joined(separator: "\n") + "\n"
        }
        .joined(separator: "\n")
    }
}
