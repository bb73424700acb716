// SPDX-License-Identifier: Apache-2.0

import Routing

extension RouterAddress {
    /// The base URL: with the host as it was set, or the address of a socket that was handed down.
    func url(_ settings: DeploySettings) -> String {
        let named = port == settings.routerPort || settings.routerPort == 0 ? settings.routerHost : host
        return "http://\(named.contains(":") ? "[\(named)]" : named):\(port)"
    }
}
