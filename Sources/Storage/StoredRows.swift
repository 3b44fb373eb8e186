import Domain
import Engine

// How rows become the values of the domain; each reads the columns in the order in which its query selects them.

extension Entity {
    /// A canonical form that this version cannot read stops the record; it is fetched or reprocessed anew.
    init(row: SQLRow, _ memory: StoredMemory? = nil) throws {
        var row = row
        let (key, number) = (try row.key(), try row.text())
        let (payload, canonical, problem) = (try row.bytes(), try row.optionalBytes(), try row.optionalBytes())
        self.init(
            snapshot: Snapshot(
                key: key, number: number, payload: payload,
                content: Snapshot.Content(canonical, problem, of: key, memory),
                hash: try row.text(), createdAt: try row.time(), modifiedAt: try row.time(),
                fetchBegan: try row.time()),
            standing: Standing(try row.word(), code: try row.optionalText(), reason: try row.text()),
            due: try row.int(), worked: try row.int(), inDoubt: try row.int() > 0, firstSeenAt: try row.time())
    }

    func unreadable(_ problem: Problem) -> Entity {
        Entity(
            snapshot: Snapshot(
                key: key, number: snapshot.number, payload: snapshot.payload, content: .unreadable(problem),
                hash: snapshot.hash, createdAt: snapshot.createdAt, modifiedAt: snapshot.modifiedAt,
                fetchBegan: snapshot.fetchBegan),
            standing: standing, due: due, worked: worked, inDoubt: inDoubt, firstSeenAt: firstSeenAt)
    }
}

extension Snapshot.Content {
    fileprivate init(_ canonical: [UInt8]?, _ problem: [UInt8]?, of key: EntityKey, _ memory: StoredMemory?) {
        do {
            if let canonical, key.type == .payout {
                self = .payout(try StoredJSON.value(from: canonical))
            } else if let canonical {
                self = .order(
                    try memory?.orders.value(from: canonical, of: key) ?? StoredJSON.value(from: canonical))
            } else {
                self = .unreadable(try StoredJSON.value(from: problem ?? []))
            }
        } catch {
            self = .unreadable(Problem(.internalError, "\(error)"))
        }
    }
}

extension Document {
    init(_ row: SQLRow) throws {
        var row = row
        try self.init(&row)
    }

    init(_ row: SQLRow, _ memory: StoredMemory, of key: EntityKey) throws {
        var row = row
        try self.init(&row) { try memory.madeFrom.value(from: $0, of: key) }
    }

    init(
        _ row: inout SQLRow, madeFrom: ([UInt8]) throws -> MadeFrom = { try StoredJSON.value(from: $0) }
    ) throws {
        self.init(
            reference: try row.reference(), erp: try StoredJSON.value(from: try row.bytes()),
            madeFrom: try row.optionalBytes().map(madeFrom), readAt: try row.time())
    }
}

extension Intent {
    init(_ row: SQLRow) throws {
        var row = row
        self.init(
            reference: try row.reference(), kind: try row.word(), attempt: try row.int(),
            committedAt: try row.time(), deadline: try row.time(),
            madeFrom: try row.optionalBytes().map { try StoredJSON.value(from: $0) })
    }
}

extension Decision {
    init(_ row: SQLRow) throws {
        var row = row
        self = try StoredJSON.value(from: try row.bytes())
    }
}

extension SettingsVersion {
    init(_ row: SQLRow) throws {
        var row = row
        self.init(
            version: try row.int(), settings: try StoredJSON.value(from: try row.bytes()), at: try row.time(),
            by: try row.text())
    }
}

extension TimeHistory {
    init(_ row: SQLRow) throws {
        var row = row
        self.init(
            integration: try row.text(), type: try row.word(), loadedThrough: try row.time(), movedAt: try row.time(),
            movedBy: try row.text(), reason: try row.text())
    }
}

extension SyncTask {
    init(_ row: inout SQLRow, steps: (Int64) throws -> [StepRecord]) throws {
        let id = try row.int64()
        self.init(
            id: id, key: try row.key(), number: try row.text(), trigger: try row.word(),
            standing: try Standing(from: &row), createdAt: try row.time(), finishedAt: try row.optionalTime(),
            steps: try steps(id))
    }
}

extension Standing {
    fileprivate init(from row: inout SQLRow) throws {
        self.init(try row.word(), code: try row.optionalText(), reason: try row.text())
    }
}

extension StepRecord {
    init(_ row: SQLRow) throws {
        var row = row
        self.init(
            kind: try row.optionalWord(), reference: try row.reference(), result: try row.word(),
            startedAt: try row.time(), finishedAt: try row.time(), message: try row.text())
    }
}

extension LogLine {
    init(_ row: SQLRow) throws {
        var row = row
        let (at, level, integration) = (try row.time(), try row.word(Level.self), try row.text())
        let (type, id) = (try row.optionalWord(RecordType.self), try row.optionalText())
        let key = type.flatMap { type in id.map { EntityKey(integration: integration, type: type, id: $0) } }
        self.init(
            at: at, level: level, integration: integration, key: key, taskID: try row.optionalInt64(),
            reference: try row.optionalReference(), code: try row.optionalText(), text: try row.text())
    }
}
