extension Migration {
    /// Payouts: their lines, what these were matched to, the reports they came in, and what orders are matched by. Amounts are
    /// minor units.
    static let fourth = Migration(version: 4, statements: payouts + orderKeys)

    private static let payouts = [
        """
        CREATE TABLE payouts (
            integration TEXT NOT NULL,
            id TEXT NOT NULL,
            provider TEXT NOT NULL,
            arrives_on TEXT NOT NULL,
            report TEXT NOT NULL,
            lines BIGINT NOT NULL,
            complete BIGINT NOT NULL,
            PRIMARY KEY (integration, id)
        ){clustered}
        """,
        """
        CREATE TABLE payout_lines (
            integration TEXT NOT NULL,
            payout TEXT NOT NULL,
            position BIGINT NOT NULL,
            id TEXT NOT NULL,
            provider TEXT NOT NULL,
            kind TEXT NOT NULL,
            kind_text TEXT NOT NULL,
            amount BIGINT NOT NULL,
            fee BIGINT NOT NULL,
            currency TEXT NOT NULL,
            original BIGINT,
            original_currency TEXT,
            at BIGINT NOT NULL,
            transactions TEXT NOT NULL,
            order_id TEXT,
            order_number TEXT,
            invoice_number TEXT,
            place TEXT,
            why TEXT,
            matched_by TEXT,
            settled BIGINT NOT NULL,
            PRIMARY KEY (integration, payout, position)
        ){clustered}
        """,
        // A movement is in one payout only, whatever reports it comes in.
        "CREATE UNIQUE INDEX payout_lines_id ON payout_lines (integration, provider, id)",
        // An order may be another integration's: two shops on one account with the provider.
        """
        CREATE TABLE payout_matches (
            integration TEXT NOT NULL,
            payout TEXT NOT NULL,
            position BIGINT NOT NULL,
            order_integration TEXT NOT NULL,
            order_id TEXT NOT NULL,
            paid BIGINT NOT NULL,
            paid_currency TEXT NOT NULL,
            settled BIGINT NOT NULL,
            PRIMARY KEY (integration, payout, position, order_integration, order_id)
        ){clustered}
        """,
        "CREATE INDEX payout_matches_order ON payout_matches (order_integration, order_id)",
        """
        CREATE TABLE payout_reports (
            integration TEXT NOT NULL,
            report TEXT NOT NULL,
            piece BIGINT NOT NULL,
            body {bytes} NOT NULL,
            PRIMARY KEY (integration, report, piece)
        )
        """,
    ]

    private static let orderKeys = [
        """
        CREATE TABLE order_keys (
            integration TEXT NOT NULL,
            id TEXT NOT NULL,
            transaction_id TEXT,
            total BIGINT NOT NULL,
            currency TEXT NOT NULL,
            paid_at BIGINT NOT NULL,
            PRIMARY KEY (integration, id)
        ){clustered}
        """,
        "CREATE INDEX order_keys_transaction ON order_keys (integration, transaction_id)",
        "CREATE INDEX order_keys_total ON order_keys (integration, currency, total, paid_at)",
    ]
}
