import ConnectorKit
import Domain

/// Matches customers to Fortnox's, or makes them.
///
/// Fortnox cannot search customers by a reference of ours, and finds only parts of one field. So all customers are
/// listed once and matched on our side, and new ones get a number of our choice, which Fortnox takes only once: two first
/// orders, or a request that arrives late, cannot make two customers.
actor FortnoxCustomers {
    /// A customer that a person made less than this ago may not be matched yet.
    static let listedFor = Duration.seconds(60)

    private let client: FortnoxClient
    private var entries: [String: Entry] = [:]
    private var numbersByEmail: [String: Set<String>] = [:]
    private var numbersByIdentifier: [String: Set<String>] = [:]
    private var listedAt: Instant?

    private struct Entry {
        let email: String?
        let identifier: String?
    }

    init(_ client: FortnoxClient) { self.client = client }

    /// The number that we give a customer.
    static func number(_ reference: ExternalReference) -> String { "W\(reference.fortnoxDigits)" }

    func ensure(_ draft: CustomerDraft, by deadline: Instant) async throws(FortnoxFailure) -> StepOutcome {
        try await list(by: deadline)
        let number = Self.number(draft.reference)
        if entries[number] != nil, let outcome = try await known(number, draft, by: deadline) { return outcome }
        for rule in draft.matchBy {
            let found = matching(draft, rule).sorted()
            if found.count > 1 {
                let text = "customers \(found.joined(separator: ", ")) of Fortnox have the same \(rule.noun)"
                return .rejected(Problem(.customerAmbiguous, text))
            }
            if let number = found.first { return .alreadyThere(Self.document(number)) }
        }
        return try await make(draft, number, by: deadline)
    }

    // MARK: Matching

    private func matching(_ draft: CustomerDraft, _ rule: CustomerMatch) -> Set<String> {
        let identifiers = Self.identifiers(draft)
        switch rule {
        case .organisationNumber:
            return identifiers.reduce(into: []) { $0.formUnion(numbersByIdentifier[$1] ?? []) }
        case .email:
            guard let email = draft.email?.lowercased(), !email.isEmpty else { return [] }
            // One mailbox may order for several companies: a customer with another number is another customer.
            return (numbersByEmail[email] ?? []).filter { number in
                guard let identifier = entries[number]?.identifier else { return true }
                return identifiers.isEmpty || identifiers.contains(identifier)
            }
        }
    }

    private func list(by deadline: Instant) async throws(FortnoxFailure) {
        let now = client.clock.now()
        if let listedAt, now < listedAt + Self.listedFor { return }
        let rows: [FortnoxRow]
        if let listedAt {
            // Fortnox names no zone and keeps Stockholm's time, which is ahead of UTC: this reaches back far enough.
            let since = (listedAt - .seconds(600)).iso8601.prefix(16).replacing("T", with: " ")
            rows = try await client.list(
                "customers", "Customers", [(name: "lastmodified", value: String(since))], by: deadline)
        } else {
            (entries, numbersByEmail, numbersByIdentifier) = ([:], [:], [:])
            rows = try await client.list("customers", "Customers", by: deadline)
        }
        for row in rows {
            guard let number = row.text("CustomerNumber") else { continue }
            add(number, email: row.text("Email"), identifier: row.text("OrganisationNumber"))
        }
        listedAt = now
    }

    private func remove(_ number: String) {
        guard let old = entries.removeValue(forKey: number) else { return }
        old.email.map { _ = numbersByEmail[$0]?.remove(number) }
        old.identifier.map { _ = numbersByIdentifier[$0]?.remove(number) }
    }

    private func add(_ number: String, email: String?, identifier: String?) {
        let entry = Entry(email: email?.lowercased(), identifier: identifier.map(Self.plain))
        remove(number)
        entries[number] = entry
        entry.email.map { _ = numbersByEmail[$0, default: []].insert(number) }
        entry.identifier.map { _ = numbersByIdentifier[$0, default: []].insert(number) }
    }

    // MARK: Making

    private func make(
        _ draft: CustomerDraft, _ number: String, by deadline: Instant
    ) async throws(FortnoxFailure) -> StepOutcome {
        do throws(FortnoxFailure) {
            _ = try await client.write(.post, "customers", "Customer", Self.fields(draft, number), by: deadline)
        } catch .refused(let refusal) where refusal.isNumberTaken {
            // Fortnox gives a number only once, also that of a customer who was deleted.
            return try await known(number, draft, by: deadline)
                ?? .rejected(Problem(.documentGone, "customer \(number) was deleted in Fortnox"))
        } catch {
            throw error
        }
        add(number, email: draft.email, identifier: draft.organisationNumber)
        return .done(Self.document(number))
    }

    /// A customer that has our number already: made by an earlier try, unless its reference says otherwise; `nil`: deleted.
    private func known(
        _ number: String, _ draft: CustomerDraft, by deadline: Instant
    ) async throws(FortnoxFailure) -> StepOutcome? {
        guard let row = try await client.get("customers/\(URLText.encoded(number))", "Customer", by: deadline) else {
            remove(number)
            return nil
        }
        guard row.text("ExternalReference").map({ ExactText($0) }) == ExactText(draft.reference.key) else {
            return .rejected(
                Problem(.documentConflict, "customer \(number) of Fortnox has another reference than ours"))
        }
        guard row.members["Active"]?.bool != false else {
            return .rejected(Problem(.documentGone, "customer \(number) of Fortnox has been deactivated"))
        }
        add(number, email: row.text("Email"), identifier: row.text("OrganisationNumber"))
        return .alreadyThere(Self.document(number))
    }

    private static func document(_ number: String) -> ERPDocument {
        ERPDocument(id: DocumentID(number), number: number, state: .confirmed)
    }

    private static func fields(_ draft: CustomerDraft, _ number: String) -> JSONValue {
        .fields([
            ("CustomerNumber", .string(number)),
            ("Name", .text(draft.name)),
            ("Type", draft.isBusiness ? "COMPANY" : "PRIVATE"),
            ("ExternalReference", .string(draft.reference.key)),
            ("Email", .text(draft.email)),
            ("Phone1", .text(draft.phone)),
            ("OrganisationNumber", .text(draft.organisationNumber, atMost: 30)),
            ("VATNumber", .text(draft.vatNumber, atMost: 30)),
            ("VATType", .string(vatType(draft))),
            ("Address1", .text(draft.address.street.first)),
            ("Address2", .text(draft.address.street.dropFirst().joined(separator: ", "))),
            ("ZipCode", .text(draft.address.postalCode, atMost: 10)),
            ("City", .text(draft.address.city)),
            ("CountryCode", .text(draft.address.country)),
        ])
    }

    /// Which of its VAT rules Fortnox applies; its companies are Swedish.
    private static func vatType(_ draft: CustomerDraft) -> String {
        let country = draft.address.country
        if country.isEmpty || country == "SE" { return "SEVAT" }
        guard EuropeanUnion.contains(country) else { return "EXPORT" }
        return draft.vatNumber == nil ? "EUVAT" : "EUREVERSEDVAT"
    }

    private static func identifiers(_ draft: CustomerDraft) -> Set<String> {
        Set([draft.organisationNumber, draft.vatNumber].compactMap(\.self).map(plain).filter { !$0.isEmpty })
    }

    private static func plain(_ text: String) -> String {
        text.uppercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
    }
}

extension CustomerMatch {
    fileprivate var noun: String {
        switch self {
        case .organisationNumber: "organisation number"
        case .email: "e-mail address"
        }
    }
}
