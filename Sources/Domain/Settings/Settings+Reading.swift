extension Settings {
    /// Reads the settings of an integration. Problems are left in the reader; `live` and `timeZone` stand beside the groups.
    public init(_ reader: FieldReader, live: Bool, timeZone: TimeZoneName) {
        self.init(
            live: live,
            timeZone: timeZone,
            orders: OrderSettings(reader.group("orders")),
            articles: ArticleSettings(reader.group("articles")),
            fees: reader.list("fees", FeeRule.init),
            tenders: reader.list("tenders", TenderRule.init).unlessEmpty,
            customers: CustomerSettings(reader.group("customers")),
            invoices: InvoiceSettings(reader.group("invoices")),
            shippingMethods: reader.list("shippingMethods", ShippingMethodRule.init),
            paymentMethods: reader.list("paymentMethods", PaymentMethodRule.init),
            vat: VATSettings(reader.group("vat")),
            customFields: reader.list("customFields", CustomFieldRule.init),
            payments: reader.group("payments").ifPresent(PaymentSettings.init)
        )
        reader.refuseUnknownKeys()
    }
}

extension OrderSettings {
    fileprivate init(_ reader: FieldReader) {
        let day = reader.parsed("excludeBefore", "a day like 2026-01-01") { Day($0) }
        if day == nil, reader.string("excludeBefore") == nil {
            reader.report("excludeBefore", "is required: the day you go live; nothing older is ever synced")
        }
        self.init(
            excludeBefore: day ?? Day(unchecked: 9999, 1, 1),
            excludeStatuses: reader.strings("excludeStatuses", default: []),
            includeTestOrders: reader.bool("includeTestOrders", default: false),
            includeZeroValueOrders: reader.bool("includeZeroValueOrders", default: false)
        )
        reader.refuseUnknownKeys()
    }
}

extension ArticleSettings {
    fileprivate init(_ reader: FieldReader) {
        self.init(
            missingSKU: reader.choice("missingSKU", default: MissingSKU.stop),
            placeholder: reader.string("placeholder"),
            rounding: reader.string("rounding"),
            refund: reader.string("refund")
        )
        if missingSKU == .placeholder, placeholder == nil {
            reader.report("placeholder", "is required when missingSKU is placeholder")
        }
        reader.refuseUnknownKeys()
    }
}

extension FeeRule {
    fileprivate init(_ reader: FieldReader) {
        self.init(
            name: reader.requiredString("name"),
            article: reader.requiredString("article"),
            allowNegative: reader.bool("allowNegative", default: false),
            outsideVAT: reader.bool("outsideVAT", default: false) ? true : nil
        )
    }
}

extension TenderRule {
    fileprivate init(_ reader: FieldReader) {
        let ways: [(key: String, shown: (String) -> Shown)] = [
            ("coupon", Shown.coupon), ("fee", Shown.fee), ("field", Shown.field),
        ]
        let shown = ways.compactMap { way in
            reader.string(way.key).flatMap { $0.isEmpty ? nil : way.shown($0) }
        }
        if shown.count != 1 { reader.report("", "needs one of coupon, fee and field: how the shop shows it") }
        self.init(shown: shown.first ?? .coupon(""), article: reader.requiredString("article"))
    }
}

extension CustomerSettings {
    fileprivate init(_ reader: FieldReader) {
        let defaults = CustomerSettings()
        let matchBy = reader.strings("matchBy", default: defaults.matchBy.map(\.rawValue))
        self.init(
            matchBy: matchBy.compactMap(CustomerMatch.init),
            vatNumberFields: reader.strings("vatNumberFields", default: defaults.vatNumberFields),
            organisationNumberFields: reader.strings(
                "organisationNumberFields", default: defaults.organisationNumberFields),
            fallbackName: reader.string("fallbackName", default: defaults.fallbackName)
        )
        for name in matchBy where CustomerMatch(rawValue: name) == nil {
            reader.report("matchBy", "knows organisationNumber and email, not \"\(name)\"")
        }
        reader.refuseUnknownKeys()
    }
}

extension InvoiceSettings {
    fileprivate init(_ reader: FieldReader) {
        self.init(
            trigger: reader.choice("trigger", default: InvoiceTrigger.paid),
            workflow: reader.choice("workflow"),
            automaticBooking: reader.bool("automaticBooking", default: true),
            periodPolicy: reader.choice("periodPolicy", default: PeriodPolicy.wait),
            refunds: reader.choice("refunds"),
            refundsBeforeBooking: reader.choice("refundsBeforeBooking"),
            changesAfterBooking: reader.choice("changesAfterBooking"),
            editsInERP: reader.choice("editsInERP"),
            customerReferenceField: reader.string("customerReferenceField")
        )
        reader.refuseUnknownKeys()
    }
}

extension ShippingMethodRule {
    fileprivate init(_ reader: FieldReader) {
        self.init(
            method: reader.requiredString("method"),
            article: reader.requiredString("article"),
            erpMethod: reader.string("erpMethod")
        )
    }
}

extension PaymentMethodRule {
    fileprivate init(_ reader: FieldReader) {
        self.init(
            method: reader.requiredString("method"),
            terms: reader.string("terms"),
            ownInvoice: reader.bool("ownInvoice", default: false),
            provider: reader.string("provider"),
            paidTo: reader.string("paidTo")
        )
        if provider != nil, paidTo != nil {
            reader.report("paidTo", "is for methods that no report comes of; this one has a provider")
        }
    }
}

extension VATSettings {
    fileprivate init(_ reader: FieldReader) {
        let country = reader.parsed("homeCountry", "an ISO country code like SE") { VATSettings.country($0) }
        if country == nil, reader.string("homeCountry") == nil { reader.report("homeCountry", "is required") }
        self.init(
            homeCountry: country ?? "",
            rules: reader.list("rules", VATRule.init),
            exemptArticles: reader.strings("exemptArticles", default: []),
            voucherArticles: reader.strings("voucherArticles", default: []).unlessEmpty
        )
        for sku in voucherArticles ?? [] where exemptArticles.contains(sku) {
            reader.report("voucherArticles", "\(sku) is among exemptArticles too: it can have one reason only")
        }
        if rules.isEmpty { reader.report("rules", "needs at least one rule") }
        reader.refuseUnknownKeys()
    }

    fileprivate static func country(_ text: String) -> String? {
        text.utf8.count == 2 && text.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
            ? text : nil
    }
}

extension VATRule {
    fileprivate init(_ reader: FieldReader) {
        self.init(
            percent: reader.parsed("percent", "a percentage like 25 or 5.5") { ExactDecimal($0) },
            country: reader.parsed("country", "an ISO country code like SE") { VATSettings.country($0) },
            reason: reader.parsed(
                "reason", "one of " + VATReason.allCases.map(\.rawValue).joined(separator: ", ")
            ) { VATReason(rawValue: $0) },
            tax: reader.requiredString("tax")
        )
        if percent == nil, reason == nil { reader.report("", "needs a percent or a reason") }
    }
}

extension CustomFieldRule {
    fileprivate init(_ reader: FieldReader) {
        self.init(
            from: reader.requiredString("from"),
            to: reader.requiredString("to"),
            label: reader.string("label")
        )
    }
}

extension Array {
    fileprivate var unlessEmpty: Self? { isEmpty ? nil : self }
}
