// SPDX-License-Identifier: Apache-2.0

import MonitorService
import Operations

@main
enum Main {
    static func main() async {
        await runProcess(service: "monitor", settings: MonitorAssembly.settings) {
            try MonitorAssembly.assemble($0)
        }
    }
}
