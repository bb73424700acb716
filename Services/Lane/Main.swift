// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ModelServer

@main
enum Main {
    static func main() async { await LaneCommand.main() }
}
