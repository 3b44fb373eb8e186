import Domain

/// A register of Fortnox, such as the customers: its names and fields.
struct FortnoxResource: Sendable {
    let path: String
    let single: String
    let plural: String
    /// The field that a record is known by.
    let key: String
    let fields: FortnoxFields
    /// Fields in a list by name, and how they are written there.
    let listed: [(name: String, source: String, form: ListForm)]
    var searchable = FortnoxSearchable()
    /// Parameters and the fields that they look in.
    var parameters: [String: String] = [:]
    var required: [String] = []
    /// Fortnox numbers a record that comes without a key.
    var isNumbered = false
    let missing: FortnoxRefusal
    var used: FortnoxRefusal = .invalid(.keyUsed, "Koden används redan.")
    let scope: String

    enum ListForm: Sendable { case same, textForNull, number, null }

    /// Lists of names: `Code Description`; `Phone=Phone1` names another field, `#` writes a number as text, `?` no null,
    /// `!` always null.
    static func list(_ names: String) -> [(name: String, source: String, form: ListForm)] {
        names.split(separator: " ").map { word in
            let form: ListForm =
                switch word.last {
                case "?": .textForNull
                case "#": .number
                case "!": .null
                default: .same
                }
            let name = form == .same ? word : word.dropLast()
            let parts = name.split(separator: "=")
            return (name: String(parts[0]), source: String(parts[parts.count - 1]), form: form)
        }
    }
}

/// One record of a register.
struct FortnoxRecord: FortnoxListed {
    let resource: FortnoxResource
    var values: [String: JSONValue]

    var texts: [String: String] { resource.parameters.mapValues { values.text($0) } }

    var summary: [String: JSONValue] {
        resource.listed.reduce(into: [:]) { row, field in
            let value = values[field.source] ?? .null
            row[field.name] =
                switch field.form {
                case .same: value
                case .textForNull: value.isNull ? "" : value
                case .number: value.isNull ? value : .string(value.text ?? "")
                case .null: JSONValue.null
                }
        }
    }

    func passes(_ filter: String, today: Day) -> Bool {
        switch filter {
        case "active": values.flag("Active")
        case "inactive": !values.flag("Active")
        default: true
        }
    }
}

extension FortnoxResource {
    static let all: [FortnoxResource] = [
        customers, articles, projects, accounts, currencies, voucherSeries, modesOfPayments,
        codes(
            "termsofpayments", "TermsOfPayment", "TermsOfPayments", ["Code", "Description"],
            .notFound(.termsOfPaymentNotFound, "Kan inte hitta betalningsvillkoret.")),
        codes(
            "units", "Unit", "Units", ["Code", "CodeEnglish", "Description"],
            .notFound(.unitNotFound, "Kan inte hitta enheten.")),
        codes(
            "wayofdeliveries", "WayOfDelivery", "WayOfDeliveries", ["Code", "Description", "DescriptionEnglish"],
            .notFound(.entryNotFound, "Kan inte hitta leveranssättet.")),
        codes(
            "termsofdeliveries", "TermsOfDelivery", "TermsOfDeliveries", ["Code", "Description", "DescriptionEnglish"],
            .notFound(.entryNotFound, "Kan inte hitta leveransvillkoret.")),
        codes(
            "pricelists", "PriceList", "PriceLists", ["Code", "Description", "Comments"],
            .notFound(.entryNotFound, "Kan inte hitta prislistan."), scope: "price"),
    ]

    /// Registers of codes with a name.
    private static func codes(
        _ path: String, _ single: String, _ plural: String, _ names: [String], _ missing: FortnoxRefusal,
        scope: String = "settings"
    ) -> FortnoxResource {
        FortnoxResource(
            path: path, single: single, plural: plural, key: "Code",
            fields: FortnoxFields(names.map { .text($0, $0 == "Code" ? 50 : 200) }),
            listed: list(names.joined(separator: " ")), required: ["Code", "Description"], missing: missing,
            scope: scope)
    }

    private static let modesOfPayments = FortnoxResource(
        path: "modesofpayments", single: "ModeOfPayment", plural: "ModesOfPayments", key: "Code",
        fields: FortnoxFields([.text("Code", 50), .text("Description", 200), .text("AccountNumber", 4)]),
        listed: list("Code Description AccountNumber"), required: ["Code", "Description", "AccountNumber"],
        missing: .notFound(.entryNotFound, "Kan inte hitta betalningssättet."), scope: "settings")

    private static let voucherSeries = FortnoxResource(
        path: "voucherseries", single: "VoucherSeries", plural: "VoucherSeriesCollection", key: "Code",
        fields: FortnoxFields([
            .text("Code", 10), .text("Description", 200), .flag("Manual", true), .fixed("Approver", nil),
            .fixed("Year", 1),
        ]),
        listed: list("Code Description Manual Year Approver"), required: ["Code", "Description"],
        missing: .notFound(.seriesUnknown, "Kan inte hitta verifikationsserien."), scope: "bookkeeping")

    private static let currencies = FortnoxResource(
        path: "currencies", single: "Currency", plural: "Currencies", key: "Code",
        fields: FortnoxFields([
            .text("Code", 3), .text("Description", 200), .number("BuyRate", 1), .number("SellRate", 1),
            .number("Unit", 1), .flag("IsAutomatic"), .day("Date"),
        ]),
        listed: list("BuyRate Code Date Description IsAutomatic SellRate Unit"), required: ["Code"],
        missing: .notFound(.currencyUnknown, "Kan inte hitta valutan."), scope: "settings")

    private static let accounts = FortnoxResource(
        path: "accounts", single: "Account", plural: "Accounts", key: "Number",
        fields: FortnoxFields(
            [
                .flag("Active", true), .number("BalanceBroughtForward"), .fixed("BalanceCarriedForward", 0),
                .text("CostCenter", 20, nil), .text("Description", 200), .whole("Number"),
                .anything("OpeningQuantities", nil), .text("Project", 20, nil), .fixed("QuantitySettings", "ALLOWED"),
                .fixed("QuantityUnit", nil), .whole("SRU", 0), .text("TransactionInformation", 100, ""),
                .text("VATCode", 10, nil), .whole("Year", 1),
            ]
                + ["CostCenterSettings", "ProjectSettings", "TransactionInformationSettings"].map {
                    .choice($0, "ALLOWED MANDATORY NOTALLOWED", "ALLOWED")
                }),
        listed: list(
            "Active BalanceBroughtForward CostCenter CostCenterSettings Description Number Project ProjectSettings SRU "
                + "VATCode Year"),
        searchable: FortnoxSearchable("sru", sortings: "number", others: "financialyear financialyeardate"),
        parameters: ["sru": "SRU", "number": "Number"], required: ["Number", "Description"],
        missing: .notFound(.accountMissing, "Kan inte hitta kontot."), scope: "bookkeeping")

    private static let projects = FortnoxResource(
        path: "projects", single: "Project", plural: "Projects", key: "ProjectNumber",
        fields: FortnoxFields([
            .text("Comments", 512, nil), .text("ContactPerson", 50, nil), .text("Description", 50),
            .day("EndDate"), .text("ProjectLeader", 50, nil), .text("ProjectNumber", 20),
            .choice("Status", "NOTSTARTED ONGOING COMPLETED", "ONGOING"), .day("StartDate"),
        ]),
        listed: list("Description EndDate ProjectLeader ProjectNumber Status StartDate"), required: ["Description"],
        isNumbered: true, missing: .notFound(.projectNotFound, "Kan inte hitta projektet."), scope: "project")
}
