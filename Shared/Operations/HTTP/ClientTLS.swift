// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOSSL

/// How a client of HTTPS knows whom it talks to: certificate and name are always verified, over TLS 1.2 or newer.
public struct ClientTLS: Sendable {
    private let context: NIOSSLContext

    /// - Parameter authorities: A file of certificates in PEM, which alone are believed; nil for the system's.
    /// - Throws: `Unusable` when the file has no certificates.
    public init(authorities: String? = nil) throws(Unusable) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = .fullVerification
        if let authorities { configuration.trustRoots = .certificates(try Self.certificates(authorities)) }
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw Unusable(reason: "TLS cannot be set up: \(inPlainWords(error))")
        }
    }

    private static func certificates(_ path: String) throws(Unusable) -> [NIOSSLCertificate] {
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw Unusable(reason: "\(path) cannot be read")
        }
        let certificates = (try? NIOSSLCertificate.fromPEMFile(path)) ?? []
        guard !certificates.isEmpty else { throw Unusable(reason: "\(path) has no certificates in PEM") }
        return certificates
    }

    /// Puts TLS between a connection and what speaks over it.
    func add(to channel: any Channel, host: String) throws {
        // An address has no place in TLS's field for names; it is then looked for in the certificate.
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        let handler = try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    /// Why TLS cannot be used.
    public struct Unusable: Error, Sendable, Equatable {
        /// In a sentence.
        public let reason: String
    }
}
