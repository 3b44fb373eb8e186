import ConnectorKit
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
        #expect(ids(Self.file).first == "row-eb483a7e19f83335365de2c31ec6b550")
    }

    @Test func equalRowsOfAPayoutAreNumbered() {
        let ids = ids(Self.file)
        #expect(Set(ids).count == 5)
        #expect(ids[1] == ids[0] + "-2" && ids[4] == ids[0] + "-3")
        #expect(!ids[2].contains("-2") && !ids[3].hasPrefix(ids[0]))
    }

    @Test func columnsThatAreAddedOrMovedChangeNoId() {
        let moved = """
            Note,Order,Payout,Type,Date,Amount,Currency
            x,1,a,sale,2026-07-01,2.00,EUR
            y,1,a,sale,2026-07-01,2,EUR

            """
        #expect(ids(moved) == Array(ids(Self.file).prefix(2)))
    }

    @Test func aRowsOwnIdIsKeptAndARowWithoutOneGetsWhatItSays() {
        var layout = Self.layout
        layout.id = ["Order"]
        let file = Self.file.replacing("EUR,2", with: "EUR,")
        #expect(ids(file, layout)[0] == "1")
        #expect(ids(file, layout)[2].hasPrefix("row-"))
        layout.id = ["Payout", "Order"]
        #expect(ids(file, layout)[3] == "b-1")
    }
}
