public import Domain

extension FortnoxSandbox {
    /// What can be set up in the company, and how the stand-in behaves.
    public struct Settings: Sendable {
        public var clientID = "sandbox-client"
        public var clientSecret = "sandbox-secret"
        /// Good from the start, once.
        public var firstRefreshToken = "sandbox-refresh-1"
        public var accessTokenLifetime: Duration = .seconds(3600)
        public var refreshTokenLifetime: Duration = .seconds(45 * 24 * 3600)
        public var scope =
            "article invoice settings customer order project payment bookkeeping companyinformation price inbox "
            + "connectfile"
        /// 25 requests in any five seconds; more are answered 429.
        public var limitsRate = true
        /// The documentation allows one search parameter in a call, the recordings of 2023 had two. Refusing finds the
        /// client that relies on more than is promised.
        public var refusesSecondFilter = true
        /// How long a new document is missing from lists.
        public var searchLag: Duration = .zero
        /// Invoices in kronor are rounded to whole ones (`RoundOff`).
        public var roundsToWholeKronor = false
        /// A row with a VAT rate that is not Sweden's needs an account of its own; this only changes the refusal's code.
        public var easyVAT = false
        /// The last day of the locked period.
        public var lockedThrough: Day?
        public var financialYears: [FinancialYear] = FinancialYear.calendarYears(2025...2027)
        /// A person keeps what accounts begin a year with as what the year before came to.
        public var takesBalancesOver = true
        public var accounts: [Account] = Account.standard
        public var articles: [Article] = []
        /// What one unit of a currency costs in kronor.
        public var currencies: [String: ExactDecimal] = [
            "SEK": .one, "EUR": ExactDecimal(11), "USD": ExactDecimal(10), "NOK": .one,
            "DKK": ExactDecimal(units: 15, decimals: 1), "GBP": ExactDecimal(13),
        ]
        /// Terms of payment with their names; a code that begins with digits means so many days.
        public var termsOfPayment = [
            "0": "0 dagar", "10": "10 dagar", "15": "15 dagar", "20": "20 dagar", "30": "30 dagar", "AG": "Autogiro",
            "K": "Kontant", "PF": "Postförskott",
        ]
        public var waysOfDelivery = ["POST": "Postpaket", "HÄMT": "Avhämtning"]
        /// The account that each mode of payment pays into.
        public var modesOfPayment = ["BG": 1930, "PG": 1920, "K": 1910, "KORT": 1580]
        public var hasOrderLicence = true
        /// File connections tell the file's name, which the published description does not promise.
        public var namesConnectedFiles = true
        /// The company's time, for today's date and `lastmodified`.
        public var secondsFromUTC = 3600

        public init() {}

        func allows(_ scope: String) -> Bool { self.scope.split(separator: " ").contains(Substring(scope)) }
    }

    public struct FinancialYear: Sendable, Hashable {
        /// How money that is owed is booked: when it is invoiced, or when it is paid.
        public enum Method: String, Sendable { case accrual = "ACCRUAL", cash = "CASH" }

        public var from: Day
        public var to: Day
        public var method: Method

        public init(from: Day, to: Day, method: Method = .accrual) {
            self.from = from
            self.to = to
            self.method = method
        }

        public static func calendarYears(_ years: ClosedRange<Int>) -> [Self] {
            years.compactMap { year in
                guard let from = Day("\(year)-01-01"), let to = Day("\(year)-12-31") else { return nil }
                return Self(from: from, to: to)
            }
        }

        func contains(_ day: Day) -> Bool { from <= day && day <= to }
    }

    /// An article as a person would enter it.
    public struct Article: Sendable, Hashable {
        public var number: String
        public var name: String
        public var salesAccount: Int
        /// In per cent.
        public var vat: ExactDecimal
        public var price: ExactDecimal?

        public init(
            _ number: String, _ name: String, salesAccount: Int = 3001, vat: ExactDecimal = ExactDecimal(25),
            price: ExactDecimal? = nil
        ) {
            self.number = number
            self.name = name
            self.salesAccount = salesAccount
            self.vat = vat
            self.price = price
        }
    }

    /// An account of the chart.
    public struct Account: Sendable, Hashable {
        public var number: Int
        public var name: String
        public var vatCode: String
        /// The VAT that sales on this account carry, in per cent: what lets a row have a rate that is not Sweden's.
        public var vat: ExactDecimal?
        /// Where that VAT is owed; by default the account of its rate: 2611, 2621 or 2631.
        public var vatAccount: Int?
        public var sru: Int
        public var isActive: Bool

        public init(
            _ number: Int, _ name: String, vatCode: String = "", vat: ExactDecimal? = nil, vatAccount: Int? = nil,
            sru: Int = 0, isActive: Bool = true
        ) {
            self.number = number
            self.name = name
            self.vatCode = vatCode
            self.vat = vat
            self.vatAccount = vatAccount
            self.sru = sru
            self.isActive = isActive
        }

        /// The part of the BAS chart that a web shop needs.
        public static let standard: [Self] = [
            Self(1250, "Datorer", sru: 7215), Self(1510, "Kundfordringar", sru: 7251),
            Self(1580, "Fordringar för kontokort och kuponger", sru: 7261), Self(1910, "Kassa", sru: 7281),
            Self(1920, "PlusGiro", sru: 7281), Self(1930, "Företagskonto", sru: 7281),
            Self(2611, "Utgående moms 25 %", vatCode: "U1", sru: 7369),
            Self(2621, "Utgående moms 12 %", vatCode: "U2", sru: 7369),
            Self(2631, "Utgående moms 6 %", vatCode: "U3", sru: 7369),
            Self(2641, "Ingående moms", vatCode: "I", sru: 7369), Self(2650, "Momsredovisning", sru: 7369),
            Self(2670, "Utgående moms, unionsordningen", sru: 7369),
            sale(3001, "Försäljning 25 %", "MP1", 25),
            sale(3002, "Försäljning 12 %", "MP2", 12),
            sale(3003, "Försäljning 6 %", "MP3", 6),
            sale(3004, "Försäljning momsfri", "MF", 0),
            sale(3105, "Försäljning varor till land utanför EU", "E", 0),
            sale(3106, "Försäljning varor till annat EU-land, momspliktig", "MP1", 25),
            sale(3108, "Försäljning varor till annat EU-land, momsfri", "VTEU", 0),
            sale(3111, "Försäljning Tyskland 19 %", "OSS", 19, owedOn: 2670),
            sale(3112, "Försäljning Tyskland 7 %", "OSS", 7, owedOn: 2670),
            Self(
                3113, "Försäljning Finland 25,5 %", vatCode: "OSS", vat: ExactDecimal(units: 255, decimals: 1),
                vatAccount: 2670, sru: 7410),
            sale(3114, "Försäljning Danmark 25 %", "OSS", 25, owedOn: 2670),
            sale(3231, "Försäljning omvänd betalningsskyldighet", "OMSS", 0),
            sale(3520, "Fakturerade frakter", "MP1", 25),
            sale(3540, "Faktureringsavgifter", "MP1", 25),
            Self(3740, "Öres- och kronutjämning", sru: 7410), Self(3960, "Valutakursvinster", sru: 7410),
            Self(4000, "Inköp av varor", sru: 7511), Self(6064, "Avgifter till betalförmedlare", sru: 7513),
            Self(6351, "Konstaterade förluster på kundfordringar", sru: 7513), Self(6570, "Bankkostnader", sru: 7513),
            Self(6999, "Ej längre i bruk", sru: 7513, isActive: false),
            Self(7960, "Valutakursförluster", sru: 7513),
        ]

        private static func sale(
            _ number: Int, _ name: String, _ vatCode: String, _ vat: Int, owedOn account: Int? = nil
        ) -> Self {
            Self(number, name, vatCode: vatCode, vat: ExactDecimal(vat), vatAccount: account, sru: 7410)
        }
    }
}
