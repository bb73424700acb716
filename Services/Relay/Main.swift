// SPDX-License-Identifier: Apache-2.0

import RelayCommands

/// `relay`, the operator's command line.
@main
enum Main {
    static func main() async { await RelayCommand.main() }
}
