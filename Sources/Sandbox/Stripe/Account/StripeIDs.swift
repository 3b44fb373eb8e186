/// Makes ids that look like Stripe's and are the same in every run. Their order tells nothing, as with the real ones.
struct StripeIDs: Sendable {
    private static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    private var count: UInt64 = 0

    /// `ch_1SbxK0OrdrSyncSE` and nine signs that no other id has.
    mutating func next(_ prefix: String) -> String {
        count += 1
        // An odd factor moves every number below 2^48 to a place of its own.
        var rest = (count &* 0x9E37_79B9_7F4B) & 0xFFFF_FFFF_FFFF
        var signs: [UInt8] = []
        for _ in 0..<9 {
            signs.append(Self.digits[Int(rest % 62)])
            rest /= 62
        }
        return "\(prefix)_1SbxK0OrdrSyncSE" + String(decoding: signs, as: UTF8.self)
    }
}
