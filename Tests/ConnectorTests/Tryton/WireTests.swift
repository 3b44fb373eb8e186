import ConnectorKit
@testable import Connectors
import Domain
import TestKit
import Testing

@Suite struct TrytonWireTests {
    @Test(arguments: ["0.1", "0.3", "2", "1234567.125", "0.000000000001", "999999999999999.999"])
    func `a quantity is written digit for digit, never through a binary float`(_ digits: String) throws {
        let body = try TrytonWire.body("m", [.number(Sample.decimal(digits))])

        #expect(String(decoding: body, as: UTF8.self).contains("\"params\":[\(digits)]"))
    }

    @Test func `amounts and prices go as text with all their digits`() {
        #expect(TrytonWire.decimal(Sample.money("-0.05"))["decimal"] == "-0.05")
        #expect(TrytonWire.decimal(Sample.money("12.50"))["decimal"] == "12.50")
        #expect(TrytonWire.decimal(Sample.decimal("26.6667"))["decimal"] == "26.6667")
    }

    @Test func `days go and come as Tryton's dates`() throws {
        let day = Sample.day("2026-02-03")

        let row = try #require(TrytonRow(["d": TrytonWire.date(day), "n": nil]))

        #expect(row.day("d") == day)
        #expect(row.day("n") == nil)
    }

    @Test func `a request has exactly the keys that Tryton answers in JSON`() throws {
        let body = try JSONReader.decode(TrytonWire.body("model.sale.sale.read", [[1], [:]]))

        guard case .object(let members) = body else { throw Problem(.internalError, "no object") }
        #expect(Set(members.keys) == ["id", "method", "params"])
    }

    @Test(arguments: [
        ("", "d41d8cd98f00b204e9800998ecf8427e"), ("abc", "900150983cd24fb0d6963f7d28e17f72"),
        ("account.invoice,1", "9601eb2379ee3701cec28ab388a5f3c1"),
        (
            "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
            "57edf4a22be3c955ac49da2e2107b67a"
        ),
    ])
    func `warnings are named by the digest that Tryton uses`(_ text: String, _ digest: String) {
        #expect(MD5.hex(text) == digest)
    }

    @Test func `texts are told apart byte by byte`() {
        #expect(ExactText("\u{E9}") != ExactText("e\u{301}"))
        #expect(ExactText("MUG") == ExactText("MUG"))
    }

    @Test func `a configuration names all that is wrong with it, and never the password`() {
        let configuration = TrytonConfiguration(
            url: "tryton.example?x", database: "a/b", username: "me:you", password: Secret("hunter2"), webShop: "",
            timeoutSeconds: 0)

        let problems = configuration.validate()

        #expect(problems.map(\.path) == ["url", "database", "username", "webShop", "timeoutSeconds"])
        #expect(!"\(problems) \(configuration)".contains("hunter2"))
    }
}

@Suite struct TrytonMessageTests {
    @Test(arguments: [
        ("The code on party must be unique.", TrytonRefusal.Kind.duplicateCode, ProblemCode.refusedByERP),
        ("The web ID on the sale must be unique per shop.", .duplicateWebID, .refusedByERP),
        ("You can not call \"post\" on \"INV-1 [R1]\" of \"Account Invoice\".", .wrongState, .refusedByERP),
        ("You are trying to read records \"9\" of \"Account Invoice\" that don't exist.", .wrongState, .refusedByERP),
        (
            "To number the invoice \"(3)\", you must set an invoice date after \"11/22/2026\" because …",
            .dateBeforeSeries, .refusedByERP
        ),
        (
            "To continue, you must reopen the period \"2026-01\" of company \"X\" for the date \"01/02/2026\".", .other,
            .periodClosed
        ),
        (
            "To continue, you must create a period for the date \"01/01/2019\" and company \"X\".", .other,
            .periodMissing
        ),
        (
            "To continue, you must create a fiscal year for the date \"01/01/2019\" and company \"X\".", .other,
            .periodMissing
        ),
        ("No rate found for currency \"EUR\" on \"01/01/2019\".", .other, .currencyNotInERP),
        ("You are not allowed to access \"Sale\".", .other, .permissionMissing),
        (
            "The European VAT Number \"SE1\" for party \"Ann\" is not valid.", .invalidIdentifier("SE1"), .refusedByERP
        ),
        ("The phone number \"12\" for party \"Ann\" is not valid.", .invalidPhone("12"), .refusedByERP),
    ])
    func `a refusal is told by its text`(_ text: String, _ kind: TrytonRefusal.Kind, _ code: ProblemCode) {
        let refusal = TrytonRefusal(message: text)

        #expect(refusal.kind == kind)
        #expect(refusal.problem.code == code)
    }

    @Test(arguments: [
        (
            "The European VAT Number \"SE12\" for party \"Anna Svensson\" is not valid.",
            "The European VAT Number \"…\" for party \"…\" is not valid."
        ),
        (
            "The value \"Storgatan 2, Anna\" for field \"Invoice Address\" in record \"[27]\" of \"Sale\" is not valid.",
            "The value \"…\" for field \"Invoice Address\" in record \"[27]\" of \"Sale\" is not valid."
        ),
        (
            "The field \"Name\" in record \"Anna\" of \"Party\" is required.",
            "The field \"Name\" in record \"…\" of \"Party\" is required."
        ),
        ("You can not call \"post\" on \"INV-1 [R1]\" of \"Account Invoice\".", nil),
        ("Mail to anna@example.test failed.", "Mail to … failed."),
    ])
    func `what leaves the connector names no person`(_ text: String, _ shown: String?) {
        #expect(TrytonMessage.withoutPersonalData(text) == shown ?? text)
    }

    @Test func `only the first line of a message is kept`() {
        #expect(TrytonRefusal(message: "No.\nAnna Svensson").problem.detail == "Tryton says: No.")
    }
}
