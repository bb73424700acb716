// SPDX-License-Identifier: Apache-2.0

import CLibxgboost

/// A version of XGBoost: of the library that serves, or of the one that wrote a model file.
struct LibraryVersion: Sendable, Comparable, CustomStringConvertible {
    let major: Int
    let minor: Int
    var patch = 0

    /// The library that this process has loaded.
    static let here: LibraryVersion = {
        var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
        XGBoostVersion(&major, &minor, &patch)
        return LibraryVersion(major: Int(major), minor: Int(minor), patch: Int(patch))
    }()

    /// Up to where files are read right: measured with models of 20 kinds, each of 1.7, 2.0, 2.1, 3.0, 3.1 and 3.2 read
    /// by each. An older library either reads a newer file right or refuses it, with one exception: 3.1 writes
    /// `base_score` as a list, and whatever is older takes 0.5 for it without a word. What was not measured is newer
    /// than the library, and not known.
    var newestFile: LibraryVersion {
        let own = LibraryVersion(major: major, minor: minor)
        return switch own {
        case ..<Self.measured: own
        case ..<Self.listsOfScores: LibraryVersion(major: 3, minor: 0)
        default: max(own, LibraryVersion(major: 3, minor: 2))
        }
    }

    private static let measured = LibraryVersion(major: 1, minor: 7)
    private static let listsOfScores = LibraryVersion(major: 3, minor: 1)

    var description: String { "\(major).\(minor).\(patch)" }
    private var series: String { "\(major).\(minor)" }

    static func < (left: Self, right: Self) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }

    /// Refuses a file that this library would misread.
    func check(_ header: ModelFileHeader) throws(XGBoostError) {
        func refuse(_ reason: String) -> XGBoostError {
            XGBoostError(action: "loading the model", reason: reason)
        }
        // Since its first version the format says who wrote it. A file that does not may hide a newer one.
        guard let file = header.version else {
            throw refuse(
                "the file does not say which version of XGBoost wrote it: save it with XGBoost's own save_model")
        }
        guard LibraryVersion(major: file.major, minor: file.minor) <= newestFile else {
            throw refuse(
                "the file was written by XGBoost \(file), and the library here is \(self), which is not known to read "
                    + "files newer than \(newestFile.series) right: train with XGBoost \(newestFile.series) or older, "
                    + "or give the lanes a libxgboost of \(file.series) or newer")
        }
        guard self >= Self.listsOfScores || header.baseScore.map({ Float($0) != nil }) ?? true else {
            throw refuse(
                "base_score is not a number, which the library here, \(self), would take for 0.5: the file was not "
                    + "written by XGBoost \(file), as it says")
        }
    }
}
