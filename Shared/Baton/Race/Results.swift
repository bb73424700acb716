// SPDX-License-Identifier: Apache-2.0

/// What the duties of a baton have handed over so far; a handoff carries its own part alone.
public struct Results: Codable, Sendable, Equatable {
    public var admission: Admission?
    public var build: ReleaseManifest?
    public var verification: Verification?
    public var approval: Approval?
    public var rollout: Rollout?
    public var watch: WatchReport?
    public var closing: Closing?

    public init() {}

    /// Takes over what `newer` has.
    public mutating func merge(_ newer: Results) {
        admission = newer.admission ?? admission
        build = newer.build ?? build
        verification = newer.verification ?? verification
        approval = newer.approval ?? approval
        rollout = newer.rollout ?? rollout
        watch = newer.watch ?? watch
        closing = newer.closing ?? closing
    }

    /// Whether a part with lists is there.
    var mayBeLarge: Bool { build != nil || verification != nil || watch != nil }

    /// Whether the part of a duty is there.
    public func has(_ duty: Duty) -> Bool {
        switch duty {
        case .admission: admission != nil
        case .build: build != nil
        case .verification: verification != nil
        case .approval: approval != nil
        case .rollout: rollout != nil
        case .watch: watch != nil
        case .closing: closing != nil
        }
    }
}

/// Governance let the baton start.
public struct Admission: Codable, Sendable, Equatable {
    /// The account that pays.
    public var account: String
    /// What the account had left.
    public var available: Money
    public init(account: String, available: Money) {
        self.account = account
        self.available = available
    }
}

/// Deploy checked the release.
public struct Verification: Codable, Sendable, Equatable {
    public struct Gate: Codable, Sendable, Equatable {
        public var name: String
        public var passed: Bool
        /// What was measured, against which bound, in words.
        public var detail: String
        public init(name: String, passed: Bool, detail: String) {
            self.name = name
            self.passed = passed
            self.detail = detail
        }
    }
    public var gates: [Gate]
    /// What the tried lane takes and answers. Nil when it did not start, and in older records.
    public var interface: ModelInterface?
    /// Where all of it is; nil when this is all of it.
    public var whole: StoredReport?
    public init(gates: [Gate], interface: ModelInterface? = nil) {
        self.gates = gates
        self.interface = interface
    }
}

/// Governance let the release have traffic.
public struct Approval: Codable, Sendable, Equatable {
    /// Spent on this baton until now.
    public var spent: Money
    /// What the baton may spend.
    public var limit: Money
    public init(spent: Money, limit: Money) {
        self.spent = spent
        self.limit = limit
    }
}

/// Deploy put the release on its lanes.
public struct Rollout: Codable, Sendable, Equatable {
    public struct ServingLane: Codable, Sendable, Equatable {
        /// Unique in its deploy instance, and never used again.
        public var id: String
        public var processID: Int32
        public var port: Int
        public init(id: String, processID: Int32, port: Int) {
            self.id = id
            self.processID = processID
            self.port = port
        }
    }
    /// The deploy instance that rolled out.
    public var instance: String
    /// Base URL of that instance's router.
    public var endpoint: String
    public var lanes: [ServingLane]
    /// The baton whose release served before, if any.
    public var replaced: BatonID?
    /// When traffic was switched over.
    public var liveSince: Timestamp
    public init(instance: String, endpoint: String, lanes: [ServingLane], replaced: BatonID?, liveSince: Timestamp) {
        self.instance = instance
        self.endpoint = endpoint
        self.lanes = lanes
        self.replaced = replaced
        self.liveSince = liveSince
    }
}

/// Governance closed the books.
public struct Closing: Codable, Sendable, Equatable {
    public var total: Money
    /// The total by kind of resource.
    public var parts: [String: Money]
    /// The ledger's last entry that counted.
    public var ledger: LedgerHead
    public init(total: Money, parts: [String: Money], ledger: LedgerHead) {
        self.total = total
        self.parts = parts
        self.ledger = ledger
    }
}
