import Domain
public import Engine

extension SQLStore {
    public func acquire(_ name: String, worker: String, for duration: Duration) async throws -> Lease? {
        let (now, process) = (self.now(), process)
        return try await driver.write { session in
            try session.takeLease(name, worker: worker, process: process, now: now, until: now + duration)
        }
    }

    public func extend(_ leases: [Lease], for duration: Duration) async throws -> [Lease] {
        let until = now() + duration
        return try await driver.write { session in
            try leases.filter { lease in
                try session.run(
                    "UPDATE leases SET held_until = ? WHERE name = ? AND token = ? AND held_until > 0",
                    [.time(until), .text(lease.name), .int(lease.token)]) > 0
            }.map { Lease(name: $0.name, token: $0.token, worker: $0.worker, until: until) }
        }
    }

    public func release(_ lease: Lease) async throws {
        _ = try await driver.write { try $0.giveBack(lease) }
    }
}

extension SQLSession {
    /// Takes a lease that nobody holds or whose time is over. The token counts its holders.
    func takeLease(_ name: String, worker: String, process: String, now: Instant, until: Instant) throws -> Lease? {
        let row = try first(
            """
            INSERT INTO leases (name, token, worker, process, held_until) VALUES (?, 1, ?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET token = leases.token + 1, worker = excluded.worker,
                process = excluded.process, held_until = excluded.held_until
            WHERE leases.held_until <= ?
            RETURNING token
            """, [.text(name), .text(worker), .text(process), .time(until), .time(now)])
        guard var row else { return nil }
        return Lease(name: name, token: try row.int64(), worker: worker, until: until)
    }

    /// Whether a lease still gives the right to commit: nobody took it over, it was not given back and not made void.
    /// One whose time is over but that nobody took is as good as ever. The row is held until the transaction ends, so
    /// that nobody takes the lease between this answer and the commit.
    func holds(_ lease: Lease) throws -> Bool {
        try answers(
            "SELECT 1 FROM leases WHERE name = ? AND token = ? AND held_until > 0" + dialect.lockingRows,
            [.text(lease.name), .int(lease.token)])
    }

    /// Answers whether it was held.
    func giveBack(_ lease: Lease) throws -> Bool {
        try run(
            "UPDATE leases SET held_until = 0 WHERE name = ? AND token = ? AND held_until > 0",
            [.text(lease.name), .int(lease.token)]) > 0
    }
}
