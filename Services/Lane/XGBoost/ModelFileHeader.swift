// SPDX-License-Identifier: Apache-2.0

/// What a model file says of itself, read before the library sees it.
///
/// The whole file is walked, within bounds, so that one that was cut off or that lies about its lengths never reaches
/// the library's own reader, which trusts them.
struct ModelFileHeader: Sendable, Equatable {
    /// What wrote it; nil when it does not say.
    var version: LibraryVersion?
    /// As the file writes it; nil when it is no text, or absent.
    var baseScore: String?
    /// The kind of booster: `gbtree`, `dart` or `gblinear`.
    var booster: String?

    /// Deeper nesting is refused: the library's readers recurse. XGBoost's own files have eight levels.
    static let maximumDepth = 64

    static func read(_ bytes: [UInt8]) throws(XGBoostError) -> ModelFileHeader {
        do throws(ModelFileFault) {
            // The library tells the two formats apart by the same byte.
            if bytes.count > 1, bytes[1] == UInt8(ascii: "\"") || bytes[1] == UInt8(ascii: "}") {
                var reader = ModelJSONReader(bytes)
                return try read(&reader)
            }
            var reader = ModelUBJSONReader(bytes)
            return try read(&reader)
        } catch {
            throw XGBoostError(action: "reading the model file", reason: "\(error.reason) at byte \(error.offset)")
        }
    }

    private static func read(_ reader: inout some ModelFileReader) throws(ModelFileFault) -> ModelFileHeader {
        var header = ModelFileHeader()
        try reader.members { (reader, name) throws(ModelFileFault) in
            switch name {
            case "version": header.version = version(try reader.integers())
            case "learner":
                try reader.members { (reader, name) throws(ModelFileFault) in
                    switch name {
                    case "learner_model_param": header.baseScore = try text("base_score", of: &reader)
                    case "gradient_booster": header.booster = try text("name", of: &reader)
                    default: try reader.skip()
                    }
                }
            default: try reader.skip()
            }
        }
        return header
    }

    private static func version(_ numbers: [Int]?) -> LibraryVersion? {
        guard let numbers, numbers.count == 3, numbers.allSatisfy({ (0...9999).contains($0) }) else { return nil }
        return LibraryVersion(major: numbers[0], minor: numbers[1], patch: numbers[2])
    }

    private static func text(
        _ member: String, of reader: inout some ModelFileReader
    ) throws(ModelFileFault) -> String? {
        var found: String?
        try reader.members { (reader, name) throws(ModelFileFault) in
            if name == member { found = try reader.text() } else { try reader.skip() }
        }
        return found
    }
}
