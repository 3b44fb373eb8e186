import Domain

/// An order or an invoice: which fields it has.
enum FortnoxKind: String, Sendable {
    case order, invoice

    var path: String { self == .order ? "orders" : "invoices" }
    var single: String { self == .order ? "Order" : "Invoice" }
    var plural: String { self == .order ? "Orders" : "Invoices" }
    var rows: String { self == .order ? "OrderRows" : "InvoiceRows" }
    var date: String { self == .order ? "OrderDate" : "InvoiceDate" }
    var header: FortnoxFields { self == .order ? Self.orderHeader : Self.invoiceHeader }
    var row: FortnoxFields { self == .order ? Self.orderRow : Self.invoiceRow }
    var searchable: FortnoxSearchable { self == .order ? Self.orderSearch : Self.invoiceSearch }
    var missing: FortnoxRefusal {
        self == .order
            ? .notFound(.orderNotFound, "Kan inte hitta ordern.")
            : .notFound(.invoiceNotFound, "Kan inte hitta fakturan.")
    }

    /// Filled from the customer when a document does not say.
    static let ofCustomer = [
        "Address1", "Address2", "City", "Country", "CostCenter", "DeliveryAddress1", "DeliveryAddress2",
        "DeliveryCity", "DeliveryCountry", "DeliveryName", "DeliveryZipCode", "OurReference", "Phone1", "Phone2",
        "PriceList", "Project", "TermsOfDelivery", "TermsOfPayment", "WayOfDelivery", "YourReference", "ZipCode",
        "Currency",
    ]

    /// Taken over by an order's invoice.
    static let ofOrder =
        ofCustomer + [
            "AdministrationFee", "Comments", "CurrencyRate", "CurrencyUnit", "CustomerName", "CustomerNumber",
            "DeliveryDate", "EmailInformation", "ExternalInvoiceReference1", "ExternalInvoiceReference2", "Freight",
            "Labels", "Language", "TaxReductionType", "VATIncluded", "YourOrderNumber",
        ]

    private static let common: [FortnoxField] =
        FortnoxField.texts(
            "Address1 Address2 City Comments Country CostCenter CustomerName CustomerNumber DeliveryAddress1 "
                + "DeliveryAddress2 DeliveryCity DeliveryCountry DeliveryName DeliveryZipCode Phone1 Phone2 Project "
                + "Remarks TermsOfDelivery TermsOfPayment WayOfDelivery ZipCode")
        + FortnoxField.texts("ExternalInvoiceReference1 ExternalInvoiceReference2", 80)
        + FortnoxField.texts("OurReference YourReference", 50)
        + [
            .text("YourOrderNumber", 75), .text("Currency", 3, "SEK"), .number("CurrencyRate", 1),
            .number("CurrencyUnit", 1), .number("AdministrationFee"), .number("Freight"), .day("DeliveryDate"),
            .choice("Language", "SV EN", "SV"), .anything("Labels", .array([])), .flag("NotCompleted"),
            .text("PriceList", 10, "A"), .day("OutboundDate"), .flag("VATIncluded"),
            .choice("TaxReductionType", "none rot rut green", "none"),
        ]

    private static func email(_ subject: String) -> FortnoxField {
        .anything(
            "EmailInformation",
            [
                "EmailAddressFrom": nil, "EmailAddressTo": "", "EmailAddressCC": nil, "EmailAddressBCC": nil,
                "EmailSubject": .string(subject), "EmailBody": " ",
            ])
    }

    private static let orderHeader = FortnoxFields(
        common + [
            email("Order {no} bifogas"), .day("OrderDate"), .flag("CopyRemarks"), .anything("OrderRows", .array([])),
            .choice("DeliveryState", "registration reservation delivery", "delivery"), .text("PrintTemplate", 10, "oc"),
            .choice("OrderType", "Order Backorder", "Order"), .text("StockPointCode", 20, nil),
            .text("StockPointId", 50, nil),
        ])

    private static let invoiceHeader = FortnoxFields(
        common + [
            email("Faktura {no} bifogas"), .day("InvoiceDate"), .day("DueDate"), .anything("InvoiceRows", .array([])),
            .text("OCR", 25), .text("CreditInvoiceReference", 20), .text("PaymentWay", 10),
            .text("PrintTemplate", 10, "st"), .flag("EUQuarterlyReport"),
            .choice("InvoiceType", "INVOICE AGREEMENTINVOICE INTRESTINVOICE SUMMARYINVOICE CASHINVOICE", "INVOICE"),
            .anything(
                "EDIInformation",
                [
                    "EDIGlobalLocationNumber": nil, "EDIGlobalLocationNumberDelivery": nil, "EDIInvoiceExtra1": nil,
                    "EDIInvoiceExtra2": nil, "EDIOurElectronicReference": nil, "EDIYourElectronicReference": nil,
                    "EDIStatus": "",
                ]),
        ])

    private static let commonRow: [FortnoxField] = [
        .whole("AccountNumber"), .text("ArticleNumber", 50), .text("CostCenter", 20), .text("Project", 20),
        FortnoxField(name: "DeliveredQuantity", kind: .quantity, fallback: "0"), .text("Description", 255),
        .number("Discount"), .choice("DiscountType", "AMOUNT PERCENT", "PERCENT"), .flag("HouseWork"),
        .whole("HouseWorkHoursToReport"), .text("HouseWorkType", 40, nil), .number("Price", nil), .whole("RowId"),
        .text("StockPointCode", 20, nil), .text("Unit", 20), .number("VAT", nil), .text("VATCode", 20, nil),
    ]

    private static let invoiceRow = FortnoxFields(commonRow)
    private static let orderRow = FortnoxFields(
        commonRow + [
            FortnoxField(name: "OrderedQuantity", kind: .quantity, fallback: "0"), .text("StockPointId", 50, nil),
        ])

    private static let orderSearch = FortnoxSearchable(
        "customername customernumber documentnumber externalinvoicereference1 externalinvoicereference2 costcenter "
            + "project sent notcompleted ourreference yourreference ordertype label",
        filters: "cancelled expired invoicecreated invoicenotcreated",
        sortings: "customername customernumber orderdate documentnumber total", isDated: true)

    private static let invoiceSearch = FortnoxSearchable(
        "customername customernumber documentnumber externalinvoicereference1 externalinvoicereference2 costcenter "
            + "project sent notcompleted ourreference yourreference yourordernumber invoicetype label ocr currency credit",
        filters: "cancelled fullypaid unpaid unpaidoverdue unbooked",
        sortings: "customername customernumber documentnumber invoicedate ocr total", isDated: true)
}
