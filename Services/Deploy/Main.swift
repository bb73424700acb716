// SPDX-License-Identifier: Apache-2.0

import DeployService
import Operations

/// `relay-deploy`: checks releases, runs their lanes, and routes requests to them.
@main
enum Main {
    static func main() async {
        await runProcess(service: "deploy", settings: DeployAssembly.settings) { context in
            try DeployAssembly.assemble(context)
        }
    }
}
