import Domain
public import Engine

extension SQLStore {
    public func finish(_ runs: [Finish]) async throws {
        try await driver.write { session in
            for run in runs { try session.finish(run) }
        }
    }
}

extension SQLSession {
    fileprivate func finish(_ run: Finish) throws {
        // Giving the lease back is also the proof that it was held; otherwise its new holder will finish.
        guard try giveBack(run.claim.lease) else { return }
        let (key, taskID) = (run.claim.entity.key, run.claim.taskID)
        switch run.next {
        case .rest: try rest(key, taskID: taskID, run.standing, at: run.at)
        case .handOver(let lane, let day): try handOver(key, run.standing, lane, day)
        case .again(let at, let isFailure): try again(key, taskID: taskID, run, at: at, isFailure: isFailure)
        }
        if run.doubtResolved { try resolveDoubt(key, taskID: taskID) }
        try closeTask(taskID, run.standing, at: run.at)
        try tell(run)
    }

    /// Only what was claimed counts as worked off: what came meanwhile is due, at once.
    func rest(_ key: EntityKey, taskID: Int64, _ standing: Standing, at: Instant) throws {
        let hasMore = "due > (SELECT claimed_due FROM tasks WHERE tasks.id = ?)"
        try run(
            """
            UPDATE entities SET
                worked = (SELECT claimed_due FROM tasks WHERE tasks.id = ?),
                state = CASE WHEN \(hasMore) THEN 'queued' ELSE ? END,
                code = CASE WHEN \(hasMore) THEN NULL ELSE ? END,
                reason = CASE WHEN \(hasMore) THEN '' ELSE ? END,
                not_before = ?, attempts = 0, lane = CASE WHEN type = 'payout' THEN 'payouts' ELSE 'general' END, lane_day = ''
            WHERE integration = ? AND type = ? AND id = ?
            """,
            [
                .int(taskID), .int(taskID), .word(standing.state), .int(taskID), .text(standing.code), .int(taskID),
                .text(standing.reason), .time(at),
            ] + key.columns)
    }

    private func handOver(_ key: EntityKey, _ standing: Standing, _ lane: Lane, _ day: Day?) throws {
        try run(
            """
            UPDATE entities SET state = ?, code = ?, reason = ?, lane = ?, lane_day = ?
            WHERE integration = ? AND type = ? AND id = ?
            """,
            [
                .word(standing.state), .text(standing.code), .text(standing.reason), .word(lane),
                .text(day?.description ?? ""),
            ] + key.columns)
    }

    /// A record that waits is looked at at once when it changed meanwhile; after a failure the pause is kept, because the
    /// change did not heal what failed.
    private func again(_ key: EntityKey, taskID: Int64, _ run: Finish, at: Instant, isFailure: Bool) throws {
        let standing = run.standing
        let attempts =
            isFailure ? "attempts + 1" : standing.state == .waiting ? "0" : "attempts"
        let isOverdue = isFailure ? "1 = 0" : "due > (SELECT claimed_due FROM tasks WHERE tasks.id = ?)"
        let task: [SQLValue] = isFailure ? [] : [.int(taskID)]
        try self.run(
            """
            UPDATE entities SET
                state = CASE WHEN \(isOverdue) THEN 'queued' ELSE ? END,
                code = CASE WHEN \(isOverdue) THEN NULL ELSE ? END,
                reason = CASE WHEN \(isOverdue) THEN '' ELSE ? END,
                not_before = CASE WHEN \(isOverdue) THEN ? ELSE ? END,
                attempts = \(attempts)
            WHERE integration = ? AND type = ? AND id = ?
            """,
            task + [.word(standing.state)] + task + [.text(standing.code)] + task + [.text(standing.reason)] + task
                + [.time(run.at), .time(at)] + key.columns)
    }

    private func resolveDoubt(_ key: EntityKey, taskID: Int64) throws {
        try run(
            """
            UPDATE entities SET doubts_resolved = (SELECT claimed_doubts FROM tasks WHERE tasks.id = ?)
            WHERE integration = ? AND type = ? AND id = ?
            """, [.int(taskID)] + key.columns)
    }

    func closeTask(_ taskID: Int64, _ standing: Standing, at: Instant) throws {
        try run(
            "UPDATE tasks SET state = ?, code = ?, reason = ?, finished_at = ? WHERE id = ?",
            [.word(standing.state), .text(standing.code), .text(standing.reason), .time(at), .int(taskID)])
    }

    /// Ends that people ask about are in the log even when nothing was tried.
    private func tell(_ run: Finish) throws {
        guard run.standing.state == .stopped || run.standing.state == .excluded else { return }
        let key = run.claim.entity.key
        try addLog(
            LogLine(
                at: run.at, level: run.standing.state == .stopped ? .error : .info, integration: key.integration,
                key: key, taskID: run.claim.taskID, code: run.standing.code,
                text: "\(run.standing.state.rawValue): \(run.standing.reason)"))
    }
}
