import Domain

/// Which of Tryton's warnings need no person. Pure. Everything that is not on the list does.
struct TrytonConsent: Sendable {
    /// What a warning is about.
    enum Scope: Hashable, Sendable {
        case one, invoices, identifiers

        init(_ warning: TrytonWarning) {
            switch warning.kind {
            case TrytonConsent.defaultTaxes, TrytonConsent.pastTerms: self = .invoices
            case TrytonConsent.uncheckedNumber: self = .identifiers
            default: self = .one
            }
        }
    }

    /// The invoice's taxes are not those its articles suggest: they are the shop's, by the settings' VAT rules.
    static let defaultTaxes = "invoice_taxes"
    /// The payment was due before today: an invoice of last week for an order that is paid.
    static let pastTerms = "invoice_payment_term"
    /// A VAT number has not been looked up at the EU's register yet. One that was, and is invalid, is refused instead.
    static let uncheckedNumber = "account.invoice eu_vat valid"
    /// The invoice is dated after Tryton's today.
    static let future = "invoice_date_future"

    let dates: [Day]
    let now: Instant

    func mayBeGiven(_ warning: TrytonWarning) -> Bool {
        switch warning.kind {
        case Self.defaultTaxes, Self.pastTerms, Self.uncheckedNumber: true
        case Self.future:
            // Tryton's day is its server's. A day that has begun somewhere on earth is no future, only another zone.
            dates.allSatisfy { $0 <= (now + .seconds(14 * 3600)).day(in: .utc) }
        default: false
        }
    }

    /// How Tryton names a warning about one record.
    static func name(_ kind: String, _ model: String, _ id: Int) -> String {
        "\(MD5.hex("\(model),\(id)")).\(kind)"
    }
}

/// The digest that Tryton names warnings by (RFC 1321). Nothing is kept safe by it.
enum MD5 {
    private static let shifts: [UInt32] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]
    private static let sines: [UInt32] = [
        0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613, 0xfd46_9501,
        0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193, 0xa679_438e, 0x49b4_0821,
        0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d, 0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8,
        0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed, 0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a,
        0xfffa_3942, 0x8771_f681, 0x6d9d_6122, 0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70,
        0x289b_7ec6, 0xeaa1_27fa, 0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665,
        0xf429_2244, 0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
        0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb, 0xeb86_d391,
    ]

    static func hex(_ text: String) -> String {
        var message = Array(text.utf8)
        let bits = UInt64(message.count) * 8
        message.append(0x80)
        while message.count % 64 != 56 { message.append(0) }
        for byte in 0..<8 { message.append(UInt8(truncatingIfNeeded: bits >> (8 * UInt64(byte)))) }
        var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]
        for start in stride(from: 0, to: message.count, by: 64) { mix(message[start..<(start + 64)], into: &state) }
        return state.map { word in
            (0..<4).map { byte in
                let digits = String(UInt8(truncatingIfNeeded: word >> (8 * UInt32(byte))), radix: 16)
                return digits.count == 1 ? "0\(digits)" : digits
            }.joined()
        }.joined()
    }

    private static func mix(_ chunk: ArraySlice<UInt8>, into state: inout [UInt32]) {
        let words = stride(from: chunk.startIndex, to: chunk.endIndex, by: 4).map { index in
            (0..<4).reduce(UInt32(0)) { $0 | UInt32(chunk[index + $1]) << (8 * UInt32($1)) }
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        for step in 0..<64 {
            let (value, word): (UInt32, Int)
            switch step / 16 {
            case 0: (value, word) = ((b & c) | (~b & d), step)
            case 1: (value, word) = ((d & b) | (~d & c), (5 * step + 1) % 16)
            case 2: (value, word) = (b ^ c ^ d, (3 * step + 5) % 16)
            default: (value, word) = (c ^ (b | ~d), (7 * step) % 16)
            }
            let sum = a &+ value &+ sines[step] &+ words[word]
            let shift = shifts[step / 16 * 4 + step % 4]
            (a, d, c) = (d, c, b)
            b = b &+ (sum << shift | sum >> (32 - shift))
        }
        state = [state[0] &+ a, state[1] &+ b, state[2] &+ c, state[3] &+ d]
    }
}
