// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Baton

@Suite("The contract of a release with its clients")
struct ReleaseContractTests {
    func contract(_ change: (inout ReleaseDeclaration) -> Void = { _ in }, classes: Int? = nil) -> ReleaseContract {
        var declaration = ReleaseManifest.sample.declaration
        change(&declaration)
        return ReleaseContract(
            declaration,
            interface: classes.map { classes in
                ModelInterface(
                    inputs: [.init(name: "features", datatype: "FP32", shape: [-1, declaration.input.features.count])],
                    outputs: [.init(name: "predict", datatype: "FP32", shape: classes == 1 ? [-1] : [-1, classes])])
            })
    }

    @Test("is kept by a release with the same input and output, whatever else it changes")
    func same() {
        let next = contract({ ($0.lanes, $0.gates.tolerance) = (9, 0) }, classes: 3)
        #expect(next.differences(from: contract(classes: 3)) == [])
        #expect(next.keeps(contract(classes: 3)))
    }

    @Test("is broken by another input name, other features, another order, another datatype, other outputs")
    func broken() {
        let live = contract(classes: 3)
        #expect(
            contract({ $0.input.name = "x" }, classes: 3).differences(from: live)
                == ["input.name is \"x\", and \"features\" in the live one"])
        #expect(
            contract({ $0.input.features = ["b", "a"] }, classes: 3).differences(from: live)
                == ["input.features are 2 (b, a), and 2 (a, b) in the live one"])
        #expect(
            contract({ $0.input.features = ["a", "b", "c"] }, classes: 3).differences(from: live)
                == ["input.features are 3 (a, b, c), and 2 (a, b) in the live one"])
        #expect(
            contract(classes: 1).differences(from: live)
                == ["the output is predict FP32 [-1], and predict FP32 [-1, 3] in the live one"])
        var typed = live
        typed.interface?.inputs[0].datatype = "INT64"
        #expect(typed.differences(from: live) == ["the input is INT64, and FP32 in the live one"])
        #expect(!typed.keeps(live))
    }

    @Test("where one of two never told its tensors, the declared input alone is compared")
    func unknown() {
        #expect(contract(classes: 3).differences(from: contract()) == [])
        #expect(contract().differences(from: contract(classes: 3)) == [])
    }

    @Test("a higher version may break it, the same or a lower one may not")
    func versions() {
        func other(_ version: Int?) -> ReleaseContract {
            contract {
                $0.input.name = "x"
                $0.contract = version.map { .init(version: $0) }
            }
        }
        #expect(!other(nil).keeps(contract()))
        #expect(!other(1).keeps(contract()))
        #expect(other(2).keeps(contract()))
        #expect(!contract { $0.contract = .init(version: 2) }.keeps(other(2)))
        #expect(!contract().keeps(other(2)))
    }

    @Test("of long lists the beginning is told, and where they part")
    func longLists() {
        let names = (0..<100).map { "f\($0)" }
        var other = names
        other[70] = "g"
        let told = FeatureNames(other).difference(from: names)
        #expect(told?.found.hasSuffix("f31, and 68 more; column 70 is \"g\")") == true)
        #expect(told?.expected.hasSuffix("f31, and 68 more; column 70 is \"f70\")") == true)
        let fewer = FeatureNames(Array(names.prefix(70))).difference(from: names)
        #expect(fewer?.found.hasPrefix("70 (f0, ") == true)
        #expect(fewer?.found.hasSuffix("column 70 is none)") == true)
        #expect(FeatureNames(names).difference(from: names) == nil)
    }
}
