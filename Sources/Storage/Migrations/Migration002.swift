extension Migration {
    /// When documents were last read, and what connections remember.
    static let second = Migration(
        version: 2,
        statements: [
            "ALTER TABLE documents ADD COLUMN read_at BIGINT NOT NULL DEFAULT 0",
            // Sealed values only: see `SealedMemory`.
            """
            CREATE TABLE connections (
                name TEXT PRIMARY KEY,
                version BIGINT NOT NULL,
                sealed {bytes} NOT NULL,
                kept_at BIGINT NOT NULL
            )
            """,
        ])
}
