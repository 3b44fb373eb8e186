public import Domain

/// Where a provider's settlement report has what: data, so that another provider, another language of the same report or a
/// merchant's own export needs no code. Columns are named, never counted: providers add, drop and move them.
public struct SettlementLayout: Hashable, Sendable, Codable {
    public var form = SettlementForm()
    /// The provider's own id of a movement; several columns are joined. Rows without one get an id of when, what and how much,
    /// and of `identity`.
    public var id: [SettlementColumn] = []
    /// What tells rows without an id apart, as the file writes it; by default the first column of transaction ids, else that of
    /// order numbers. Every file must have it where no row has an id: without it the same row would get another one.
    public var identity: SettlementColumn?
    /// The provider's word for what a row is.
    public var type: SettlementColumn?
    public var kinds: [SettlementKindRule] = []
    /// When the money moved; the first of these that the header has.
    public var at: [SettlementDateColumn] = []
    public var amounts = SettlementAmounts()
    public var keys = SettlementKeyColumns()
    /// What a row belongs to; the first of these that the file can tell.
    public var payout: [SettlementGrouping] = []
    /// Whether a row that counts and names no payout is bad. Else it is in none yet: left out and counted.
    public var isPayoutNeeded = false
    /// The day the money arrives at the bank; the first of these that the header has.
    public var arrival: [SettlementDateColumn] = []
    /// Rows that are no movements yet, or none at all: left out and counted.
    public var filters: [SettlementFilter] = []
    /// The sums that stand before the rows, where a report has them.
    public var totals: SettlementTotals?
    public var content = Payout.Content.settled
    public var words = SettlementWords()

    public init() {}
}

/// What people are told about a report, where its provider has words of its own for it.
public struct SettlementWords: Hashable, Sendable, Codable {
    /// Why a row that names no payout is left out.
    public var noPayout: String
    /// The report to export where another one has payouts in part.
    public var wholeReport: String

    public init(
        noPayout: String = "in no payout yet", wholeReport: String = "the report that has every payout whole"
    ) {
        self.noPayout = noPayout
        self.wholeReport = wholeReport
    }
}

/// How the file is written.
public struct SettlementForm: Hashable, Sendable, Codable {
    public enum Separator: String, Hashable, Sendable, Codable, CaseIterable {
        case comma, semicolon, tab, pipe

        var byte: UInt8 {
            switch self {
            case .comma: UInt8(ascii: ",")
            case .semicolon: UInt8(ascii: ";")
            case .tab: UInt8(ascii: "\t")
            case .pipe: UInt8(ascii: "|")
            }
        }
    }

    public enum DecimalMark: String, Hashable, Sendable, Codable, CaseIterable { case dot, comma }

    /// What stands between groups of three digits.
    public enum Thousands: String, Hashable, Sendable, Codable, CaseIterable {
        /// None that is known of: `1.000` may be a thousand still, and is not read where its currency has not three decimals.
        case none
        /// None for sure: what follows the decimal mark are decimals, however many.
        case never
        case dot, comma, space, apostrophe
    }

    /// Which part of a date comes first. Dates that begin with the year are read whatever is set here.
    public enum Dates: String, Hashable, Sendable, Codable, CaseIterable {
        case yearFirst = "yyyy-MM-dd"
        case dayFirst = "dd.MM.yyyy"
        case monthFirst = "MM/dd/yyyy"
        case epochSeconds, epochMilliseconds
    }

    public var separator = Separator.comma
    public var encoding = CSVParser.Encoding.utf8
    public var decimalMark = DecimalMark.dot
    public var thousands = Thousands.none
    public var dates = Dates.yearFirst
    /// The header is one of so many first rows; what stands before it are notes.
    public var headerWithin = 1

    public init(
        separator: Separator = .comma, encoding: CSVParser.Encoding = .utf8,
        decimalMark: DecimalMark = .dot,
        thousands: Thousands = .none, dates: Dates = .yearFirst, headerWithin: Int = 1
    ) {
        self.separator = separator
        self.encoding = encoding
        self.decimalMark = decimalMark
        self.thousands = thousands
        self.dates = dates
        self.headerWithin = headerWithin
    }
}

/// The names that a column may have; the first that the header has is it. Case and doubled spaces do not matter.
public struct SettlementColumn: Hashable, Sendable, Codable, ExpressibleByStringLiteral,
    ExpressibleByArrayLiteral
{
    public var names: [String]

    public init(_ names: [String]) { self.names = names }
    public init(stringLiteral name: String) { names = [name] }
    public init(arrayLiteral names: String...) { self.names = names }

    /// For people: `Amount or Gross`.
    public var title: String { names.joined(separator: " or ") }
}

/// A column of dates, or two of date and time, and the zone that times without an offset of their own are in.
public struct SettlementDateColumn: Hashable, Sendable, Codable {
    public enum Zone: Hashable, Sendable, Codable {
        case merchant
        case fixed(TimeZoneName)
        /// Named row by row, by IANA name, abbreviation or offset.
        case column(SettlementColumn)
    }

    public var date: SettlementColumn
    public var time: SettlementColumn?
    public var zone: Zone

    public init(_ date: SettlementColumn, time: SettlementColumn? = nil, zone: Zone = .merchant) {
        self.date = date
        self.time = time
        self.zone = zone
    }
}

/// What tells the payout that a row belongs to.
public enum SettlementGrouping: Hashable, Sendable, Codable {
    /// Its id; several columns are joined. A row without one belongs to no payout yet.
    case column([SettlementColumn])
    /// Rows of one day and currency belong together; without a column it is the day on which the money moved.
    case day(SettlementColumn?)
    /// The totals before the rows.
    case totals
    case wholeFile
}

/// Which rows count, by the words in one column; words are compared without case.
public struct SettlementFilter: Hashable, Sendable, Codable {
    public var column: SettlementColumn
    /// Empty for any.
    public var only: [String]
    public var except: [String]
    /// A file without the column is read whole.
    public var isOptional: Bool

    public init(
        _ column: SettlementColumn, only: [String] = [], except: [String] = [], isOptional: Bool = false
    ) {
        self.column = column
        self.only = only
        self.except = except
        self.isOptional = isOptional
    }
}

/// What a word of the provider's means; the first rule that fits counts, a word without one is of kind `unknown`.
public struct SettlementKindRule: Hashable, Sendable, Codable {
    public enum Sign: String, Hashable, Sendable, Codable, CaseIterable { case positive, negative }

    public enum Use: Hashable, Sendable, Codable {
        case line(PayoutLine.Kind)
        /// The row is the payout itself: what the balance loses by it is what the payout is checked against.
        case payout
        /// No movement, such as a line of sums: left out and counted.
        case ignored
    }

    public var word: String
    /// Of the amount, as the balance sees it; `nil` for any.
    public var sign: Sign?
    public var use: Use

    public init(_ word: String, sign: Sign? = nil, _ use: Use) {
        self.word = word
        self.sign = sign
        self.use = use
    }
}

/// Columns that a line may be matched to its order by. None is needed; a `#` before a number is taken off.
public struct SettlementKeyColumns: Hashable, Sendable, Codable {
    public var transactionIDs: [SettlementColumn]
    public var orderID: SettlementColumn?
    public var orderNumber: SettlementColumn?
    public var invoiceNumber: SettlementColumn?
    /// Taken off order numbers, such as `WC-`.
    public var prefixes: [String]

    public init(
        transactionIDs: [SettlementColumn] = [], orderID: SettlementColumn? = nil,
        orderNumber: SettlementColumn? = nil, invoiceNumber: SettlementColumn? = nil,
        prefixes: [String] = []
    ) {
        self.transactionIDs = transactionIDs
        self.orderID = orderID
        self.orderNumber = orderNumber
        self.invoiceNumber = invoiceNumber
        self.prefixes = prefixes
    }
}
