import ConnectorKit
import Domain
import Sandbox
import TestKit

@testable import Connectors

/// A sandbox company of its own for each check.
final class FortnoxSubject: ERPSubject {
    private let company: FortnoxSandbox
    private let virtualClock = VirtualClock(FortnoxScene.start, autoAdvance: true)
    private let transport = HTTPTransport()
    private let memory = VolatileMemory()
    private let workflow: InvoiceWorkflow

    static func open(_ workflow: InvoiceWorkflow, _ body: (FortnoxSubject) async throws -> Void) async throws {
        let subject = FortnoxSubject(workflow)
        try await subject.company.start()
        do {
            try await body(subject)
        } catch {
            await subject.close()
            throw error
        }
        await subject.close()
    }

    private init(_ workflow: InvoiceWorkflow) {
        self.workflow = workflow
        company = FortnoxSandbox(settings: FortnoxScene.companySettings, clock: virtualClock)
    }

    private func close() async {
        await company.stop()
        try? await transport.shutdown()
    }

    var clock: any WallClock { virtualClock }
    let shop = Sample.shop
    let secrets = ["sandbox-secret", "sandbox-refresh"]

    var settings: Settings {
        var settings = FortnoxScene.settings
        settings.invoices.workflow = workflow
        return settings
    }

    func order(_ id: String) -> Order {
        var order = Sample.order(id)
        order.customer.email = "buyer-\(id)@example.test"
        return order
    }

    func connector(_ fault: ERPFault?) async throws -> any ERP {
        let way: any Transport =
            fault.map { fault in
                FaultyTransport(transport, fault) { Self.performs($0, fault) }
            } ?? transport
        return connector(way, FortnoxScene.configuration(company), memory)
    }

    func connectorWithWrongCredentials() async throws -> any ERP {
        var configuration = FortnoxScene.configuration(company)
        configuration.clientSecret = Secret("sandbox-secret-that-is-wrong")
        return connector(transport, configuration, VolatileMemory())
    }

    private func connector(
        _ transport: any Transport, _ configuration: FortnoxConfiguration, _ memory: VolatileMemory
    ) -> FortnoxConnector {
        FortnoxConnector(
            configuration,
            ConnectorTools(
                transport: transport, clock: virtualClock, shop: shop, timeZone: Sample.stockholm, memory: memory))
    }

    private static func performs(_ call: HTTPCall, _ fault: ERPFault) -> Bool {
        let path = call.url.split(separator: "/3/").last.map(String.init) ?? ""
        return switch fault.kind {
        case .ensureCustomer: call.method == .post && path == "customers"
        case .createOrder: call.method == .post && path == "orders"
        case .confirmOrder, .offset: false
        case .updateOrder: call.method == .put && path.hasPrefix("orders/") && path.split(separator: "/").count == 2
        case .updateInvoice: call.method == .put && path.hasPrefix("invoices/") && path.split(separator: "/").count == 2
        case .withdraw: path.hasSuffix("/cancel")
        case .createInvoice: (call.method == .post && path == "invoices") || path.hasSuffix("/createinvoice")
        case .createCreditNote: call.method == .post && path == "invoices"
        case .bookInvoice, .bookCreditNote: path.hasSuffix("/bookkeep")
        // A payment is made, and then booked.
        case .registerPayment where fault.call == 0: call.method == .post && path == "invoicepayments"
        case .registerPayment: path.hasPrefix("invoicepayments/") && path.hasSuffix("/bookkeep")
        case .createJournalEntry: call.method == .post && path == "vouchers"
        // A file is uploaded, and then tied to its voucher.
        case .attach where fault.call == 0: call.method == .post && path.hasPrefix("inbox")
        case .attach: call.method == .post && path.hasPrefix("voucherfileconnections")
        }
    }

    func calls(of kind: Step.Kind) -> Int { [.registerPayment, .attach].contains(kind) ? 2 : 1 }

    func held(_ reference: ExternalReference) async throws -> Int {
        let books = company.books
        switch reference.kind {
        case .customer: return books.customers.filter { $0 == FortnoxCustomers.number(reference) }.count
        case .creditNote: return books.invoices.filter { $0.reference == reference.key && $0.isCredit }.count
        case .order: return books.orders.filter { $0.reference == reference.key && !$0.isCancelled }.count
        default:
            let order = ExternalReference(shop: reference.shop, record: reference.record, kind: .order)
            return books.invoices.filter { [reference.key, order.key].contains($0.reference) && !$0.isCancelled }.count
        }
    }

    func heldInAll() async throws -> Int {
        let books = company.books
        return books.customers.count + books.orders.count + books.invoices.count + books.vouchers.count
    }

    func lock(through day: Day?) async throws { company.lock(through: day) }

    // MARK: The ledger

    let accounts = LedgerAccounts(
        clearing: "1580", bank: "1930", fee: "6570", rounding: "3740", gain: "3960", loss: "7960", vat: "2611",
        missing: "9999")

    func balance(_ account: String) async throws -> Money {
        try Money(rounding: Int(account).flatMap { company.books.balances[$0] } ?? .zero, Sample.sek)
    }

    func payments(of document: DocumentID) async throws -> [LedgerEntry] {
        let books = company.books
        return try books.payments.filter { String($0.invoice) == document.text }.map { payment in
            let voucher = books.vouchers.first {
                $0.referenceType == "INVOICEPAYMENT" && $0.referenceNumber == String(payment.number)
            }
            return try voucher.map { try LedgerEntry($0) }
                ?? LedgerEntry(isBooked: payment.isBooked, date: payment.date, text: "", rows: [])
        }
    }

    func entries(_ reference: ExternalReference) async throws -> [LedgerEntry] {
        try company.books.vouchers.filter { $0.comments == reference.key }.map { try LedgerEntry($0) }
    }

    func files(of entry: DocumentID) async throws -> [(name: String, content: [UInt8])] {
        company.books.files.filter { $0.voucher == entry.text }.map { ($0.name, $0.content) }
    }
}

extension LedgerEntry {
    fileprivate init(_ voucher: FortnoxSandbox.Books.Voucher) throws {
        self.init(
            isBooked: true, date: voucher.date, text: voucher.description,
            rows: try voucher.rows.map {
                (String($0.account), try Money(rounding: $0.debit - $0.credit, Sample.sek))
            })
    }
}
