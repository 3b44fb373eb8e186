import Domain

/// The rows of orders and invoices.
extension FortnoxCompany {
    private static let standardRates: [ExactDecimal: Int] = [
        ExactDecimal(25): 3001, ExactDecimal(12): 3002, ExactDecimal(6): 3003, .zero: 3004,
    ]

    /// Rows as they are kept. Rows that name no `RowId` replace all rows; otherwise those that are named are changed, the
    /// others are deleted, and rows without one are new.
    func rows(
        _ payload: [JSONValue]?, _ document: FortnoxDocument, replacing old: [FortnoxDocumentRow]
    ) throws(FortnoxRefusal) -> [FortnoxDocumentRow] {
        guard let payload else { throw .bodyInvalid }
        guard payload.count <= 500 else { throw .invalid(.tooManyRows, "Högst 500 rader är tillåtna.") }
        let vatType = record("customers", document.fields.text("CustomerNumber"))?.text("VATType") ?? "SEVAT"
        var rows: [FortnoxDocumentRow] = []
        // Where no row bears an id they are matched by their place; where one does, those without are new.
        let isByPlace = payload.allSatisfy { $0["RowId"] == nil }
        for (place, element) in payload.enumerated() {
            let written = try document.kind.row.accepted(element)
            var fields = isByPlace && place < old.count ? old[place].fields : document.kind.row.fallbacks
            if let id = written["RowId"]?.int {
                guard let known = old.first(where: { $0.id == id }) else {
                    throw .invalid(.rowUnknown, "Raden \(id) finns inte.")
                }
                fields = known.fields
            }
            fields.take(written)
            rows.append(FortnoxDocumentRow(fields: try filled(fields, vatType, document.kind)))
        }
        return rows
    }

    private func filled(
        _ written: [String: JSONValue], _ vatType: String, _ kind: FortnoxKind
    ) throws(FortnoxRefusal) -> [String: JSONValue] {
        var row = written
        row["RowId"] = nil
        let number = row.text("ArticleNumber")
        var article: [String: JSONValue] = [:]
        if !number.isEmpty {
            article = try registers["articles"]?.found(number) ?? [:]
            if row.text("Description").isEmpty { row["Description"] = article["Description"] }
            if row.text("Unit").isEmpty { row["Unit"] = .string(article.text("Unit")) }
        }
        let unit = row.text("Unit")
        guard unit.isEmpty || record("units", unit) != nil else {
            throw .invalid(.codeUnknown, "Ogiltigt värde i fältet Unit.")
        }
        let quantities = [row.decimal("DeliveredQuantity"), row.decimal("OrderedQuantity")]
        if number.isEmpty, row.text("Description").isEmpty, quantities.contains(where: { !$0.isZero }) {
            throw .invalid(.rowWithoutText, "En rad med antal måste ha artikelnummer eller benämning.")
        }
        if row.flag("HouseWork"), row.text("HouseWorkType") == "COOKING" {
            throw .invalid(.houseworkEnded, "Skattereduktion för den valda typen av husarbete har upphört.")
        }
        let price = row["Price"]?.decimal ?? article["SalesPrice"]?.decimal ?? .zero
        row["Price"] = JSONValue(price.rounded(decimals: 2))
        let rate = row["VAT"]?.decimal ?? (vatType == "SEVAT" ? article["VAT"]?.decimal : nil) ?? .zero
        row["VAT"] = JSONValue(rate)
        row["AccountNumber"] = JSONValue(try account(row["AccountNumber"]?.int, rate, article, vatType))
        return row
    }

    /// The account that a row's revenue goes to. A rate that is not Sweden's needs one that has this rate.
    private func account(
        _ written: Int?, _ rate: ExactDecimal, _ article: [String: JSONValue], _ vatType: String
    ) throws(FortnoxRefusal) -> Int {
        if let written { try checkAccount(written) }
        if Self.standardRates[rate] == nil {
            guard let written, accounts[written]?.vat == rate else {
                let code: FortnoxCode = settings.easyVAT && written == nil ? .accountNeeded : .rateWithoutAccount
                throw .invalid(code, "Ett konto måste anges för momssatsen \(rate) %.")
            }
            return written
        }
        if let written { return written }
        let field =
            switch vatType {
            case "EUREVERSEDVAT": "EUAccount"
            case "EUVAT": "EUVATAccount"
            case "EXPORT": "ExportAccount"
            case "SEREVERSEDVAT": "ConstructionAccount"
            default: "SalesAccount"
            }
        let account = article[field]?.int ?? 0
        return account == 0 ? Self.standardRates[rate] ?? 3001 : account
    }
}
