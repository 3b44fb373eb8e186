extension Migration {
    /// What an intent would make its document from: an answer that was lost is found later, when the order may be another.
    static let third = Migration(
        version: 3, statements: ["ALTER TABLE intents ADD COLUMN made_from {bytes}"])
}
