// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import RelayClients

extension TimeLimit: ExpressibleByArgument {
    var defaultValueDescription: String { description }
}
