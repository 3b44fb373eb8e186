/// Tryton quotes records in its messages by their names, and a party's record name is a person's. What leaves the
/// connector keeps quotes only where they are known to hold numbers, dates and names of the books.
enum TrytonMessage {
    /// The words before a quote that may stay.
    private static let harmless: Set<String> = [
        "invoice", "invoices", "sale", "period", "field", "of", "product", "account", "company", "year", "date",
        "after",
        "sequence", "currency", "tax", "term", "call", "line", "button", "limit", "journal", "unit",
    ]
    /// What records may be quoted of which kinds: `in record "2 u [MUG-001] Mug" of "Sale Line"`.
    private static let harmlessModels: Set<String> = ["Sale", "Sale Line", "Account Invoice", "Account Invoice Line"]

    static func withoutPersonalData(_ message: String) -> String {
        let pieces = message.split(separator: "\"", omittingEmptySubsequences: false).map(String.init)
        var shown = ""
        for (index, piece) in pieces.enumerated() {
            if index.isMultiple(of: 2) {
                shown += piece
            } else {
                let word = pieces[index - 1].split(separator: " ").last.map(String.init) ?? ""
                shown += "\"\(mayStay(word, model: model(pieces, after: index)) ? piece : "…")\""
            }
        }
        return withoutAddresses(shown)
    }

    private static func mayStay(_ word: String, model: String?) -> Bool {
        if harmless.contains(word) { return true }
        guard let model, word == "record" || word == "on" else { return false }
        return harmlessModels.contains(model)
    }

    /// In `"…" of "Sale"`: `Sale`.
    private static func model(_ pieces: [String], after index: Int) -> String? {
        guard index + 2 < pieces.count, pieces[index + 1] == " of " else { return nil }
        return pieces[index + 2]
    }

    /// E-mail addresses, wherever they stand.
    private static func withoutAddresses(_ text: String) -> String {
        guard text.contains("@") else { return text }
        return text.split(separator: " ", omittingEmptySubsequences: false)
            .map { word in
                let parts = word.split(separator: "@", omittingEmptySubsequences: false)
                return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } ? "…" : String(word)
            }
            .joined(separator: " ")
    }
}
