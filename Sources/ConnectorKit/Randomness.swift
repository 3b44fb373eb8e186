/// Where chance comes from. Injected, so that a test's run can be repeated.
public struct Randomness: Sendable {
    private let next: @Sendable () -> UInt64

    public init(_ next: @escaping @Sendable () -> UInt64) { self.next = next }

    /// The machine's own generator, fit for nonces.
    public static let system = Randomness { UInt64.random(in: .min ... .max) }

    /// In 0 ..< 1.
    public func fraction() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }

    /// 32 hexadecimal digits, new each time.
    public func nonce() -> String { Self.hex(next()) + Self.hex(next()) }

    private static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
