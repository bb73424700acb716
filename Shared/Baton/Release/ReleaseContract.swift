// SPDX-License-Identifier: Apache-2.0

/// What the clients of a model rely on: the names, the order and the types of what a release takes and answers.
public struct ReleaseContract: Sendable, Equatable {
    public var input: ReleaseDeclaration.Input
    /// Higher after each declared break.
    public var version: Int
    /// Nil when the release's lane was never asked.
    public var interface: ModelInterface?

    public init(_ declaration: ReleaseDeclaration, interface: ModelInterface?) {
        input = declaration.input
        version = declaration.contract?.version ?? 1
        self.interface = interface
    }

    /// What a client of the live release would trip over, in one phrase each; empty when it may go on as it does.
    public func differences(from live: ReleaseContract) -> [String] {
        var found: [String] = []
        if input.name != live.input.name {
            found.append("input.name is \"\(input.name)\", and \"\(live.input.name)\" in the live one")
        }
        if let features = FeatureNames(input.features).difference(from: live.input.features) {
            found.append("input.features are \(features.found), and \(features.expected) in the live one")
        }
        guard let interface, let other = live.interface else { return found }
        // Name and width of the input are declared, and told above.
        let (types, otherTypes) = (interface.inputs.map(\.datatype), other.inputs.map(\.datatype))
        if types != otherTypes {
            found.append("the input is \(Self.list(types)), and \(Self.list(otherTypes)) in the live one")
        }
        if interface.outputs != other.outputs {
            let (outputs, others) = (interface.outputs.map(\.sentence), other.outputs.map(\.sentence))
            found.append("the output is \(Self.list(outputs)), and \(Self.list(others)) in the live one")
        }
        return found
    }

    private static func list(_ texts: [String]) -> String { texts.joined(separator: ", ") }

    /// Whether a release under this contract may take over from one under another.
    public func keeps(_ live: ReleaseContract) -> Bool {
        version > live.version || differences(from: live).isEmpty
    }
}

extension ReleaseRecord {
    public var contract: ReleaseContract { ReleaseContract(manifest.declaration, interface: interface) }
}
