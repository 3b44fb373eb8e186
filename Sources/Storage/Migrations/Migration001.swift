extension Migration {
    /// Life, entities, work, documents, settings, history. Times are milliseconds since 1970 UTC; flags are 0 and 1.
    static let first = Migration(version: 1, statements: life + entities + work + documents + people)

    private static let life = [
        """
        CREATE TABLE epochs (
            number BIGINT PRIMARY KEY,
            started_at BIGINT NOT NULL,
            beat_at BIGINT NOT NULL
        )
        """,
        // A process without a gap never beat; then only the system can tell whether it lives.
        """
        CREATE TABLE processes (
            name TEXT PRIMARY KEY,
            pid BIGINT NOT NULL,
            beat_at BIGINT NOT NULL,
            gap BIGINT
        )
        """,
        // Rows stay for ever, because tokens only grow; `until` 0 says that nobody holds it.
        """
        CREATE TABLE leases (
            name TEXT PRIMARY KEY,
            token BIGINT NOT NULL,
            worker TEXT NOT NULL,
            process TEXT NOT NULL,
            held_until BIGINT NOT NULL
        ){clustered}
        """,
        "CREATE INDEX leases_held ON leases (process) WHERE held_until > 0",
    ]

    private static let entities = [
        // Small rows, because every run writes them several times; the payload lies in `snapshots`.
        """
        CREATE TABLE entities (
            integration TEXT NOT NULL,
            type TEXT NOT NULL,
            id TEXT NOT NULL CHECK (id <> ''),
            number TEXT NOT NULL,
            hash TEXT NOT NULL,
            readable BIGINT NOT NULL,
            created_at BIGINT NOT NULL,
            modified_at BIGINT NOT NULL,
            fetch_began BIGINT NOT NULL,
            fetch_changed BIGINT NOT NULL,
            first_seen_at BIGINT NOT NULL,
            state TEXT NOT NULL,
            code TEXT,
            reason TEXT NOT NULL,
            due BIGINT NOT NULL,
            worked BIGINT NOT NULL,
            triggered_by TEXT NOT NULL,
            not_before BIGINT NOT NULL,
            attempts BIGINT NOT NULL,
            lane TEXT NOT NULL,
            lane_day TEXT NOT NULL,
            doubts BIGINT NOT NULL,
            doubts_resolved BIGINT NOT NULL,
            PRIMARY KEY (integration, type, id)
        )
        """,
        """
        CREATE INDEX entities_due ON entities (integration, lane, not_before, first_seen_at, id) WHERE due > worked
        """,
        """
        CREATE INDEX entities_due_by_day ON entities (integration, lane, lane_day, created_at, id) WHERE due > worked
        """,
        "CREATE INDEX entities_number ON entities (integration, number)",
        "CREATE INDEX entities_id ON entities (integration, id)",
        "CREATE INDEX entities_state ON entities (integration, state, code)",
        """
        CREATE TABLE snapshots (
            integration TEXT NOT NULL,
            type TEXT NOT NULL,
            id TEXT NOT NULL,
            payload {bytes} NOT NULL,
            canonical {bytes},
            problem {bytes},
            PRIMARY KEY (integration, type, id),
            FOREIGN KEY (integration, type, id) REFERENCES entities (integration, type, id)
        )
        """,
    ]

    private static let work = [
        """
        CREATE TABLE tasks (
            id {identity},
            integration TEXT NOT NULL,
            type TEXT NOT NULL,
            entity_id TEXT NOT NULL,
            triggered_by TEXT NOT NULL,
            worker TEXT NOT NULL,
            state TEXT NOT NULL,
            code TEXT,
            reason TEXT NOT NULL,
            claimed_due BIGINT NOT NULL,
            claimed_doubts BIGINT NOT NULL,
            created_at BIGINT NOT NULL,
            finished_at BIGINT,
            FOREIGN KEY (integration, type, entity_id) REFERENCES entities (integration, type, id)
        )
        """,
        "CREATE INDEX tasks_entity ON tasks (integration, type, entity_id, id)",
        // A step or an intent may belong to a customer's reference: `entity_id` then is the order it was made for.
        """
        CREATE TABLE steps (
            id {identity},
            task_id BIGINT NOT NULL REFERENCES tasks (id),
            reference TEXT NOT NULL,
            step TEXT,
            result TEXT NOT NULL,
            started_at BIGINT NOT NULL,
            finished_at BIGINT NOT NULL,
            message TEXT NOT NULL
        )
        """,
        "CREATE INDEX steps_task ON steps (task_id, id)",
        """
        CREATE TABLE intents (
            integration TEXT NOT NULL,
            reference TEXT NOT NULL,
            step TEXT NOT NULL,
            attempt BIGINT NOT NULL,
            type TEXT NOT NULL,
            entity_id TEXT NOT NULL,
            task_id BIGINT NOT NULL,
            committed_at BIGINT NOT NULL,
            deadline BIGINT NOT NULL,
            result TEXT,
            PRIMARY KEY (integration, reference, step, attempt)
        )
        """,
        "CREATE INDEX intents_entity ON intents (integration, type, entity_id)",
        """
        CREATE TABLE logs (
            id {identity},
            at BIGINT NOT NULL,
            level TEXT NOT NULL,
            integration TEXT NOT NULL,
            type TEXT,
            entity_id TEXT,
            task_id BIGINT,
            reference TEXT,
            code TEXT,
            line TEXT NOT NULL
        )
        """,
        "CREATE INDEX logs_entity ON logs (integration, entity_id, id)",
    ]

    private static let documents = [
        // What we know of ERP documents; kept when the link is removed.
        """
        CREATE TABLE documents (
            integration TEXT NOT NULL,
            reference TEXT NOT NULL,
            kind TEXT NOT NULL,
            erp_id TEXT NOT NULL,
            erp_number TEXT,
            facts {bytes} NOT NULL,
            made_from {bytes},
            PRIMARY KEY (integration, reference)
        )
        """,
        "CREATE INDEX documents_number ON documents (integration, erp_number)",
        "CREATE INDEX documents_erp_id ON documents (integration, erp_id)",
        """
        CREATE TABLE links (
            integration TEXT NOT NULL,
            reference TEXT NOT NULL,
            kind TEXT NOT NULL,
            erp_id TEXT NOT NULL,
            type TEXT NOT NULL,
            entity_id TEXT NOT NULL,
            linked_at BIGINT NOT NULL,
            PRIMARY KEY (integration, reference),
            FOREIGN KEY (integration, reference) REFERENCES documents (integration, reference)
        ){clustered}
        """,
        // One ERP document belongs to one source record. Only a customer of the ERP may be many guests of the shop.
        "CREATE UNIQUE INDEX links_erp_id ON links (integration, kind, erp_id) WHERE kind <> 'customer'",
        // With the reference, so that documents are read in its order without a look at every link of the integration.
        "CREATE INDEX links_entity ON links (integration, type, entity_id, reference)",
    ]

    private static let people = [
        """
        CREATE TABLE time_history (
            id {identity},
            integration TEXT NOT NULL,
            type TEXT NOT NULL,
            loaded_through BIGINT NOT NULL,
            moved_at BIGINT NOT NULL,
            moved_by TEXT NOT NULL,
            reason TEXT NOT NULL
        )
        """,
        "CREATE INDEX time_history_flow ON time_history (integration, type, id)",
        """
        CREATE TABLE settings_versions (
            integration TEXT NOT NULL,
            version BIGINT NOT NULL,
            body {bytes} NOT NULL,
            made_at BIGINT NOT NULL,
            made_by TEXT NOT NULL,
            PRIMARY KEY (integration, version)
        )
        """,
        """
        CREATE TABLE decisions (
            id {identity},
            integration TEXT NOT NULL,
            type TEXT NOT NULL,
            entity_id TEXT NOT NULL,
            made_at BIGINT NOT NULL,
            made_by TEXT NOT NULL,
            body {bytes} NOT NULL
        )
        """,
        "CREATE INDEX decisions_entity ON decisions (integration, type, entity_id, id)",
    ]
}
