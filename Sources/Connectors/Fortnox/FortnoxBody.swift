import Domain
import Foundation

/// What a call carries.
enum FortnoxBody: Sendable {
    case json([String: JSONValue])
    case file(FortnoxUpload)

    var contentType: String {
        switch self {
        case .json: "application/json"
        case .file(let file): "multipart/form-data; boundary=\(file.boundary)"
        }
    }

    var bytes: [UInt8] {
        switch self {
        // Texts, numbers and flags can always be written.
        case .json(let members): (try? JSONEncoder().encode(JSONValue.object(members))).map { Array($0) } ?? []
        case .file(let file): file.form
        }
    }
}

/// A file as a form of one field.
struct FortnoxUpload: Sendable {
    /// Plain signs only: it stands between quotation marks.
    let name: String
    let content: [UInt8]

    /// No content holds its own hash.
    var boundary: String { "ordersync-\(FortnoxHash.digits(of: content, count: 32))" }

    var form: [UInt8] {
        let boundary = boundary
        let head = """
            --\(boundary)\r
            Content-Disposition: form-data; name="file"; filename="\(name)"\r
            Content-Type: application/octet-stream\r
            \r

            """
        return Array(head.utf8) + content + Array("\r\n--\(boundary)--\r\n".utf8)
    }
}
