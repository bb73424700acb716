// SPDX-License-Identifier: Apache-2.0

package import Baton

/// Whether the clients of the live release can go on with the next one as they are.
package enum ContractGate {
    static let name = "contract"

    /// Compares a release with the live one.
    /// - Parameter live: The release that serves the model now; nil when none does.
    package static func judge(
        _ declaration: ReleaseDeclaration, _ interface: ModelInterface?, live: ReleaseRecord?
    ) -> Verification.Gate {
        guard let live else {
            return Verification.Gate(
                name: name, passed: true,
                detail: "no release of \(declaration.model.name) is live, so no client relies on one")
        }
        let contract = ReleaseContract(declaration, interface: interface)
        let differences = contract.differences(from: live.contract)
        guard !differences.isEmpty else {
            let unknown = interface == nil || live.interface == nil ? "; their outputs could not be compared" : ""
            return Verification.Gate(
                name: name, passed: true, detail: "takes and answers what the live release \(live.baton) does\(unknown)"
            )
        }
        guard contract.keeps(live.contract) else {
            return Verification.Gate(name: name, passed: false, detail: breach(differences, of: live.baton))
        }
        return Verification.Gate(
            name: name, passed: true,
            detail: "breaks with the clients of the live release \(live.baton), as contract.version "
                + "\(contract.version) declares: \(differences.joined(separator: "; "))")
    }

    /// What is wrong with a release that is not the live one's like, and what to do.
    package static func breach(_ differences: [String], of live: BatonID) -> String {
        "clients of the live release \(live) would be refused or misled: \(differences.joined(separator: "; ")); "
            + "keep what they rely on, or declare the break by a higher contract.version in relay.yaml"
    }
}
