import Foundation
import Testing

/// After everything that the other suites did to the real Tryton: its books, summed by a script that uses nothing of the
/// product. `scripts/test.sh` runs it last.
@Suite(.enabled(if: RealTryton.isThere, "set ORDERSYNC_TEST_TRYTON_URL to run these"))
struct TrialBalanceTests {
    @Test func theBooksBalanceAndEveryEntryDoes() throws {
        let books = try JSONDecoder().decode(RealTryton.Books.self, from: try RealTryton.books())
        #expect(books.debit == books.credit)
        #expect(books.unbalanced_moves == [])
        let posted = books.invoices.filter { ["posted", "paid"].contains($0.state) }
        #expect(posted.contains { $0.total.hasPrefix("-") }, "no credit note was booked: this says little")
        #expect(posted.allSatisfy { $0.number != nil })
        #expect(Set(posted.compactMap(\.number)).count == posted.count, "two documents have one number")
    }
}
