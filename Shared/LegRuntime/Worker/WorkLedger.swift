// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka

/// Which attempts wait, run, are superseded, or wait to be handed off, and which offsets that finishes.
///
/// Pure: the shell around it reads, runs, cancels and commits. `Output` is what a finished piece of work hands off.
struct WorkLedger<Output: Sendable>: Sendable {
    /// Names one taken record of this session; never used twice.
    typealias WorkID = Int

    /// Where a record is.
    struct Place: Hashable, Sendable {
        let partition: TopicPartition
        let offset: Int64
    }

    /// Bounds of what may be going on at once.
    struct Limits: Sendable {
        var running = 4
        var waiting = 256
        /// Work that waits for what somebody has to mend, beside what runs.
        var resting = 1024
        var offsetTextBytes = OffsetMap.maximumTextBytes
    }

    /// What a record means for this lane.
    enum Arrival: Sendable, Equatable {
        /// It will be started when there is room.
        case waits
        /// It is for the other lane.
        case elsewhere
        /// It was finished before, or a newer attempt is known.
        case nothing
    }

    /// A piece of work to be started.
    struct Start: Sendable, Equatable {
        let id: WorkID
        let assignment: Assignment
    }

    /// Why running work is not to go on.
    enum Drop: Sendable, Equatable {
        /// A newer attempt was ordered.
        case superseded
        /// The duty is called off, for this reason.
        case withdrawn(String)
    }

    /// What one transaction writes.
    struct Batch: Sendable {
        let outputs: [Output]
        let offsets: [CommittedOffset]
    }

    private struct Work: Sendable {
        let assignment: Assignment
        let place: Place
    }

    private struct DutyKey: Hashable {
        let baton: BatonID
        let duty: Duty

        init(_ key: AttemptKey) { (baton, duty) = (key.baton, key.duty) }
    }

    private struct Ready: Sendable {
        /// Nil for a record that could not be read.
        let id: WorkID?
        let place: Place
        let output: Output
    }

    let lane: RaceLane
    private let limits: Limits
    private var lastID: WorkID = 0
    private var maps: [TopicPartition: OffsetMap] = [:]
    /// Partitions whose offsets moved since the last transaction took them.
    private var moved: Set<TopicPartition> = []
    /// What the group has committed, as far as we know.
    private var committed: [TopicPartition: Int64] = [:]
    /// Work that counts: waiting, running or to be handed off.
    private var works: [WorkID: Work] = [:]
    private var newest: [DutyKey: WorkID] = [:]
    /// Cancelled, and not ended yet: what they come to is still told, and finishes their records.
    private var dropped: [WorkID: (work: Work, why: Drop)] = [:]
    private var waiting: [WorkID] = []
    /// Everything that occupies a slot, superseded work that has not ended yet too.
    private var occupied: Set<WorkID> = []
    /// Of those, what waits for what somebody has to mend: nobody else is to wait for that.
    private var resting: Set<WorkID> = []
    private var ready: [Ready] = []
    private var inTransaction: [Ready] = []
    private var takesWork = true

    init(lane: RaceLane, limits: Limits = Limits()) {
        self.lane = lane
        self.limits = limits
    }
}

// MARK: Partitions

extension WorkLedger {
    /// Begins a partition at its committed offset.
    /// - Returns: Whether the text beside the offset was understood; if not, finished work above it is done again.
    mutating func assign(_ partition: TopicPartition, committed: CommittedOffset?) -> Bool {
        let offset = committed?.offset ?? 0
        let map = OffsetMapText.decode(committed?.metadata, committed: offset)
        maps[partition] = map ?? OffsetMap(startingAt: offset)
        moved.remove(partition)
        self.committed[partition] = offset
        return map != nil
    }

    /// Forgets partitions and all that came from them.
    /// - Returns: Running work to be cancelled.
    mutating func revoke(_ partitions: [TopicPartition]) -> [WorkID] {
        let gone = Set(partitions)
        for partition in gone {
            maps[partition] = nil
            moved.remove(partition)
            committed[partition] = nil
        }
        ready.removeAll { gone.contains($0.place.partition) }
        inTransaction.removeAll { gone.contains($0.place.partition) }
        let forgotten = works.filter { gone.contains($0.value.place.partition) }.map(\.key)
        for id in forgotten { forget(id) }
        dropped = dropped.filter { !gone.contains($0.value.work.place.partition) }
        return forgotten.filter(occupied.contains).sorted()
    }

    /// Whether a record of this place may be taken now; if not, its partition is to be held back.
    func hasRoom(for place: Place) -> Bool {
        guard takesWork, waiting.count < limits.waiting, let map = maps[place.partition] else { return false }
        return map.hasRoom(for: place.offset, maximumTextBytes: limits.offsetTextBytes)
    }
}

// MARK: Records

extension WorkLedger {
    /// Takes an assignment that was read.
    /// - Returns: What it means here, and running work that it supersedes, which is to be cancelled.
    mutating func take(_ assignment: Assignment, at place: Place) -> (arrival: Arrival, superseded: [WorkID]) {
        guard assignment.lane == lane else { return (.elsewhere, passOver(assignment.key, at: place)) }
        guard let known = note(place), let superseded = supersede(by: assignment.key, at: place) else {
            return (.nothing, [])
        }
        guard known == .unfinished else { return (.nothing, superseded) }
        lastID += 1
        works[lastID] = Work(assignment: assignment, place: place)
        newest[DutyKey(assignment.key)] = lastID
        waiting.append(lastID)
        return (.waits, superseded)
    }

    /// Takes an assignment to the other lane, of which no more needs to be known than which attempt it is.
    /// - Returns: Running work that it supersedes, which is to be cancelled.
    mutating func passOver(_ key: AttemptKey, at place: Place) -> [WorkID] {
        guard let known = note(place), let superseded = supersede(by: key, at: place) else { return [] }
        if known == .unfinished { finish(place) }
        return superseded
    }

    /// Takes the word that a duty is called off.
    /// - Parameter key: the attempt that it came as; all older ones are meant.
    /// - Returns: Running work that is to be cancelled, and work that was never started and is to be answered.
    mutating func withdraw(_ key: AttemptKey, because reason: String, at place: Place) -> Withdrawn {
        guard let known = note(place) else { return Withdrawn() }
        if known == .unfinished { finish(place) }
        guard let id = newest[DutyKey(key)], let work = works[id], work.assignment.attempt < key.attempt else {
            return Withdrawn()
        }
        guard occupied.contains(id) else {
            guard waiting.contains(id) else { return Withdrawn() }
            waiting.removeAll { $0 == id }
            return Withdrawn(unstarted: [Start(id: id, assignment: work.assignment)])
        }
        supersede(id, work, why: .withdrawn(reason))
        return Withdrawn(running: [id])
    }

    /// What a withdrawal meets.
    struct Withdrawn: Sendable, Equatable {
        var running: [WorkID] = []
        var unstarted: [Start] = []
    }

    /// An attempt was ordered: an older one counts no more.
    /// - Returns: Running work that is superseded; nil when the attempt itself is old, which finishes its record.
    private mutating func supersede(by key: AttemptKey, at place: Place) -> [WorkID]? {
        guard let id = newest[DutyKey(key)], let older = works[id] else { return [] }
        guard older.assignment.attempt < key.attempt else {
            finish(place)
            return nil
        }
        let isRunning = occupied.contains(id)
        supersede(id, older)
        return isRunning ? [id] : []
    }

    /// Takes a record that cannot be read; `output` goes into the transaction of its offset.
    mutating func takeUnreadable(_ output: Output, at place: Place) {
        guard note(place) == .unfinished else { return }
        ready.append(Ready(id: nil, place: place, output: output))
    }

    private mutating func note(_ place: Place) -> OffsetMap.Arrival? {
        guard var map = maps[place.partition], place.offset >= map.position else { return nil }
        let arrival = map.take(place.offset)
        maps[place.partition] = map
        // A record finished before moves the offset, once all before it is finished.
        if arrival == .finishedBefore { moved.insert(place.partition) }
        return arrival
    }

    private mutating func supersede(_ id: WorkID, _ work: Work, why: Drop = .superseded) {
        newest[DutyKey(work.assignment.key)] = nil
        // What has a result already is the captain's to judge.
        guard !(ready + inTransaction).contains(where: { $0.id == id }) else { return }
        forget(id)
        if occupied.contains(id) {
            dropped[id] = (work, why)
        } else {
            finish(work.place)
        }
    }

    private mutating func finish(_ place: Place) {
        maps[place.partition]?.finish(place.offset)
        if maps[place.partition] != nil { moved.insert(place.partition) }
    }

    private mutating func forget(_ id: WorkID) {
        guard let work = works.removeValue(forKey: id) else { return }
        let key = DutyKey(work.assignment.key)
        if newest[key] == id { newest[key] = nil }
        waiting.removeAll { $0 == id }
    }
}

// MARK: Work

extension WorkLedger {
    /// The next piece of work when a slot is free.
    mutating func startNext() -> Start? {
        let running = occupied.count - min(resting.count, limits.resting)
        guard takesWork, running < limits.running, !waiting.isEmpty else { return nil }
        let id = waiting.removeFirst()
        guard let work = works[id] else { return nil }
        occupied.insert(id)
        return Start(id: id, assignment: work.assignment)
    }

    /// Whether work still counts: it is not superseded and its partition is ours.
    func counts(_ id: WorkID) -> Bool { works[id] != nil }

    /// Why running work was cancelled; nil when it was not, or for its partition alone.
    func drop(of id: WorkID) -> Drop? { dropped[id]?.why }

    /// Whether work has not ended yet, superseded or not.
    func occupiesSlot(_ id: WorkID) -> Bool { occupied.contains(id) }

    /// Running work waits for what somebody has to mend, or goes on.
    /// - Returns: Whether its slot has become free for others.
    mutating func rest(_ id: WorkID, _ isResting: Bool) -> Bool {
        guard isResting, occupied.contains(id) else {
            resting.remove(id)
            return false
        }
        return resting.insert(id).inserted
    }

    /// Work has ended and left its slot.
    /// - Parameter output: Nil when it was stopped before its end: then its record is not finished.
    /// - Returns: Whether there is something to hand off.
    mutating func end(_ id: WorkID, _ output: Output?) -> Bool {
        occupied.remove(id)
        resting.remove(id)
        guard let work = works[id] ?? dropped.removeValue(forKey: id)?.work else { return false }
        guard let output else {
            forget(id)
            return false
        }
        ready.append(Ready(id: id, place: work.place, output: output))
        return true
    }

    /// Takes and starts nothing more.
    /// - Returns: The work that runs.
    mutating func stopTaking() -> [WorkID] {
        takesWork = false
        return occupied.sorted()
    }

    /// How many pieces of work occupy a slot.
    var running: Int { occupied.count }
    /// How many wait for a slot.
    var queued: Int { waiting.count }
}

// MARK: Transactions

extension WorkLedger {
    /// Whether anything is left to be committed.
    var hasHandoff: Bool { !ready.isEmpty || hasMoved }

    /// Whether offsets moved without a result that takes them along.
    var hasMoved: Bool { !moved.isEmpty }

    /// Everything that is finished, for one transaction; nil when there is nothing, or one is under way.
    /// - Parameter isSweep: Whether moved offsets are reason enough. Nobody waits for those: what they pass over is for
    ///   others, and read again it comes to the same.
    mutating func beginHandoff(isSweep: Bool = true) -> Batch? {
        guard inTransaction.isEmpty, isSweep ? hasHandoff : !ready.isEmpty else { return nil }
        inTransaction = ready
        ready = []
        let partitions = moved.union(inTransaction.map(\.place.partition))
        moved = []
        let offsets = partitions.sorted().compactMap { partition -> CommittedOffset? in
            guard var map = maps[partition] else { return nil }
            for item in inTransaction where item.place.partition == partition { map.finish(item.place.offset) }
            return CommittedOffset(
                topicPartition: partition, offset: map.committed, metadata: OffsetMapText.encode(map))
        }
        guard !offsets.isEmpty else {
            inTransaction = []
            return nil
        }
        return Batch(outputs: inTransaction.map(\.output), offsets: offsets)
    }

    /// The transaction of the last batch has ended. One that did not happen leaves its outputs for the next.
    mutating func endHandoff(_ batch: Batch, committed: Bool) {
        let items = inTransaction
        inTransaction = []
        if committed {
            for offset in batch.offsets where maps[offset.topicPartition] != nil {
                self.committed[offset.topicPartition] = offset.offset
            }
            for item in items {
                maps[item.place.partition]?.finish(item.place.offset)
                if let id = item.id { forget(id) }
            }
        } else {
            ready = items + ready
            moved.formUnion(batch.offsets.map(\.topicPartition).filter { maps[$0] != nil })
        }
    }
}

// MARK: Standing

extension WorkLedger {
    /// How far each partition is. One stands still on purpose while work of it waits or runs, and nothing of it is left
    /// to be handed off: what is finished has no reason to stay.
    func standings(read: [TopicPartition: GroupConsumer.Read], heldBack: Set<TopicPartition>) -> [LagWatch.Standing] {
        let unsettled = Set((ready + inTransaction).map(\.place.partition)).union(moved)
        let finished = Set((ready + inTransaction).compactMap(\.id))
        let busy = Set(works.filter { !finished.contains($0.key) }.values.map(\.place.partition))
            .union(dropped.values.map(\.work.place.partition))
        let isIdle = works.isEmpty && dropped.isEmpty
        return maps.keys.map { partition in
            let waits = busy.contains(partition) || (heldBack.contains(partition) && !isIdle)
            return LagWatch.Standing(
                partition: partition, committed: committed[partition] ?? 0, read: read[partition],
                isWaiting: waits && !unsettled.contains(partition))
        }
    }
}
