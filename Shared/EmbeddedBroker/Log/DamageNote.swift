// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore

/// A file beside a damaged segment that says so: the next start reads the segment again, though its checkpoint is
/// whole, and nobody has to meet the damage anew to hear of it. People may read it too.
enum DamageNote {
    static let fileSuffix = ".damaged"

    private static func path(of segment: Segment) -> String {
        "\(segment.directory)/\(Segment.stem(segment.baseOffset))\(fileSuffix)"
    }

    static func isThere(for segment: Segment) -> Bool {
        FileManager.default.fileExists(atPath: path(of: segment))
    }

    /// Writes down what is damaged, or removes the note when nothing is.
    static func set(_ damage: [DamagedRange], for segment: Segment) throws(StorageError) {
        guard !damage.isEmpty else { return try Directory.remove(path(of: segment)) }
        let file = try LogFile(path: path(of: segment))
        try file.truncate(to: 0)
        try file.write(ByteBuffer(string: damage.map { "\($0)\n" }.joined()), at: 0)
    }
}
