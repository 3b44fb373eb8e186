import Foundation

/// The one file of a form (`multipart/form-data`).
struct UploadedFile: Sendable {
    let field: String
    let name: String
    let content: [UInt8]

    /// `nil` when the request is no such form.
    init?(_ request: LoopbackRequest) {
        guard let type = request.header("Content-Type"), type.hasPrefix("multipart/form-data"),
            let boundary = type.split(separator: "boundary=").last?.trimmingCharacters(in: ["\""]),
            request.body.starts(with: Array("--\(boundary)\r\n".utf8))
        else { return nil }
        let body = Data(request.body)
        // What follows the head begins with the end of its last line: so does the boundary after a file of no bytes.
        guard let head = body.range(of: Data("\r\n\r\n".utf8)),
            let end = body.range(of: Data("\r\n--\(boundary)--".utf8), in: head.upperBound..<body.endIndex)
        else { return nil }
        let fields = String(decoding: body[..<head.lowerBound], as: UTF8.self)
        guard let field = Self.parameter("name", fields), let name = Self.parameter("filename", fields) else {
            return nil
        }
        self.field = field
        self.name = name
        content = Array(body[head.upperBound..<end.lowerBound])
    }

    private static func parameter(_ name: String, _ head: String) -> String? {
        guard let start = head.range(of: "; \(name)=\"") else { return nil }
        return String(head[start.upperBound...].prefix { $0 != "\"" })
    }
}
