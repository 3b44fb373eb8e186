import Domain

/// A file that was uploaded: it lies in the inbox until it is tied to a voucher.
struct FortnoxFile {
    let number: Int
    let name: String
    /// The folder of the inbox that it was uploaded to.
    let folder: FortnoxFolder
    let content: [UInt8]
    let created: Instant

    /// What file connections name it by.
    var id: String { Self.id("f", number) }
    /// What the other half of Fortnox's API names it by.
    var archiveID: String { Self.id("a", number) }

    private static func id(_ kind: String, _ number: Int) -> String {
        let digits = String(number)
        return "\(kind)0000000-5a4d-4bb0-8000-\(String(repeating: "0", count: max(0, 12 - digits.count)))\(digits)"
    }

    func json(_ moment: FortnoxMoment) -> JSONValue {
        [
            "@url": .string(moment.url("inbox", id)), "ArchiveFileId": .string(archiveID), "Comments": "",
            "Id": .string(id), "Name": .string(name), "Path": .string(folder.path), "Size": JSONValue(content.count),
        ]
    }
}

/// A folder of the inbox: the root, or one of its nine.
struct FortnoxFolder: Hashable {
    let id: String
    let name: String

    /// As files tell it.
    var path: String { self == .root ? "inbox" : id }

    static let root = Self(id: "root", name: "Inbox")

    static let inbox: [Self] = [
        ("inbox_a", "Anläggningsregister"), ("inbox_b", "Bankfiler"), ("inbox_d", "Dagskassor"),
        ("inbox_kf", "Kundfakturor"), ("inbox_l", "Löner"), ("inbox_o", "Order"), ("inbox_of", "Offerter"),
        ("inbox_s", "Leverantörsfakturor"), ("inbox_v", "Verifikationer"),
    ].map { Self(id: $0.0, name: $0.1) }

    private init(id: String, name: String) { (self.id, self.name) = (id, name) }

    /// By id or path, whatever its case.
    init?(_ text: String) {
        let wanted = text.lowercased()
        let all = [.root] + Self.inbox
        guard let folder = all.first(where: { $0.id == wanted || $0.path == wanted }) else { return nil }
        self = folder
    }

    func row(_ moment: FortnoxMoment) -> JSONValue {
        ["@url": .string(moment.url("inbox", id)), "Id": .string(id), "Name": .string(name)]
    }
}

/// That a file belongs to a voucher.
struct FortnoxFileConnection: FortnoxListed {
    let file: String
    /// The file's name, where lists and answers tell it.
    let name: String?
    let voucher: FortnoxVoucherID
    let description: String

    var texts: [String: String] {
        [
            "voucheryear": String(voucher.year), "voucherdescription": description,
            "vouchernumber": String(voucher.number), "voucherseries": voucher.series,
        ]
    }

    var summary: [String: JSONValue] {
        var row: [String: JSONValue] = [
            "FileId": .string(file), "VoucherDescription": .string(description),
            "VoucherNumber": .string(String(voucher.number)), "VoucherSeries": .string(voucher.series),
            "VoucherYear": JSONValue(voucher.year),
        ]
        row["Name"] = name.map { .string($0) }
        return row
    }

    func json(_ moment: FortnoxMoment) -> JSONValue {
        .object(summary.merging(["@url": .string(moment.url("voucherfileconnections", file))]) { $1 })
    }

    static let searchable = FortnoxSearchable("voucheryear voucherdescription vouchernumber voucherseries")

    static let header = FortnoxFields([
        .text("FileId", 100), .text("VoucherNumber", 20), .text("VoucherSeries", 10), .fixed("Name", nil),
        .fixed("VoucherDescription", nil), .fixed("VoucherYear", nil),
    ])
}
