// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The head of requests and answers.
enum RequestFrame {
    enum Refusal: Error, CustomStringConvertible {
        case unknownAPI(Int16)
        case unsupportedVersion(String, Int16)

        var description: String {
            switch self {
            case .unknownAPI(let key): "no API has the key \(key)"
            case .unsupportedVersion(let name, let version): "\(name) is not served in version \(version)"
            }
        }
    }

    /// The API that a request asks for; nil when it is too short to say.
    static func apiKey(of frame: ByteBuffer) -> Int16? { frame.getInteger(at: frame.readerIndex) }

    static func split(_ frame: ByteBuffer) throws -> (RequestHeader, body: ByteBuffer) {
        var header = RequestHeader(apiKey: 0, apiVersion: 0, correlationID: 0)
        var classic = WireDecoder(frame, version: 0, isFlexible: false)
        try classic.integer(&header.apiKey)
        try classic.integer(&header.apiVersion)
        try classic.integer(&header.correlationID)
        // The client's id keeps the classic encoding in every version.
        try classic.string(&header.clientID, nullable: true)
        // Nothing is known of what follows in a version that is not served.
        guard let api = ServedAPIs.byKey[header.apiKey]?.api, api.versions.contains(header.apiVersion),
            api.isFlexible(header.apiVersion)
        else {
            return (header, classic.buffer)
        }
        var flexible = WireDecoder(classic.buffer, version: 0, isFlexible: true)
        try flexible.endStructure()
        return (header, flexible.buffer)
    }

    static func response<Response: WireStructure>(
        _ response: Response, _ api: API, version: Int16, _ correlationID: Int32
    ) throws -> [WirePiece] {
        var encoder = WireEncoder(version: version, isFlexible: api.isFlexible(version))
        var size: Int32 = 0
        var correlationID = correlationID
        try encoder.integer(&size)
        try encoder.integer(&correlationID)
        // ApiVersions keeps the first head, for clients that do not know yet whom they talk to.
        if api.key != ApiVersionsRequest.api.key { try encoder.endStructure() }
        try encoder.message(response)
        var (pieces, total) = encoder.output
        // A message begins with what was written.
        if case .bytes(var head) = pieces[0] {
            head.setInteger(Int32(total - 4), at: head.readerIndex)
            pieces[0] = .bytes(head)
        }
        return pieces
    }
}
