/// A credential. It prints as `***` however it is printed; its text must be asked for by name.
public struct Secret: Hashable, Sendable {
    /// The credential itself, for the one place that sends or signs with it.
    public let revealed: String

    public init(_ text: String) { revealed = text }

    public var isEmpty: Bool { revealed.isEmpty }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "***" }
    public var debugDescription: String { "***" }
    /// `dump` and string interpolation of the enclosing value read the mirror, not the description.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
