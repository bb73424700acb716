// SPDX-License-Identifier: Apache-2.0

import CaptainService
import Operations

/// The captain: takes requests, decides, and shows the race.
@main
enum Captain {
    static func main() async {
        await runProcess(service: "captain", settings: CaptainAssembly.settings) { context in
            try CaptainAssembly.assemble(context)
        }
    }
}
