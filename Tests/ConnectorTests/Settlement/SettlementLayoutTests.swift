import ConnectorKit
import Connectors
import Domain
import Foundation
import Testing

@Suite struct SettlementLayoutTests {
    /// As in the README: a bank's export with semicolons, decimal commas and Latin letters.
    private static let own: JSONValue = [
        "separator": "semicolon", "encoding": "latin1", "decimalMark": "comma", "thousands": "dot",
        "dates": "dd.MM.yyyy", "timeZone": "Europe/Berlin", "headerWithin": "5",
        "id": ["Vorgang"], "type": "Art", "date": "Buchung | Datum", "time": "Uhrzeit",
        "amount": "Brutto", "fees": ["Gebühr", "Wechselgebühr"], "feeSign": "negative", "net": "Netto",
        "currency": "Währung", "orderNumber": "Bestellung", "orderNumberPrefixes": ["WEB-"],
        "payout": ["Auszahlung"], "arrival": "Valuta",
        "rows": [["column": "Stand", "only": ["gebucht"]]],
        "kinds": [
            ["type": "Zahlung", "kind": "charge"], ["type": "Erstattung", "kind": "refund"],
            ["type": "Rücklage", "sign": "negative", "kind": "reserve"],
            ["type": "Rücklage", "sign": "positive", "kind": "release"],
            ["type": "Auszahlung", "kind": "payout"], ["type": "Summe", "kind": "ignored"],
        ],
    ]

    private static let file = """
        Umsatzübersicht;Juli 2026
        erstellt;01.08.2026
        Vorgang;Art;Stand;Datum;Uhrzeit;Brutto;Gebühr;Wechselgebühr;Netto;Währung;Bestellung;Auszahlung;Valuta
        V1;Zahlung;gebucht;01.07.2026;00:30;1.250,00;-12,50;-0,50;1.237,00;EUR;WEB-1001;A7;03.07.2026
        V2;Erstattung;gebucht;01.07.2026;07:33:09;-50,00;;;-50,00;EUR;#1002;A7;03.07.2026
        V3;Rücklage;gebucht;02.07.2026;08:00;-100,00;;;-100,00;EUR;;A7;03.07.2026
        V4;Zahlung;offen;02.07.2026;08:00;10,00;-1,00;;9,00;EUR;1003;;
        V5;Auszahlung;gebucht;03.07.2026;06:00;-1.087,00;;;-1.087,00;EUR;;A7;03.07.2026
        ;Summe;gebucht;;;;;;0,00;EUR;;;

        """

    private func layout(_ value: JSONValue) -> (layout: SettlementLayout, problems: [String]) {
        let reader = FieldReader(value)
        let layout = SettlementLayout(reader, like: SettlementLayouts.all)
        return (layout, reader.problems.map(\.description))
    }

    @Test func aLayoutThatAMerchantWroteReadsTheirFile() throws {
        let (layout, problems) = layout(Self.own)
        #expect(problems.isEmpty)
        let latin = try #require(Self.file.data(using: .isoLatin1))
        let file = SettlementFile(Array(latin), layout, timeZone: "Europe/Stockholm")
        #expect(file.failure == nil)
        #expect(
            file.shown == [
                "charge 1250.00 EUR - 13.00 EUR", "refund -50.00 EUR - 0.00 EUR", "reserve -100.00 EUR - 0.00 EUR",
            ])
        #expect(file.payouts == ["A7: 1087.00 EUR, made 2026-07-03T04:00:00Z, arrives 2026-07-03"])
        #expect(file.skipped == ["Stand is offen": 1, "rows of type Summe are no movements": 1])
        #expect(file.lines.map(\.id) == ["V1", "V2", "V3"])
        #expect(file.lines.map(\.keys.orderNumber) == ["1001", "1002", nil])
        #expect(file.lines[0].at.description == "2026-06-30T22:30:00Z")
    }

    @Test func aBuiltInLayoutCanBeTakenAndChanged() {
        let (layout, problems) = layout([
            "like": "shopify-payments", "separator": "semicolon",
            "kinds": [["type": "shop_cash_credit", "kind": "charge"], ["type": "charge", "kind": "adjustment"]],
        ])
        #expect(problems.isEmpty)
        #expect(layout.form.separator == .semicolon)
        #expect(layout.kinds.first { $0.word == "charge" }?.use == .line(.adjustment))
        #expect(layout.kinds.first { $0.word == "refund" }?.use == .line(.refund))
        #expect(layout.filters == SettlementLayouts.all["shopify-payments"]?.filters)
    }

    @Test func whatTellsRowsWithoutAnIdApartAndThatThereAreNoThousandsCanBeSaid() {
        let (own, problems) = layout(["like": "paypal", "identity": "Code | Transaction ID", "thousands": "never"])
        #expect(problems.isEmpty)
        #expect(own.identity == ["Code", "Transaction ID"] && own.form.thousands == .never)
        let (like, _) = layout(["like": "paypal", "transactionIDs": ["Invoice Number"], "orderNumber": "Order"])
        #expect(like.identity == "Transaction ID")
    }

    @Test func everythingThatIsWrongIsToldAtOnceByItsKey() {
        let (_, problems) = layout([
            "separator": "dash", "decimalMark": "comma", "thousands": "comma", "dates": "yy-M-d",
            "timeZone": "Mars/Base",
            "headerWithin": "0", "debit": "Soll", "kinds": [["type": "Zahlung", "kind": "sale"], ["kind": "fee"]],
            "rows": [["only": ["x"]]], "originalAmount": "Betrag", "totals": ["net": "Summe"], "colour": "red",
        ])
        #expect(
            problems.map { String($0.prefix { $0 != ":" }) } == [
                "separator", "dates", "headerWithin", "kinds[0].kind", "kinds[1].type", "timeZone", "credit",
                "originalCurrency",
                "rows[0].column", "totals.payout", "totals.currency", "totals.date", "colour", "type", "kinds", "date",
                "payout",
                "amount", "thousands",
            ])
        #expect(problems.contains("credit: is required: there are two columns without signs, or one with"))
        #expect(
            problems.contains(
                "dates: must be one of yyyy-MM-dd, dd.MM.yyyy, MM/dd/yyyy, epochSeconds, epochMilliseconds, not \"yy-M-d\""
            ))
    }

    @Test func whatIsSaidTwiceIsAProblem() {
        let (_, problems) = layout([
            "type": "T", "date": "D", "payout": ["P"], "amount": "A", "debit": "B", "credit": "C", "currency": "E",
            "fixedCurrency": "EUR", "timeZone": "Europe/Berlin", "timeZoneColumn": "Z",
            "kinds": [["type": "x", "kind": "charge"]],
        ])
        #expect(
            problems == [
                "timeZone: is there beside timeZoneColumn; leave one of them",
                "amount: is there beside debit or credit; leave one column with a sign, or two without",
                "fixedCurrency: is there beside currency; leave one of them",
                "amount: is required; or debit and credit, or net",
            ])
    }

    @Test func aLayoutIsChosenByNameOrDescribed() {
        func read(_ value: JSONValue) -> (SettlementLayout?, [String]) {
            let reader = FieldReader(value)
            return (SettlementLayouts.read(reader), reader.problems.map(\.description))
        }
        #expect(read(["layout": "klarna"]).0 == SettlementLayouts.all["klarna"])
        #expect(read(["ownLayout": Self.own]).0?.form.separator == .semicolon)
        #expect(
            read(["layout": "worldpay"]).1 == [
                "layout: knows adyen, klarna, paypal, paypal-eu, paypal-uk, shopify-payments, stripe, not \"worldpay\""
            ])
        #expect(read([:]).1.count == 1)
        #expect(
            read(["ownLayout": ["like": "klarnaa"]]).1.first?.hasPrefix("ownLayout.like: knows adyen, klarna") == true)
    }

    @Test(arguments: SettlementLayouts.all.keys.sorted())
    func everyBuiltInLayoutIsWholeAndSurvivesStorage(name: String) throws {
        let layout = try #require(SettlementLayouts.all[name])
        #expect(layout.flaws.isEmpty)
        let words = layout.kinds.map { "\($0.word.lowercased()) \($0.sign?.rawValue ?? "")" }
        #expect(Set(words).count == words.count)
        #expect(try JSONDecoder().decode(SettlementLayout.self, from: JSONEncoder().encode(layout)) == layout)
    }

    @Test func aFileThatIsOnePayoutIsCalledByItsName() {
        let (layout, problems) = layout([
            "type": "T", "date": "D", "debit": "Out", "credit": "In", "fixedCurrency": "SEK", "groupBy": "file",
            "kinds": [["type": "sale", "kind": "charge"]],
        ])
        #expect(problems.isEmpty)
        let file = SettlementFile("T,D,Out,In\nsale,2026-07-01 23:30,,5.00\nsale,2026-07-01,2.00,\n", layout)
        #expect(file.payouts == ["july.csv: 3.00 SEK, made 2026-07-01T21:30:00Z, arrives 2026-07-01"])
    }
}
