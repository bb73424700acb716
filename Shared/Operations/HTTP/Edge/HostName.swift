// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// A host as HTTP names it: a name or an address, without its port.
struct HostName: Hashable, Sendable {
    /// In lower case; an address in its usual form, without brackets.
    let text: String
    let isAddress: Bool

    /// Nil when the text is neither a name nor an address.
    init?(_ text: some StringProtocol) {
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
        let inner = isBracketed ? String(text.dropFirst().dropLast()) : String(text)
        let looksLikeAddress = inner.utf8.contains(UInt8(ascii: ":")) || inner.allSatisfy { $0.isNumber || $0 == "." }
        if looksLikeAddress || isBracketed {
            guard let address = try? SocketAddress(ipAddress: inner, port: 0).ipAddress else { return nil }
            guard isBracketed == false || address.utf8.contains(UInt8(ascii: ":")) else { return nil }
            (self.text, isAddress) = (address.lowercased(), true)
            return
        }
        let name = inner.hasSuffix(".") ? inner.dropLast() : inner[...]
        guard !name.isEmpty, name.utf8.count <= 253, name.utf8.allSatisfy(Self.mayBeInName) else { return nil }
        (self.text, isAddress) = (name.lowercased(), false)
    }

    /// Whether it means this machine whoever asks, and whatever a name server says.
    var isLoopback: Bool {
        guard isAddress else { return text == "localhost" }
        return text.hasPrefix("127.") || text == "::1" || text.hasPrefix("::ffff:127.")
    }

    private static func mayBeInName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// A host and a port, as the field `Host` and URLs have them.
struct Authority: Hashable, Sendable {
    let host: HostName
    /// Nil when none was said.
    let port: Int?

    /// Nil when the text is not of the form.
    init?(_ text: some StringProtocol) {
        let afterHost = text.lastIndex(of: "]").map { text.index(after: $0) } ?? text.startIndex
        let colon = text[afterHost...].firstIndex(of: ":")
        guard let host = HostName(text[..<(colon ?? text.endIndex)]) else { return nil }
        guard !host.isAddress || text.hasPrefix("[") || !host.text.utf8.contains(UInt8(ascii: ":")) else { return nil }
        let digits = colon.map { text[text.index(after: $0)...] }
        guard let digits, !digits.isEmpty else {
            (self.host, port) = (host, nil)
            return
        }
        guard let port = UInt16(digits), digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        (self.host, self.port) = (host, Int(port))
    }

    /// Without the port that the scheme means anyway, or that both of them may.
    var plain: Authority { port == 80 || port == 443 ? Authority(host: host, port: nil) : self }

    private init(host: HostName, port: Int?) {
        self.host = host
        self.port = port
    }
}
