// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
import Glibc
import Operations
import RelayClients

/// A governance policy and a rate card for one person on one machine, written once and theirs to change.
package enum LocalGovernance {
    /// The name under which this machine's user asks for releases: that of the environment, else, as in containers and
    /// under cron, that of the effective user.
    package static func requester(_ environment: [String: String]) -> String {
        let named = ["USER", "LOGNAME"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        return named ?? accountName(of: geteuid()) ?? "uid-\(geteuid())"
    }

    /// The name that the system has for a user; nil for a user without an entry, as in many containers.
    static func accountName(of user: uid_t) -> String? {
        // The entry points into the buffer, which is used to the end of this function.
        var (entry, found) = unsafe (passwd(), UnsafeMutablePointer<passwd>?.none)
        var buffer = [CChar](repeating: 0, count: 16_384)
        let code = unsafe getpwuid_r(user, &entry, &buffer, buffer.count, &found)
        guard code == 0, let name = unsafe found?.pointee.pw_name else { return nil }
        let text = unsafe String(cString: name)
        return text.isEmpty ? nil : text
    }

    static func writeIfMissing(_ layout: SuiteLayout, _ environment: [String: String]) throws {
        try write(policy(requester: requester(environment)), to: layout.policy)
        try write(rateCard, to: layout.rateCard)
    }

    private static func write(_ text: String, to path: String) throws {
        guard !FileManager.default.fileExists(atPath: path) else { return }
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw RelayFailure(
                "\(path) cannot be written: \(inPlainWords(error))",
                remedy: "make room, or choose another directory with --data-directory")
        }
    }

    /// A text as a key of YAML, whatever it has in it.
    private static func quoted(_ text: String) -> String {
        let isPlain =
            text.first?.isLetter == true && text.allSatisfy { $0.isLetter || $0.isNumber || "-_.".contains($0) }
        return isPlain ? text : String(decoding: JSON.encode(text), as: UTF8.self)
    }

    /// A policy that lets one person release everything.
    package static func policy(requester: String) -> String {
        """
        # Who may release what, and who pays. Written once for this machine's user; change it, and start again.
        accounts:
          local:
            monthlyBudget: 100.00
            currency: USD

        requesters:
          \(quoted(requester)):
            account: local
            models: ["*"]

        """
    }

    static let rateCard = """
        # What measured resources cost. Example prices; put in yours and start again.
        currency: USD
        prices:
          cpuSecond: 0.0000125
          storedGibibyte: 0.02
          request: 0.0000004
          movedGibibyte: 0.09

        """
}
