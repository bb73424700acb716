// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOPosix
import Synchronization

/// A socket that listens, made here or handed down by whoever started the process.
///
/// Several may accept from the same one: the kernel gives each connection to one that lives and asks for it.
public final class ListeningSocket: Sendable {
    /// Why there is none.
    public struct Failure: DiagnosedError, Equatable {
        /// What was wrong and where.
        public let reason: String
        /// What to do.
        public let remedy: String
    }

    /// Its number in this process.
    public let descriptor: CInt
    /// The address it is bound to.
    public let host: String
    /// The port it is bound to.
    public let port: Int
    /// Whether others may accept from it too.
    public let isShared: Bool
    private let isOpen = Atomic(true)

    private init(_ descriptor: CInt, isShared: Bool) throws(Failure) {
        guard let (host, port) = Self.address(of: descriptor) else {
            Glibc.close(descriptor)
            throw Failure(
                reason: "the socket \(descriptor) is not one of TCP",
                remedy: "hand down a socket that listens for TCP, as ListenStream=127.0.0.1:8081 makes it")
        }
        self.descriptor = descriptor
        self.host = host
        self.port = port
        self.isShared = isShared
    }

    /// A copy that another number of this process stands for.
    convenience init(taking descriptor: CInt) throws(Failure) { try self.init(descriptor, isShared: true) }

    deinit { close() }

    /// Lets go of it. Who else has it accepts on; when nobody has, new connections are refused.
    public func close() {
        if isOpen.exchange(false, ordering: .relaxed) { Glibc.close(descriptor) }
    }

    /// Binds a socket and listens. Looks names up, so it may block.
    /// - Parameters:
    ///   - host: An address or a name.
    ///   - port: 0 for any free one.
    ///   - setting: What to change when it cannot be had, as in `RELAY_HTTP_PORT`.
    ///   - isShared: Whether others are to accept from it too.
    public static func bind(
        host: String, port: Int, setting: String, isShared: Bool = false
    ) throws(Failure) -> ListeningSocket {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, "\(port)", &hints, &found)
        defer { if let found { freeaddrinfo(found) } }
        guard code == 0, let address = found?.pointee else {
            throw Failure(
                reason: "the address \(host) is not one of this machine: \(String(cString: gai_strerror(code)))",
                remedy: "correct the address to listen on")
        }
        let flags = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.ai_family, flags, 0)
        guard descriptor >= 0 else { throw failure(host, port, setting) }
        var yes: CInt = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
        guard Glibc.bind(descriptor, address.ai_addr, address.ai_addrlen) == 0, listen(descriptor, 256) == 0 else {
            let failure = failure(host, port, setting)
            Glibc.close(descriptor)
            throw failure
        }
        return try ListeningSocket(descriptor, isShared: isShared)
    }

    /// As `bind`, on a thread that may block.
    public static func bound(
        host: String, port: Int, setting: String, isShared: Bool = false
    ) async throws(Failure) -> ListeningSocket {
        do {
            return try await NIOThreadPool.singleton.runIfActive {
                try bind(host: host, port: port, setting: setting, isShared: isShared)
            }
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(reason: "port \(port) of \(host) was not asked for: \(error)", remedy: "start it again")
        }
    }

    /// The one socket that systemd, or a relay's supervisor, has handed down, by the protocol of sd_listen_fds(3); nil
    /// when there is none.
    public static func inherited(
        _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(Failure) -> ListeningSocket? {
        guard let pid = environment["LISTEN_PID"].flatMap({ Int32($0) }), pid == getpid(),
            let count = environment["LISTEN_FDS"].flatMap({ Int($0) }), count > 0
        else { return nil }
        guard count == 1 else {
            throw Failure(
                reason: "LISTEN_FDS hands down \(count) sockets", remedy: "hand down one, for inference requests")
        }
        let first: CInt = 3
        var (accepts, size): (CInt, socklen_t) = (0, socklen_t(MemoryLayout<CInt>.size))
        guard getsockopt(first, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &size) == 0, accepts != 0 else {
            throw Failure(
                reason: "LISTEN_FDS hands down something that does not listen",
                remedy: "hand down a socket that listens, as ListenStream=127.0.0.1:8081 makes it, with Accept=no")
        }
        _ = fcntl(first, F_SETFD, FD_CLOEXEC)
        return try ListeningSocket(first, isShared: true)
    }

    /// Another number for it, which its taker closes.
    func duplicate() throws -> CInt {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EBADF) }
        return copy
    }

    private static func failure(_ host: String, _ port: Int, _ setting: String) -> Failure {
        let code = errno
        guard code == EADDRINUSE else {
            return Failure(
                reason: "cannot listen on port \(port) of \(host): \(String(cString: strerror(code)))",
                remedy: "set \(setting) to a port, and an address, that this process may listen on")
        }
        return Failure(
            reason: "port \(port) of \(host) is taken by another process",
            remedy: "end that process, or set \(setting) to another port")
    }

    private static func address(of descriptor: CInt) -> (host: String, port: Int)? {
        var (storage, size) = (sockaddr_storage(), socklen_t(MemoryLayout<sockaddr_storage>.size))
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard getsockname(descriptor, address, &size) == 0 else { return nil }
                var (host, port) = ([CChar](repeating: 0, count: 64), [CChar](repeating: 0, count: 8))
                guard
                    getnameinfo(
                        address, size, &host, socklen_t(host.count), &port, socklen_t(port.count),
                        NI_NUMERICHOST | NI_NUMERICSERV) == 0
                else { return nil }
                func text(_ characters: [CChar]) -> String {
                    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                }
                return Int(text(port)).map { (text(host), $0) }
            }
        }
    }
}
