import Domain

/// Compares an invoice that Tryton made with what the shop charged, and says what to do about it. Pure.
struct TrytonInvoiceCheck: Sendable {
    enum Verdict: Hashable, Sendable {
        /// It is as it should be once these amounts of its tax lines are written; none: it is already.
        case correct([Int: Money])
        case problem(Problem)
    }

    private let total: Money
    private let taxes: [DocumentTax]
    /// How far a tax that Tryton computed may be set right.
    private let tolerance: Int64

    init(draft: InvoiceDraft) {
        (total, taxes, tolerance) = (draft.total, draft.taxes, draft.taxTolerance)
    }

    /// Tryton states what a credit note takes back with the opposite sign.
    init(of note: CreditNoteDraft) {
        total = -note.total
        taxes = note.taxes.map { DocumentTax(code: $0.code, amount: -$0.amount) }
        // What is left of a rate holds the roundings of all lines that bore it.
        tolerance = Int64(max(note.lines.count, note.facts.lines.count))
    }

    /// Tryton computes VAT by its own rounding. What it misses the shop's by is set right within the draft's tolerance,
    /// on the first tax line of the code.
    func judge(_ invoice: TrytonInvoice) -> Verdict {
        guard invoice.currency == total.currency, let stated = invoice.document.total else {
            return .problem(
                Problem(.totalDiffers, "the ERP's invoice is in \(invoice.currency), not \(total.currency)"))
        }
        var corrections: [Int: Money] = [:]
        var corrected = stated
        for code in Set(invoice.taxes.map(\.code)).union(taxes.map(\.code)) {
            let lines = invoice.taxes.filter { $0.code == code }
            let stated = lines.map(\.amount).sum(total.currency)
            let difference = wanted(code) - stated
            if difference.isZero { continue }
            guard let line = lines.first, difference.magnitude <= tolerance else {
                return .problem(differs(invoice.document))
            }
            corrections[line.id] = line.amount + difference
            corrected += difference
        }
        return corrected == total ? .correct(corrections) : .problem(differs(invoice.document))
    }

    /// What is wrong with an invoice that should be right by now; `nil` when nothing is.
    func problem(_ document: ERPDocument) -> Problem? {
        let stated = document.taxes.filter { !$0.amount.isZero }
        let wanted = taxes.filter { !$0.amount.isZero }.sorted { $0.code < $1.code }
        return document.total == total && stated == wanted ? nil : differs(document)
    }

    private func wanted(_ code: String) -> Money {
        taxes.filter { $0.code == code }.map(\.amount).sum(total.currency)
    }

    private func differs(_ document: ERPDocument) -> Problem {
        let stated = document.total?.description ?? "nothing"
        return Problem(
            .totalDiffers,
            "the ERP's invoice comes to \(stated) (VAT \(Self.text(document.taxes))), the shop's order to \(total) "
                + "(VAT \(Self.text(taxes)))")
    }

    private static func text(_ taxes: [DocumentTax]) -> String {
        let stated = taxes.filter { !$0.amount.isZero }
        return stated.isEmpty ? "none" : stated.map { "\($0.code) \($0.amount.amountText)" }.joined(separator: ", ")
    }
}
