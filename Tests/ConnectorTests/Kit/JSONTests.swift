import ConnectorKit
import Domain
import Testing

@Suite struct JSONElementsTests {
    private func split(_ text: String) throws -> [String] {
        let bytes = Array(text.utf8)
        return try JSONElements.split(bytes).map { String(decoding: bytes[$0.range], as: UTF8.self) }
    }

    @Test(arguments: [
        ("[]", []), (" [ ] ", []), ("[{}]", ["{}"]), ("[{\"a\":1},{\"b\":[2,{}]}]", ["{\"a\":1}", "{\"b\":[2,{}]}"]),
        ("\u{FEFF}[{\"a\":\"]},{[\"}]", ["{\"a\":\"]},{[\"}"]), ("[{\"a\":\"\\\"}\"},2]", ["{\"a\":\"\\\"}\"}", "2"]),
        ("[{\"a\": oops +},{\"b\":1}]", ["{\"a\": oops +}", "{\"b\":1}"]),
        ("[{\"a\":\"\\ud83d\"},{\"a\":\"\\q\"}]", ["{\"a\":\"\\ud83d\"}", "{\"a\":\"\\q\"}"]),
    ])
    func elementsAreSplitWhereverBracketsAndQuotesBalance(text: String, elements: [String]) throws {
        #expect(try split(text) == elements)
    }

    @Test(arguments: ["", "<html>[]</html>", "{\"code\":\"x\"}", "null"])
    func whatDoesNotBeginAsAListIsToldApart(text: String) {
        #expect(throws: JSONElements.Failure.notAnArray) { try split(text) }
    }

    @Test(arguments: ["[{}", "[{\"a\":\"b}]", "[{\"a\":[}]", "[,]", "[{}{}]", "[{\"a\":1},"])
    func aListThatIsCutOrUnbalancedIsRefusedAsAWhole(text: String) {
        #expect(throws: JSONElements.Failure.self) { try split(text) }
    }

    @Test func deepNestingIsMarkedAndItsNeighboursStayWhole() throws {
        let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        let bytes = Array("[{\"a\":1},\(deep),{\"b\":2}]".utf8)

        #expect(try JSONElements.split(bytes).map(\.isTooDeep) == [false, true, false])
    }

    @Test(arguments: [
        ("{\"id\":17}", "17"), ("{\"a\":{\"id\":1},\"id\" : \"x9\" , oops", "x9"),
        ("{\"a\":\"\\\"id\\\":5\",\"id\":6}", "6"),
        ("{\"id\":17,\"name\":\"cut", "17"),
    ])
    func anIdIsReadEvenWhenWhatFollowsIsDamaged(text: String, id: String) {
        #expect(JSONElements.text(of: "id", in: Array(text.utf8)[...]) == id)
    }

    @Test(arguments: ["", "[]", "{}", "{\"id\":1.5}", "{\"id\":null}", "{\"id\":{}}", "{\"name\":\"cut", "oops"])
    func anIdThatIsNotThereIsNotMadeUp(text: String) {
        #expect(JSONElements.text(of: "id", in: Array(text.utf8)[...]) == nil)
    }
}

@Suite struct JSONReaderTests {
    private func problem(_ text: String) -> Problem? {
        do throws(Problem) {
            _ = try JSONReader.decode(Array(text.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test func valuesOfEveryKindAreRead() throws {
        let text = #" {"a":[1,-2.50,3e2,true,false,null,"x"],"b":{"c":"\u00e5\ud83e\uddc0\/\n\\"}} "#
        let value = try JSONReader.decode(Array(text.utf8))

        #expect(value["a"]?.array?.compactMap(\.text) == ["1", "-2.5", "300", "true", "false", "x"])
        #expect(value.value(at: "b.c")?.string == "å🧀/\n\\")
    }

    @Test func numbersKeepTheirDigits() throws {
        let value = try JSONReader.decode(Array("[0.1,999.9920000000001,12345678901234567890123456789012345678]".utf8))

        #expect(
            value.array?.compactMap(\.text) == ["0.1", "999.9920000000001", "12345678901234567890123456789012345678"])
    }

    @Test func aNumberThatCannotBeHeldExactlyStaysAsItsText() throws {
        let long = String(repeating: "9", count: 60)
        #expect(try JSONReader.decode(Array("[\(long),1e400]".utf8)) == .array([.string(long), .string("1e400")]))
    }

    @Test(arguments: [
        ("{\"billing\":{\"first_name\":\"A\\u0000B\"}}", "billing.first_name holds a NUL character"),
        ("{\"line_items\":[{\"name\":\"x\\ud83d y\"}]}", "line_items.0.name holds half a character pair"),
        ("{\"a\":\"\\ude00\"}", "a holds half a character pair"),
        ("{\"a\":\"\\ud83d\\u0041\"}", "a holds half a character pair"),
        ("{\"x\\u0000y\":1}", "(a name) holds a NUL character"),
    ])
    func damagedTextIsToldWithItsField(text: String, detail: String) {
        #expect(problem(text) == Problem(.textInvalid, detail))
    }

    @Test func bytesThatAreNotUTF8AreToldWithTheirField() {
        let bytes = Array("{\"city\":\"G".utf8) + [0xF6] + Array("teborg\"}".utf8)
        #expect(throws: Problem(.textInvalid, "city holds bytes that are not UTF-8")) { try JSONReader.decode(bytes) }
    }

    @Test(arguments: [
        "", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[1,]", "[01]", "[+1]", "[1.]", "[.5]", "[NaN]", "tru", "{} x",
        "\"\\q\"", "\"\\u12\"", "\"tab\there\"", "{a:1}", "<html>",
    ])
    func whatIsNotJSONIsUnreadable(text: String) {
        #expect(problem(text)?.code == .recordUnreadable)
    }

    @Test func nestingBeyondTheLimitIsRefusedWithoutRunningOutOfStack() {
        let deep = String(repeating: "[", count: 200_000) + String(repeating: "]", count: 200_000)
        #expect(problem(deep)?.code == .recordUnreadable)
    }

    @Test func aProblemNeverShowsWhatAFieldHolds() {
        let text = problem("{\"billing\":{\"email\":\"zoe@example.test\\u0000\"}}")?.detail ?? ""
        #expect(!text.contains("zoe"))
    }
}

@Suite struct HTMLTextTests {
    @Test(arguments: [
        ("Ost &amp; Kex <b>\"x\"</b>", "Ost & Kex \"x\""), ("a &lt;b&gt; c", "a <b> c"), ("5 < 6 > 4", "5 < 6 > 4"),
        ("&#39;&#x41;&#229;&quot;", "'Aå\""), ("&amp;lt;", "&lt;"), ("R&D; &unknown; &", "R&D; &unknown; &"),
        ("&#0;&#xD800;&#99999999;", "&#0;&#xD800;&#99999999;"), ("<br/>x<!-- y -->", "x"), ("a<", "a<"),
    ])
    func tagsGoAndReferencesBecomeCharacters(html: String, plain: String) {
        #expect(HTMLText.plain(html) == plain)
    }
}
