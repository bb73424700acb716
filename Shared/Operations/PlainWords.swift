// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import StrictYAML
import Yams

/// An error for people. What a library or the system throws describes itself for programmers: its types and calls, not
/// what has happened. The suite's own errors are told as they tell themselves.
public func inPlainWords(_ error: any Error) -> String {
    switch error {
    case let error as NIOConnectionError: connectionWords(error)
    case let error as IOError: systemWords(error.errnoCode)
    case let error as POSIXError: systemWords(error.code.rawValue)
    case let error as CocoaError: fileWords(error)
    case let error as ChannelError: channelWords(error)
    case is SocketAddressError, is SocketAddressError.UnknownHost: "the name of the host is not known"
    case is HTTPParserError: "what answers there does not speak HTTP"
    case NIOSSLError.handshakeFailed, is NIOSSLExtraError:
        "no TLS could be agreed on, or the certificate is not believed"
    case is NIOSSLError: "TLS failed"
    case let error as YamlError: yamlWords(error)
    case is CancellationError: "it was called off"
    default: "\(error)"
    }
}

private func connectionWords(_ error: NIOConnectionError) -> String {
    // One reason each: of the many addresses of a name, most fail alike.
    var reasons: [String] = []
    for reason in error.connectionErrors.map({ inPlainWords($0.error) }) where !reasons.contains(reason) {
        reasons.append(reason)
    }
    if !reasons.isEmpty { return reasons.joined(separator: "; ") }
    return error.dnsAError == nil && error.dnsAAAAError == nil
        ? "no connection" : "the name \(error.host) is not known"
}

private func channelWords(_ error: ChannelError) -> String {
    switch error {
    case .connectTimeout(let limit): "no connection within \(Double(limit.nanoseconds / 1_000_000) / 1000) s"
    case .eof, .inputClosed, .outputClosed, .ioOnClosedChannel, .alreadyClosed: "the connection was closed"
    default: "the connection failed"
    }
}

private func fileWords(_ error: CocoaError) -> String {
    if let system = error.underlying as? POSIXError { return systemWords(system.code.rawValue) }
    return switch error.code {
    case .fileNoSuchFile, .fileReadNoSuchFile: systemWords(ENOENT)
    case .fileReadNoPermission, .fileWriteNoPermission: systemWords(EACCES)
    case .fileWriteOutOfSpace: systemWords(ENOSPC)
    case .fileWriteFileExists: systemWords(EEXIST)
    case .fileWriteVolumeReadOnly: systemWords(EROFS)
    case .fileReadInapplicableStringEncoding, .fileReadUnknownStringEncoding: "it is not text in UTF-8"
    case .fileReadCorruptFile, .propertyListReadCorrupt: "it is not in the form that is expected"
    default: error.localizedDescription
    }
}
