import ArgumentParser
import ConnectorKit
import Engine
import Foundation

struct AuthoriseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authorise", abstract: "Let a person allow the connection to the ERP, in a browser.",
        discussion: """
            Prints a page to open. After you agreed there, the browser goes to the redirect address, which may show nothing \
            at all: copy that address from the browser and paste it here.
            """)

    @OptionGroup var common: CommonOptions

    @Option(name: .long, help: "The redirect address as registered with the ERP.")
    var redirect = "http://localhost:8080/authorised"

    func run() async throws {
        try await common.withIntegration(onlyReading: true) { integration, configured in
            guard let erp = integration.erp as? any Authorisable else {
                throw UsageError(
                    "the ERP of \(configured.name) takes no authorisation: its credentials are all it needs")
            }
            let state = Self.unguessable()
            Output.line("Open this page and agree:\n\n  \(erp.authorisationPage(redirect: redirect, state: state))\n")
            Output.line("Then paste the address that the browser was sent to:")
            guard let text = readLine() else { throw UsageError("no address was given") }
            let code = try Self.code(in: text, state: state)
            try await erp.authorise(code: code, redirect: redirect)
            Output.line("\(configured.name) is connected.")
        }
    }

    private static func unguessable() -> String {
        (0..<4).map { _ in String(UInt32.random(in: .min ... .max), radix: 16) }.joined()
    }

    /// The code in a redirected address. `state` shows that the address answers our page and nobody else's.
    static func code(in text: String, state: String) throws -> String {
        let items = URLComponents(string: text.trimmingCharacters(in: .whitespacesAndNewlines))?.queryItems ?? []
        if let refusal = items.first(where: { $0.name == "error" })?.value {
            throw UsageError("it was not allowed: \(refusal.prefix(100))")
        }
        guard let code = items.first(where: { $0.name == "code" })?.value, !code.isEmpty else {
            throw UsageError("the address holds no code: copy all of it, with what follows the question mark")
        }
        if items.first(where: { $0.name == "state" })?.value != state {
            throw UsageError("the address belongs to another attempt: open the page above and agree again")
        }
        return code
    }
}
