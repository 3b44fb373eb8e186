import ConnectorKit
import Domain
import Sandbox
import TestKit
import Testing

/// Registers, searches, orders and invoices, the surprises first.
@Suite struct FortnoxSandboxTests {
    private typealias Bench = FortnoxSandboxBench

    // MARK: Registers

    @Test func aCustomerNumberIsTakenOnceAndForEver() async throws {
        try await Bench.open { bench in
            try await bench.customer()
            let again = #"{"Customer":{"CustomerNumber":"1001","Name":"Bo"}}"#
            #expect(try await bench.refusal(.post, "customers", again) == "400 2000637")
            #expect(try await bench.send(.delete, "customers/1001").status == 204)
            #expect(try await bench.refusal(.get, "customers/1001") == "404 2000433")
            #expect(try await bench.refusal(.post, "customers", again) == "400 2000637")
            let next = try await bench.json(.post, "customers", #"{"Customer":{"Name":"Bo"}}"#)
            #expect(next.text("Customer.CustomerNumber") == "1002")
        }
    }

    @Test func notFoundIsToldWithCapitalsAndEverythingElseWithout() async throws {
        try await Bench.open { bench in
            let missing = try await bench.json(.get, "invoices/17")
            let invalid = try await bench.json(.get, "invoices?filter=late")
            #expect(missing["ErrorInformation"]?["Code"] == 2_000_434)
            #expect(missing["ErrorInformation"]?["code"] == nil)
            #expect(invalid["ErrorInformation"]?["code"] == 2_000_587)
            #expect(invalid["ErrorInformation"]?["Code"] == nil)
        }
    }

    @Test func aFieldThatFortnoxDoesNotHaveIsRefused() async throws {
        try await Bench.open { bench in
            let body = #"{"Customer":{"Name":"Åsa","ShoeSize":38}}"#
            let unknown = try await bench.refusal(.post, "customers", body)
            #expect(unknown == "400 2001399")
            #expect(try await bench.refusal(.post, "customers", #"{"Client":{}}"#) == "400 2001392")
            #expect(try await bench.refusal(.post, "customers", "not JSON") == "400 2001392")
        }
    }

    @Test func aCustomersReferenceCannotBeSearchedFor() async throws {
        try await Bench.open { bench in
            try await bench.customer(#""ExternalReference":"shop:7","Email":"asa@example.test""#)
            #expect(try await bench.refusal(.get, "customers?externalreference=shop:7") == "400 2000588")
            let found = try await bench.json(.get, "customers?email=ASA@example")
            #expect(found.text("Customers.0.CustomerNumber") == "1001")
            #expect(found["Customers"]?[0]?["ExternalReference"] == nil)
            let customer = try await bench.json(.get, "customers/1001")
            #expect(customer.text("Customer.ExternalReference") == "shop:7")
        }
    }

    @Test(arguments: ["MUG 1", "MUGG-Å", "A&B", "A:B"])
    func anArticleNumberHasNoOtherSigns(_ number: String) async throws {
        try await Bench.open { bench in
            let body = #"{"Article":{"ArticleNumber":"\#(number)","Description":"Mugg"}}"#
            let refusal = try await bench.refusal(.post, "articles", body)
            #expect(refusal == "400 9000006")
        }
    }

    @Test func anArticleNumberMayHaveASlash() async throws {
        try await Bench.open { bench in
            let body = #"{"Article":{"ArticleNumber":"A/b_1-2+3.4","Description":"Mugg"}}"#
            let made = try await bench.send(.post, "articles", body)
            #expect(made.status == 201)
            let article = try await bench.json(.get, "articles/A%2Fb_1-2+3.4")
            #expect(article.text("Article.Description") == "Mugg")
            #expect(article.text("Article.VAT") == "25")
        }
    }

    @Test func accountsTellWhetherTheyAreInUse() async throws {
        try await Bench.open { bench in
            let accounts = try await bench.json(.get, "accounts?limit=500&financialyear=2")["Accounts"]?.array ?? []
            let byNumber = accounts.reduce(into: [String: JSONValue]()) { $0[$1.text("Number") ?? ""] = $1 }
            #expect(byNumber["3001"]?["VATCode"] == "MP1")
            #expect(byNumber["3001"]?["Active"] == true)
            #expect(byNumber["6999"]?["Active"] == false)
            #expect(accounts.first?["Number"] == 1250)
            #expect(accounts.first?["Year"] == 2)
            #expect(try await bench.refusal(.get, "accounts?financialyear=9") == "404 9000002")
        }
    }

    @Test func whatTheMadeUpShopSellsIsTakenAsArticles() async throws {
        var settings = Bench.settings
        settings.articles = FortnoxSandbox.Article.ofTrade
        try await Bench.open(settings) { bench in
            let list = try await bench.json(.get, "articles?limit=500")
            #expect(list["Articles"]?.array?.count == 40)
        }
    }

    // MARK: Searching

    @Test func aSearchFindsPartsOfTextsWhateverTheirCase() async throws {
        try await Bench.open { bench in
            try await bench.customer()
            for key in ["Shop:1001", "shop:11001", "shop:1001-A", "shop:1002"] { _ = try await bench.invoice(key: key) }
            let found = try await bench.json(.get, "invoices?externalinvoicereference1=HOP:1001")["Invoices"]?.array
            #expect(found?.compactMap { $0.text("ExternalInvoiceReference1") } == ["Shop:1001", "shop:1001-A"])
            #expect(found?.first?["InvoiceRows"] == nil)
            #expect(found?.first?["YourOrderNumber"] == nil)
        }
    }

    @Test func oneSearchParameterIsAllThatACallMayHave() async throws {
        try await Bench.open { bench in
            let two = "invoices?customernumber=1001&externalinvoicereference1=a"
            let refusal = try await bench.refusal(.get, two)
            #expect(refusal == "400 2000588")
            #expect(try await bench.refusal(.get, "invoices?filter=unpaid&ocr=1") == "400 2000588")
            let globals = "invoices?ocr=1&lastmodified=2026-11-01&fromdate=2026-01-01&limit=10&page=1&sortby=total"
            #expect(try await bench.send(.get, globals).status == 200)
        }
    }

    @Test func onlyInvoicesAreFoundByTheCustomersOrderNumber() async throws {
        try await Bench.open { bench in
            let invoices = try await bench.send(.get, "invoices?yourordernumber=1")
            #expect(invoices.status == 200)
            #expect(try await bench.refusal(.get, "orders?yourordernumber=1") == "400 2000588")
        }
    }

    @Test func pagesShiftAndBeyondTheEndThereIsNoTotal() async throws {
        try await Bench.open { bench in
            for number in 1...5 {
                _ = try await bench.json(.post, "customers", #"{"Customer":{"Name":"Kund \#(number)"}}"#)
            }
            let second = try await bench.json(.get, "customers?limit=2&page=2")
            let beyond = try await bench.json(.get, "customers?limit=2&page=4")
            #expect(second["Customers"]?.array?.compactMap { $0.text("CustomerNumber") } == ["3", "4"])
            #expect(second["MetaInformation"]?["@TotalPages"] == 3)
            #expect(second["MetaInformation"]?["@TotalResources"] == 5)
            #expect(beyond["Customers"] == .array([]))
            #expect(beyond["MetaInformation"]?["@TotalResources"] == 0)
            #expect(try await bench.refusal(.get, "customers?limit=501") == "400 2000588")
        }
    }

    @Test func whatChangedSinceIsAskedInTheCompanysTime() async throws {
        try await Bench.open { bench in
            try await bench.customer()
            bench.clock.advance(by: .seconds(1800))
            _ = try await bench.json(.post, "customers", #"{"Customer":{"Name":"Bo"}}"#)
            // Ten and half past ten in London.
            let all = try await bench.json(.get, "customers?lastmodified=2026-11-20%2011:00")
            let new = try await bench.json(.get, "customers?lastmodified=2026-11-20%2011:30:00")
            #expect(all["Customers"]?.array?.count == 2)
            #expect(new.text("Customers.0.Name") == "Bo")
            #expect(new["Customers"]?.array?.count == 1)
        }
    }

    // MARK: Orders

    @Test func anOrderBecomesOneInvoiceAndBothNameEachOther() async throws {
        try await Bench.open { bench in
            try await bench.customer()
            let order = try await bench.json(.post, "orders", Self.order(delivered: "2"))
            let invoice = try await bench.json(.put, "orders/1/createinvoice")
            let after = try await bench.json(.get, "orders/1")

            #expect(order.text("Order.InvoiceReference") == "0")
            #expect(invoice.text("Invoice.ExternalInvoiceReference1") == "shop:1")
            #expect(invoice.text("Invoice.YourOrderNumber") == "1")
            #expect(invoice.text("Invoice.OrderReference") == "1")
            #expect(invoice.text("Invoice.InvoiceDate") == "2026-11-20")
            #expect(invoice.text("Invoice.DueDate") == "2026-12-20")
            #expect(invoice.text("Invoice.Remarks") == "Tack")
            #expect(invoice.text("Invoice.Total") == "198")
            #expect(invoice["Invoice"]?["InvoiceRows"]?[0]?["OrderedQuantity"] == nil)
            #expect(after.text("Order.InvoiceReference") == "1")
            #expect(try await bench.refusal(.put, "orders/1/createinvoice") == "400 9000020")
            #expect(try await bench.refusal(.put, "orders/1", #"{"Order":{"Comments":"a"}}"#) == "400 9000020")
            #expect(bench.company.books.invoices.count == 1)
        }
    }

    @Test func whatWasOrderedAndNotDeliveredComesToNothing() async throws {
        try await Bench.open { bench in
            try await bench.customer()
            let order = try await bench.json(.post, "orders", Self.order(delivered: nil))
            #expect(order.text("Order.OrderRows.0.OrderedQuantity") == "2")
            #expect(order.text("Order.OrderRows.0.DeliveredQuantity") == "0")
            #expect(order.text("Order.Total") == "0")
        }
    }

    @Test func aCancelledOrderCannotBeInvoiced() async throws {
        try await Bench.open { bench in
            try await bench.customer()
            _ = try await bench.json(.post, "orders", Self.order(delivered: "2"))
            let cancelled = try await bench.json(.put, "orders/1/cancel")
            #expect(cancelled["Order"]?["Cancelled"] == true)
            #expect(try await bench.refusal(.put, "orders/1/createinvoice") == "400 9000021")
            let list = try await bench.json(.get, "orders?filter=cancelled")
            #expect(list["Orders"]?.array?.count == 1)
        }
    }

    private static func order(delivered: String?) -> String {
        let quantity = delivered.map { #","DeliveredQuantity":"\#($0)""# } ?? ""
        return #"{"Order":{"CustomerNumber":"1001","ExternalInvoiceReference1":"shop:1","YourOrderNumber":"1","#
            + #""Remarks":"Tack","CopyRemarks":true,"OrderRows":[{"ArticleNumber":"MUG-001","OrderedQuantity":"2","#
            + #""Price":79.20,"VAT":25\#(quantity)}]}}"#
    }

    // MARK: Invoices

    @Test func theSamePostTwiceMakesTwoInvoices() async throws {
        try await Bench.open { bench in
            try await bench.customer()
            let (first, second) = (try await bench.invoice(), try await bench.invoice())
            #expect(first["DocumentNumber"] == "1")
            #expect(second["DocumentNumber"] == "2")
            #expect(second["OCR"] == "232")
        }
    }

    @Test func vatIsComputedOnceForEachRateFromItsNet() async throws {
        try await Bench.open { bench in
            try await bench.customer()
            // Each row's VAT is 0.0325: rounded one by one they would be 0.09, together they are 0.10.
            let row = #"{"Description":"Knapp","DeliveredQuantity":"1","Price":0.13,"VAT":25}"#
            let invoice = try await bench.invoice(rows: [row, row, row])
            #expect(invoice["Net"]?.text == "0.39")
            #expect(invoice["TotalVAT"]?.text == "0.1")
            #expect(invoice.text("InvoiceRows.0.AccountNumber") == "3001")
            #expect(bench.company.books.invoices[0].vat == [ExactDecimal(25): ExactDecimal(units: 10, decimals: 2)])
        }
    }

    @Test func pricesWithVATHaveItTakenOutOfTheirSum() async throws {
        try await Bench.open { bench in
            try await bench.customer()
            let row = #"{"Description":"Knapp","DeliveredQuantity":"1","Price":0.99,"VAT":25}"#
            let invoice = try await bench.invoice(#""VATIncluded":true"#, rows: [row, row, row])
            #expect(invoice["Total"]?.text == "2.97")
            #expect(invoice["TotalVAT"]?.text == "0.59")
            #expect(invoice["Net"]?.text == "2.38")
            #expect(invoice.text("InvoiceRows.0.TotalExcludingVAT") == "0.79")
            _ = try await bench.json(.put, "invoices/1/bookkeep")
            #expect(bench.rows() == ["1510 D 2.97", "3001 C 2.38", "2611 C 0.59"])
        }
    }

    @Test func discountsTakeAShareOrAnAmountOffTheRow() async throws {
        try await Bench.open { bench in
            try await bench.customer()
            let percent = #"{"Description":"A","DeliveredQuantity":"3","Price":10,"VAT":25,"Discount":10}"#
            let amount =
                #"{"Description":"B","DeliveredQuantity":"3","Price":10,"VAT":25,"Discount":10,"DiscountType":"AMOUNT"}"#
            let invoice = try await bench.invoice(rows: [percent, amount])
            #expect(invoice.text("InvoiceRows.0.Total") == "27")
            #expect(invoice.text("InvoiceRows.1.Total") == "20")
            #expect(invoice["Net"]?.text == "47")
        }
    }

    @Test func aForeignRateNeedsAnAccountThatHasIt() async throws {
        func row(_ account: String) -> String {
            #"{"Description":"Tasse","DeliveredQuantity":"1","Price":100,"VAT":19\#(account)}"#
        }
        func body(_ row: String) -> String { #"{"Invoice":{"CustomerNumber":"1001","InvoiceRows":[\#(row)]}}"# }
        try await Bench.open { bench in
            try await bench.customer()
            let without = body(row(""))
            #expect(try await bench.refusal(.post, "invoices", without) == "400 9000011")
            let swedish = body(row(#","AccountNumber":3001"#))
            #expect(try await bench.refusal(.post, "invoices", swedish) == "400 9000011")
            let invoice = try await bench.invoice(rows: [row(#","AccountNumber":3111"#)])
            #expect(invoice["Total"]?.text == "119")
            _ = try await bench.json(.put, "invoices/1/bookkeep")
            #expect(bench.rows() == ["1510 D 119", "3111 C 100", "2670 C 19"])
        }
        var easy = Bench.settings
        easy.easyVAT = true
        try await Bench.open(easy) { bench in
            try await bench.customer()
            #expect(try await bench.refusal(.post, "invoices", body(row(""))) == "400 2004167")
        }
    }

    @Test(arguments: [
        (#""Currency":"JPY""#, "400 9000008"), (#""TermsOfPayment":"7X""#, "400 2000429"),
        (#""WayOfDelivery":"DRÖNARE""#, "400 9000009"),
        (#""InvoiceRows":[{"Description":"A","DeliveredQuantity":"1","AccountNumber":3999}]"#, "400 2001304"),
        (#""InvoiceRows":[{"Description":"A","DeliveredQuantity":"1","AccountNumber":6999}]"#, "400 9000007"),
        (#""InvoiceRows":[{"ArticleNumber":"NO-1","DeliveredQuantity":"1"}]"#, "404 2000428"),
        (#""InvoiceRows":[{"DeliveredQuantity":"1","Price":5}]"#, "400 2003977"),
        (#""InvoiceRows":[{"Description":"A","Unit":"famn"}]"#, "400 9000009"),
        (#""YourOrderNumber":"\#(String(repeating: "1", count: 76))""#, "400 9000005"),
        (#""InvoiceDate":"2026-02-30""#, "400 2002115"),
    ])
    func whatFortnoxDoesNotHaveMustBeThereBefore(_ field: String, _ refusal: String) async throws {
        try await Bench.open { bench in
            try await bench.customer()
            let body = #"{"Invoice":{"CustomerNumber":"1001",\#(field)}}"#
            #expect(try await bench.refusal(.post, "invoices", body) == refusal)
            #expect(bench.company.books.invoices.isEmpty)
        }
    }

    @Test func moreThan500RowsAreRefused() async throws {
        try await Bench.open { bench in
            try await bench.customer()
            let row = #"{"Description":"A"}"#
            #expect(try await bench.invoice(rows: Array(repeating: row, count: 500))["DocumentNumber"] == "1")
            let body = Array(repeating: row, count: 501).joined(separator: ",")
            let refusal = try await bench.refusal(
                .post, "invoices", #"{"Invoice":{"CustomerNumber":"1001","InvoiceRows":[\#(body)]}}"#)
            #expect(refusal == "400 9000010")
        }
    }

    @Test func aRowThatIsNotNamedIsDeletedAndAllAreNumberedAnew() async throws {
        try await Bench.open { bench in
            try await bench.customer()
            let before = try await bench.invoice()
            let row = try #require(before.text("InvoiceRows.1.RowId"))
            let after = try await bench.json(
                .put, "invoices/1", #"{"Invoice":{"InvoiceRows":[{"RowId":\#(row),"DeliveredQuantity":"1"}]}}"#)
            #expect(after["Invoice"]?["InvoiceRows"]?.array?.count == 1)
            #expect(after.text("Invoice.InvoiceRows.0.ArticleNumber") == "FOOD-001")
            #expect(after.text("Invoice.InvoiceRows.0.RowId") != row)
            #expect(after.text("Invoice.Net") == "32.05")
        }
    }

    @Test func wholeKronorAreRoundedAndTheRestIsToldAndBooked() async throws {
        var settings = Bench.settings
        settings.roundsToWholeKronor = true
        try await Bench.open(settings) { bench in
            try await bench.customer()
            let invoice = try await bench.invoice()
            let euro = try await bench.invoice(#""Currency":"EUR""#)
            _ = try await bench.json(.put, "invoices/1/bookkeep")
            #expect(invoice["RoundOff"]?.text == "0.31")
            #expect(invoice["Total"]?.text == "306")
            #expect(euro["Total"]?.text == "305.69")
            #expect(euro["CurrencyRate"] == 11)
            #expect(bench.rows().last == "3740 C 0.31")
            #expect(bench.company.books.areBalanced)
        }
    }

    @Test func aCurrencysRateIsATextInListsAndANumberAlone() async throws {
        try await Bench.open { bench in
            try await bench.customer()
            let invoice = try await bench.invoice()
            let list = try await bench.json(.get, "invoices")
            #expect(invoice["CurrencyRate"] == 1)
            #expect(list["Invoices"]?[0]?["CurrencyRate"] == "1")
            #expect(invoice["Credit"] == "false")
            #expect(invoice["CreditInvoiceReference"] == "0")
        }
    }

    @Test func aCustomersVATRuleChoosesTheArticlesAccountAndRate() async throws {
        try await Bench.open { bench in
            try await bench.customer(#""VATType":"EXPORT","CountryCode":"NO""#)
            let invoice = try await bench.invoice(
                rows: [#"{"ArticleNumber":"MUG-001","DeliveredQuantity":"1"}"#])
            #expect(invoice.text("InvoiceRows.0.AccountNumber") == "3105")
            #expect(invoice.text("InvoiceRows.0.VAT") == "0")
            #expect(invoice["Total"]?.text == "100")
        }
    }
}
