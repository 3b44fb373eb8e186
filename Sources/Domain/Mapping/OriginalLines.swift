/// The lines of the document that is credited: what takes a part of it back repeats their articles and taxes, whatever the
/// settings say today (R7).
struct OriginalLines {
    struct Entry {
        let article: String
        let ifMissing: String?
        let tax: String?
    }

    private var entries: [String: Entry] = [:]

    init(_ lines: [DraftLine] = []) {
        for line in lines {
            guard let source = line.source else { continue }
            entries[source] = Entry(article: line.article, ifMissing: line.articleIfMissing, tax: line.tax)
        }
    }

    /// By the id of the order's line.
    subscript(id: String) -> Entry? { entries[id] }

    /// A line of our own bears the tax of one that the document has; without an article, its article too.
    mutating func add(_ id: String, like original: String, article: String?) {
        guard let known = entries[original] else { return }
        entries[id] = Entry(
            article: article ?? known.article, ifMissing: article == nil ? known.ifMissing : nil, tax: known.tax)
    }
}
