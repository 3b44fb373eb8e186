/// What a document is made up of, as far as a change of one part says nothing about the others.
public enum DocumentPart: String, Hashable, Sendable, Codable, CodingKeyRepresentable, CaseIterable {
    /// Lines with their VAT, and the total.
    case lines
    case customer
    case addresses
    case payment
    /// Notes, references and fields that the settings name.
    case texts
}
