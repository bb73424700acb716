// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The names by which a server may be asked, besides loopback and the address that the connection came to.
///
/// A page of a stranger whose name is made to point here (DNS rebinding) gives itself away by the name it asks for.
public struct AllowedHosts: Sendable, Equatable {
    /// What is accepted, in words.
    static let form =
        "host names or addresses without ports, separated by commas; *.name for all below a name, * for any"

    private var names: Set<HostName> = []
    private var endings: [String] = []
    private var isOpen = false

    /// None but loopback and the own address.
    public init() {}

    /// Nil when the text is not of the form.
    public init?(_ text: String) {
        for entry in text.split(separator: ",").map({ $0.trimmingCharacters(in: .whitespaces) }) {
            if entry == "*" {
                isOpen = true
            } else if entry.hasPrefix("*."), let name = HostName(entry.dropFirst(2)), !name.isAddress {
                endings.append("." + name.text)
            } else if let name = HostName(entry) {
                names.insert(name)
            } else {
                return nil
            }
        }
    }

    /// The same and one more, when it is a name: nobody is asked for by the address that means all addresses.
    public func and(_ host: String) -> AllowedHosts {
        var more = self
        if let name = HostName(host), !["0.0.0.0", "::"].contains(name.text) { more.names.insert(name) }
        return more
    }

    /// Whether a server that a connection reached at an address may be asked by this name.
    func admit(_ host: HostName, at local: HostName?) -> Bool {
        isOpen || host.isLoopback || names.contains(host) || (host.isAddress && host == local)
            || (!host.isAddress && endings.contains { host.text.hasSuffix($0) })
    }
}
