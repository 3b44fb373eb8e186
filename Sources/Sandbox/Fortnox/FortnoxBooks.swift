public import Domain

extension FortnoxSandbox {
    /// What the company's books hold, for comparing with what they should.
    public struct Books: Sendable {
        public struct Row: Sendable, Hashable {
            public let account: Int
            public let debit: ExactDecimal
            public let credit: ExactDecimal
        }

        public struct Voucher: Sendable {
            public let series: String
            public let number: Int
            /// The financial year's id.
            public let year: Int
            public let date: Day
            public let description: String
            public let comments: String
            /// `INVOICE`, `INVOICEPAYMENT` or `MANUAL`.
            public let referenceType: String
            public let referenceNumber: String
            public let rows: [Row]

            public var isBalanced: Bool { rows.map { $0.debit - $0.credit }.reduce(.zero, +).isZero }
        }

        public struct Invoice: Sendable {
            public let number: Int
            public let customer: String
            /// `ExternalInvoiceReference1`.
            public let reference: String
            public let date: Day?
            public let currency: String
            public let net: ExactDecimal
            /// By rate in per cent.
            public let vat: [ExactDecimal: ExactDecimal]
            /// Net by account.
            public let revenue: [Int: ExactDecimal]
            public let roundOff: ExactDecimal
            public let total: ExactDecimal
            public let balance: ExactDecimal
            public let isBooked: Bool
            public let isCancelled: Bool
            public let isCredit: Bool
            /// The invoice that this one credits.
            public let creditOf: Int?
            public let order: Int?
        }

        public struct Order: Sendable {
            public let number: Int
            public let customer: String
            /// `ExternalInvoiceReference1`.
            public let reference: String
            public let total: ExactDecimal
            public let isCancelled: Bool
            public let invoice: Int?
        }

        public struct Payment: Sendable {
            public let number: Int
            public let invoice: Int
            public let date: Day
            /// In kronor.
            public let amount: ExactDecimal
            /// Write-offs by account, in kronor.
            public let writeOffs: [Int: ExactDecimal]
            public let isBooked: Bool
        }

        public struct File: Sendable {
            public let id: String
            public let name: String
            public let content: [UInt8]
            /// The voucher that it is tied to, as `year/series/number`; `nil` while it lies in the inbox.
            public let voucher: String?
        }

        public let customers: [String]
        public let orders: [Order]
        public let invoices: [Invoice]
        public let payments: [Payment]
        public let vouchers: [Voucher]
        public let files: [File]

        init(_ company: FortnoxCompany) {
            customers = company.registers["customers"]?.shelf.all.map { $0.values.text("CustomerNumber") } ?? []
            orders = company.orders.all.map(Order.init)
            invoices = company.invoices.all.map(Invoice.init)
            payments = company.payments.all.map(Payment.init)
            vouchers = company.vouchers.all.map(Voucher.init)
            files = company.files.map { file in
                File(
                    id: file.id, name: file.name, content: file.content,
                    voucher: company.connections[file.id]?.voucher.key)
            }
        }

        /// Debit less credit by account.
        public var balances: [Int: ExactDecimal] {
            vouchers.flatMap(\.rows).reduce(into: [:]) {
                $0[$1.account] = ($0[$1.account] ?? .zero) + $1.debit - $1.credit
            }
        }

        /// Whether debit equals credit in every voucher.
        public var areBalanced: Bool { vouchers.allSatisfy(\.isBalanced) }
    }
}

extension FortnoxSandbox.Books.Voucher {
    init(_ voucher: FortnoxVoucher) {
        self.init(
            series: voucher.id.series, number: voucher.id.number, year: voucher.id.year, date: voucher.date,
            description: voucher.description, comments: voucher.comments, referenceType: voucher.referenceType,
            referenceNumber: voucher.referenceNumber,
            rows: voucher.rows.map { .init(account: $0.account, debit: $0.debit, credit: $0.credit) })
    }
}

extension FortnoxSandbox.Books.Order {
    init(_ order: FortnoxDocument) {
        self.init(
            number: order.number, customer: order.fields.text("CustomerNumber"),
            reference: order.fields.text("ExternalInvoiceReference1"), total: order.totals.total,
            isCancelled: order.isCancelled, invoice: order.invoice)
    }
}

extension FortnoxSandbox.Books.Invoice {
    init(_ invoice: FortnoxDocument) {
        self.init(
            number: invoice.number, customer: invoice.fields.text("CustomerNumber"),
            reference: invoice.fields.text("ExternalInvoiceReference1"), date: invoice.date,
            currency: invoice.currency, net: invoice.totals.net,
            vat: invoice.totals.rates.reduce(into: [:]) { $0[$1.percent] = $1.vat },
            revenue: invoice.totals.revenues.reduce(into: [:]) { $0[$1.account] = ($0[$1.account] ?? .zero) + $1.net },
            roundOff: invoice.totals.roundOff, total: invoice.totals.total, balance: invoice.balance,
            isBooked: invoice.isBooked, isCancelled: invoice.isCancelled, isCredit: invoice.isCredit,
            creditOf: invoice.isCredit ? invoice.creditReference : nil, order: invoice.order)
    }
}

extension FortnoxSandbox.Books.Payment {
    init(_ payment: FortnoxPayment) {
        self.init(
            number: payment.number, invoice: payment.invoice, date: payment.date, amount: payment.amount,
            writeOffs: payment.writeOffs.reduce(into: [:]) { $0[$1.account] = ($0[$1.account] ?? .zero) + $1.kronor },
            isBooked: payment.isBooked)
    }
}
