// SPDX-License-Identifier: Apache-2.0

/// What every stage finds in its environment, on every machine.
enum StageEnvironment {
    static let path = "/usr/bin:/usr/local/bin:/bin"

    /// What a stage's result may depend on, and so part of its key.
    static let fixed = [
        "PATH": path,
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        // Byte code beside the sources would change directories that stages depend on.
        "PYTHONDONTWRITEBYTECODE": "1",
        // 1980-01-01, the earliest time that zip archives can hold.
        "SOURCE_DATE_EPOCH": "315532800",
        // Sums by several threads come out in another order, and so in other last digits.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "NUMEXPR_NUM_THREADS": "1",
    ]

    /// The whole environment of a stage.
    static func of(_ stage: String, project: String, workspace: Workspace) -> [String: String] {
        let places = [
            "HOME": workspace.home, "TMPDIR": workspace.temporary, "DVC_ROOT": project, "DVC_STAGE": stage,
        ]
        return fixed.merging(places) { _, place in place }
    }
}
