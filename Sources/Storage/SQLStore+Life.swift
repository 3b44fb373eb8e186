import Domain
public import Engine

extension SQLStore {
    public func start() async throws -> Epoch {
        let (now, process, pid, driver) = (self.now(), process, Self.pid, driver)
        return try await driver.write { session in
            try Migrator.current.run(session, now: now)
            // What bears our own name is from before a crash.
            try session.voidLeases(of: [process], now: now)
            try session.voidLeasesOfTheDead(except: process, now: now, isAlive: driver.isAlive)
            try session.run(
                """
                INSERT INTO processes (name, pid, beat_at, gap) VALUES (?, ?, ?, NULL)
                ON CONFLICT (name) DO UPDATE SET pid = excluded.pid, beat_at = excluded.beat_at, gap = NULL
                """, [.text(process), .int(pid), .time(now)])
            return try session.openEpoch(now: now)
        }
    }

    public func heartbeat(gapLimit: Duration) async throws -> Epoch {
        let (now, process, pid, driver) = (self.now(), process, Self.pid, driver)
        return try await driver.write { session in
            try session.run(
                """
                INSERT INTO processes (name, pid, beat_at, gap) VALUES (?, ?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET pid = excluded.pid, beat_at = excluded.beat_at, gap = excluded.gap
                """, [.text(process), .int(pid), .time(now), .int(gapLimit.milliseconds)])
            try session.voidLeasesOfTheDead(except: process, now: now, isAlive: driver.isAlive)
            // The gap is the store's, not the process's: while any process beats, nothing was brought back from a copy.
            let beat = try session.first(
                """
                UPDATE epochs SET beat_at = ? WHERE number = (SELECT MAX(number) FROM epochs) AND ? - beat_at <= ?
                RETURNING number, started_at
                """, [.time(now), .time(now), .int(gapLimit.milliseconds)])
            guard var beat else { return try session.openEpoch(now: now) }
            return Epoch(number: try beat.int(), startedAt: try beat.time())
        }
    }
}

extension SQLSession {
    fileprivate func openEpoch(now: Instant) throws -> Epoch {
        let row = try first(
            """
            INSERT INTO epochs (number, started_at, beat_at) SELECT COALESCE(MAX(number), 0) + 1, ?, ? FROM epochs
            RETURNING number
            """, [.time(now), .time(now)])
        guard var row else { throw StoreError(.unavailable, "no epoch could be opened") }
        return Epoch(number: try row.int(), startedAt: now)
    }

    /// A process is dead when the system says so, or when it used to beat and has not done so for longer than its gap.
    /// One that is only suspended loses its leases too: its commits will be refused, and its intents looked up.
    fileprivate func voidLeasesOfTheDead(
        except own: String, now: Instant, isAlive: @Sendable (Int64) -> Bool?
    ) throws {
        let processes = try rows(
            "SELECT name, pid, ? - beat_at, gap FROM processes WHERE name <> ?",
            [
                .time(now), .text(own),
            ])
        var dead: [String] = []
        for var row in processes {
            let (name, pid, silence) = (try row.text(), try row.int64(), try row.int64())
            let isSilent = try row.optionalInt64().map { silence > $0 } ?? false
            if isSilent || isAlive(pid) == false { dead.append(name) }
        }
        try voidLeases(of: dead, now: now)
        for name in dead { try run("DELETE FROM processes WHERE name = ?", [.text(name)]) }
    }

    /// Frees what processes held, and tells where it stands now. Tokens stay: they only grow.
    fileprivate func voidLeases(of processes: [String], now: Instant) throws {
        var voided = 0
        for process in processes {
            voided += try run(
                "UPDATE leases SET held_until = 0 WHERE process = ? AND held_until > 0", [.text(process)])
        }
        guard voided > 0 else { return }
        try run(
            """
            UPDATE tasks SET state = 'retrying', reason = ?, finished_at = ? WHERE finished_at IS NULL AND NOT EXISTS (
                SELECT 1 FROM leases l WHERE l.held_until > 0
                AND l.name = tasks.integration || '/' || tasks.type || '-' || tasks.entity_id)
            """, [.text(Self.interrupted), .time(now)])
        try run(
            """
            UPDATE entities SET state = 'queued', reason = ? WHERE state = 'running' AND NOT EXISTS (
                SELECT 1 FROM leases l WHERE l.held_until > 0
                AND l.name = entities.integration || '/' || entities.type || '-' || entities.id)
            """, [.text(Self.interrupted)])
    }

    /// What people read about a run whose worker died.
    static var interrupted: String { "the last run was interrupted" }
}
