// SPDX-License-Identifier: Apache-2.0

import GovernanceService
import Operations

@main
enum Main {
    static func main() async {
        await runProcess(service: "governance", settings: GovernanceAssembly.settings) {
            try GovernanceAssembly.assemble($0)
        }
    }
}
