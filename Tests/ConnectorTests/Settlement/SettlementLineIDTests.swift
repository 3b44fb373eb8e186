import ConnectorKit
import Connectors
import Domain
import Testing

@Suite struct SettlementLineIDTests {
    private static let layout: SettlementLayout = {
        var layout = SettlementLayout()
        layout.type = "Type"
        layout.kinds = [.init("sale", .line(.charge))]
        layout.at = [SettlementDateColumn("Date")]
        layout.amounts = SettlementAmounts(amount: .signed("Amount"), currency: .column("Currency"))
        layout.keys = SettlementKeyColumns(orderNumber: "Order")
        layout.payout = [.column(["Payout"])]
        return layout
    }()
    private static let file = """
        Payout,Type,Date,Amount,Currency,Order
        a,sale,2026-07-01,2.00,EUR,1
        a,sale,2026-07-01,2.00,EUR,1
        a,sale,2026-07-01,2.00,EUR,2
        b,sale,2026-07-01,2.00,EUR,1
        a,sale,2026-07-01,2.00,EUR,1

        """

    private func ids(_ text: String, _ layout: SettlementLayout = layout) -> [String] {
        SettlementFile(text, layout).lines.map(\.id)
    }

    @Test func theSameFileGivesTheSameIdsEachTime() {
        #expect(ids(Self.file) == ids(Self.file))
        #expect(ids(Self.file).first == "row-2eaea679465396ab144f11537ae0ea58")
    }

    @Test func equalRowsOfAFileAreNumberedWhateverTheirPayout() {
        let ids = ids(Self.file)
        #expect(Set(ids).count == 5)
        #expect([ids[1], ids[3], ids[4]] == ["-2", "-3", "-4"].map { ids[0] + $0 })
        #expect(!ids[2].hasPrefix(ids[0]) && ids[2].dropFirst(4).allSatisfy(\.isHexDigit))
    }

    @Test func columnsThatAreAddedOrMovedChangeNoId() {
        let moved = """
            Note,Order,Payout,Type,Date,Amount,Currency
            x,1,a,sale,2026-07-01,2.00,EUR
            y,1,a,sale,2026-07-01,2,EUR

            """
        #expect(ids(moved) == Array(ids(Self.file).prefix(2)))
    }

    @Test func theColumnThatTellsRowsApartHasToBeThere() {
        let lacking = "Payout,Type,Date,Amount,Currency\na,sale,2026-07-01,2.00,EUR\n"
        #expect(
            SettlementFile(lacking, Self.layout).failure?.hasPrefix("line 1: the header lacks Order; it has") == true)
        var layout = Self.layout
        layout.keys.orderNumber = nil
        #expect(ids(lacking, layout).count == 1)
        // Where rows have ids, few need it.
        layout = Self.layout
        layout.id = ["Payout"]
        #expect(ids(lacking, layout) == ["a"])
    }

    @Test func theColumnIsTheOneThatIsNamedElseTheFirstOfTransactionIDsElseTheOrderNumber() {
        let header = "Payout,Type,Date,Amount,Currency,Order,Charge,Note\n"
        func id(_ cells: String, _ change: (inout SettlementLayout) -> Void) -> [String] {
            var layout = Self.layout
            change(&layout)
            return ids(header + "a,sale,2026-07-01,2.00,EUR," + cells + "\n", layout)
        }
        #expect(id("1,c,n", { _ in }) == id("1,d,m", { _ in }))
        let charge = id("1,c,n") { $0.keys.transactionIDs = ["Charge", "Note"] }
        #expect(charge == id("2,c,m") { $0.identity = "Charge" } && charge != id("1,c,n", { _ in }))
        #expect(id("1,c,n", { $0.identity = "Note" }) != id("1,c,m", { $0.identity = "Note" }))
    }

    // MARK: The same money, exported otherwise

    private static let payPal = """
        Date,Time,TimeZone,Type,Status,Currency,Gross,Fee,Net,Transaction ID,Reference Txn ID,Invoice Number
        10/10/2026,00:30:00,CEST,Express Checkout Payment,Completed,EUR,"1,250.00",-43.40,"1,206.60",1AB,0ZZ,WC-777

        """

    private func payPal(
        _ text: String = payPal, _ change: (inout SettlementLayout) -> Void = { _ in }
    ) -> SettlementFile {
        var layout = SettlementLayouts.all["paypal"] ?? SettlementLayout()
        change(&layout)
        return SettlementFile(text, layout)
    }

    @Test func aPayPalRowKeepsItsIdWhenAKeyColumnAPrefixOrTheAccountsZoneChanges() throws {
        let file = payPal()
        let id = try #require(file.lines.first?.id)
        #expect(id.hasPrefix("row-") && file.payoutIDs == ["2026-10-10-EUR"])

        let without = payPal(Self.payPal.replacing(",Reference Txn ID", with: "").replacing(",0ZZ", with: ""))
        #expect(without.lines.map(\.id) == [id] && without.lines.first?.keys.transactionIDs == ["1AB"])
        let otherKeys = payPal { $0.keys.transactionIDs = ["Invoice Number"] }
        #expect(otherKeys.lines.map(\.id) == [id] && otherKeys.lines.first?.keys.transactionIDs == ["WC-777"])
        let prefixed = payPal { $0.keys.prefixes = ["WC-"] }
        #expect(prefixed.lines.map(\.id) == [id] && prefixed.lines.first?.keys.orderNumber == "777")
        let zone = payPal(Self.payPal.replacing("10/10/2026,00:30:00,CEST", with: "10/09/2026,15:30:00,PDT"))
        #expect(zone.lines.map(\.id) == [id] && zone.payoutIDs == ["2026-10-09-EUR"])

        for (old, new) in [("1AB", "1AC"), ("-43.40,\"1,206.60", "-43.41,\"1,206.59"), ("00:30:00", "00:30:01")] {
            #expect(payPal(Self.payPal.replacing(old, with: new)).lines.map(\.id) != [id], "\(old)")
        }
    }

    @Test func aShopifyRowKeepsItsIdWhenThePayoutIDColumnIsAdded() {
        let older = """
            Transaction Date,Type,Order,Payout Status,Payout Date,Amount,Fee,Net,Currency
            2026-09-01 10:00:00 -0400,charge,#1001,paid,2026-09-03,45.00,1.61,43.39,USD
            2026-09-01 10:00:00 -0400,adjustment,,paid,2026-09-03,5.00,0.00,5.00,USD
            """
        let newer = older.replacing("Currency", with: "Currency,Payout ID").replacing(",USD", with: ",USD,90001")
        let files = [older, newer].map { SettlementFile($0, "shopify-payments") }
        #expect(files.map(\.payoutIDs) == [["2026-09-03-USD", "2026-09-03-USD"], ["90001", "90001"]])
        #expect(files[0].lines.map(\.id) == files[1].lines.map(\.id))
    }

    @Test(arguments: ["paypal", "shopify-payments"])
    func twoEqualRowsOfOneFileStayTwo(layout: String) {
        let row = "2026-09-01 10:00:00 -0400,charge,#1001,paid,2026-09-03,45.00,1.61,43.39,USD\n"
        let shopify = "Transaction Date,Type,Order,Payout Status,Payout Date,Amount,Fee,Net,Currency\n" + row
        let once = layout == "paypal" ? Self.payPal : shopify
        let last = once.split(separator: "\n").last.map { $0 + "\n" } ?? ""
        let ids = SettlementFile(once + last, layout).lines.map(\.id)
        #expect(ids == SettlementFile(once, layout).lines.flatMap { [$0.id, $0.id + "-2"] })
        #expect(ids.count == 2)
    }

    // MARK: Ids of their own

    @Test func aRowsOwnIdIsKeptAndARowWithoutOneGetsWhatItSays() {
        var layout = Self.layout
        layout.id = ["Order"]
        let rows = Self.file.split(separator: "\n")
        func file(_ rows: Substring...) -> String { rows.map { $0 + "\n" }.joined() }
        let unnamed = rows[3].dropLast()
        #expect(ids(file(rows[0], rows[1], unnamed), layout)[0] == "1")
        #expect(ids(file(rows[0], rows[1], unnamed), layout)[1].hasPrefix("row-"))
        layout.id = ["Payout", "Order"]
        #expect(ids(file(rows[0], rows[1], rows[4]), layout) == ["a-1", "b-1"])
    }

    /// Of two movements of one id only one would be kept.
    @Test func anIdThatStandsInAFileTwiceIsABadRow() {
        var layout = Self.layout
        layout.id = ["Order"]
        let found = SettlementFile(Self.file, layout)
        #expect(found.lines.map(\.id) == ["1", "2"])
        #expect(found.bad.count == 3)
        #expect(found.bad.allSatisfy { "\($0)".contains("stands in the file twice") })
    }
}
