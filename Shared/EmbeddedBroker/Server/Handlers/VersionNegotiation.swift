// SPDX-License-Identifier: Apache-2.0

extension ApiVersionsRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (ApiVersionsResponse) -> Void) {
        guard context.version < 3 || (Self.isName(clientSoftwareName) && Self.isName(clientSoftwareVersion)) else {
            return reply(ApiVersionsResponse(error: .invalidRequest))
        }
        reply(ApiVersionsResponse(apis: ServedAPIs.advertised))
    }

    /// Letters, digits, dots and dashes, with a letter or digit at both ends.
    static func isName(_ text: String) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: false
            }
        }
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && text.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }
}
