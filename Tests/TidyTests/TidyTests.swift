import Foundation
import Testing

/// Rules of the house that a compiler does not check.
@Suite struct TidyTests {
    private static let sources = SourceTree.files(below: "Sources")
    private static let everything = sources + SourceTree.files(below: "Tests")

    /// What a target may import of ours, and which outside modules have their one home in it.
    private static let arrows: [String: Set<String>] = [
        "Domain": [],
        "ConnectorKit": ["Domain"],
        "Connectors": ["ConnectorKit", "Domain"],
        "Engine": ["ConnectorKit", "Domain"],
        "Storage": ["ConnectorKit", "Domain", "Engine"],
        "Sandbox": ["ConnectorKit", "Domain"],
        "TestKit": ["ConnectorKit", "Domain", "Engine"],
        "App": ["ConnectorKit", "Connectors", "Domain", "Engine", "Sandbox", "Storage"],
    ]

    private static let homes: [String: Set<String>] = [
        "GRDB": ["Storage"], "AsyncHTTPClient": ["ConnectorKit"], "Hummingbird": ["Sandbox"],
        "ArgumentParser": ["App"], "Yams": ["App"], "Logging": ["Engine", "App", "Sandbox"],
        "ServiceLifecycle": ["Engine", "App", "Sandbox"],
    ]

    @Test func importsPointInward() {
        let ours = Set(Self.arrows.keys)
        for file in Self.sources {
            let allowed = Self.arrows[file.target] ?? []
            for module in imports(of: file) {
                if ours.contains(module) {
                    #expect(allowed.contains(module), "\(file.path) imports \(module)")
                }
                if let homes = Self.homes[module] {
                    #expect(homes.contains(file.target), "\(file.path) imports \(module)")
                }
            }
        }
    }

    @Test func everyTargetHasItsArrows() {
        #expect(Set(SourceTree.folders(below: "Sources")) == Set(Self.arrows.keys))
    }

    /// A call and the only files in which it may stand.
    private static let banned: [(call: String, homes: Set<String>)] = [
        ("Date()", ["SystemClock.swift"]),
        ("Date.now", ["SystemClock.swift"]),
        ("UUID()", []),
        ("Task.sleep", ["SystemClock.swift"]),
        ("print(", ["OrderReport.swift", "ExportCommand.swift", "StatusCommand.swift"]),
        ("fatalError(", []),
        ("JSONSerialization", []),
        ("try!", []),
        ("FIXME", []),
        ("TODO", []),
    ]

    @Test(arguments: banned.indices)
    func aBannedCallStandsOnlyInItsHome(_ index: Int) {
        let (call, homes) = Self.banned[index]
        for file in Self.sources where !homes.contains(file.name) {
            for (number, line) in file.lines.enumerated() where isCode(line) && contains(call, in: line) {
                Issue.record("\(file.path):\(number + 1) uses \(call)")
            }
        }
    }

    @Test func noAmountIsABinaryFloat() {
        let money = Self.sources.filter { file in
            file.target == "Domain" && !file.path.contains("/Time/")
                || file.path.contains("Normaliser") || file.path.contains("Invoices") || file.path.contains("Orders")
        }
        for file in money {
            for (number, line) in file.lines.enumerated() where isCode(line) {
                #expect(
                    !line.contains("Double") && !line.contains("Float"),
                    "\(file.path):\(number + 1) uses a binary float")
            }
        }
    }

    @Test func filesAndFunctionsStaySmall() {
        for file in Self.sources {
            #expect(file.lines.count <= 500, "\(file.path) has \(file.lines.count) lines")
            for (name, length) in functions(of: file) {
                #expect(length <= 70, "\(file.path): \(name) has \(length) lines")
            }
        }
    }

    @Test func everyConnectorFolderHasItsPartsAndIsRegistered() {
        let registry = SourceTree.text("Sources/Connectors/AllConnectors.swift")
        let connectors = Self.connectors
        #expect(!connectors.isEmpty)
        for name in connectors {
            for part in ["Connector.swift", "Configuration.swift", "Client.swift", "Wire.swift", "Errors.swift"] {
                #expect(!SourceTree.text("Sources/Connectors/\(name)/\(name)\(part)").isEmpty, "\(name)\(part)")
            }
            #expect(!SourceTree.text("Sources/Connectors/\(name)/README.md").isEmpty, "\(name)/README.md")
            #expect(registry.contains(name), "\(name) is not in AllConnectors.swift")
            #expect(SourceTree.folders(below: "Tests/ConnectorTests").contains(name), "\(name) has no tests")
        }
    }

    @Test func noConnectorNamesAnother() {
        let connectors = Self.connectors
        for file in Self.sources where file.target == "Connectors" {
            let own = String(file.path.split(separator: "/")[2])
            for other in connectors where other != own && connectors.contains(own) {
                #expect(!file.text.contains(other), "\(file.path) names \(other)")
            }
        }
    }

    @Test func theEngineAndItsStoreNameNoConnector() {
        let connectors = Self.connectors
        for file in Self.sources where ["Domain", "ConnectorKit", "Engine", "Storage"].contains(file.target) {
            for connector in connectors {
                for (number, line) in file.lines.enumerated() where isCode(line) {
                    #expect(!line.contains(connector), "\(file.path):\(number + 1) names \(connector)")
                }
            }
        }
    }

    @Test func anUncheckedSendableNamesWhatGuardsIt() {
        for file in Self.everything {
            let lines = file.lines
            for (number, line) in lines.enumerated()
            where isCode(line) && (line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)"))
                && !file.path.hasPrefix("Tests/TidyTests")
            {
                let above = number > 0 ? lines[number - 1].trimmingCharacters(in: .whitespaces) : ""
                #expect(above.hasPrefix("//"), "\(file.path):\(number + 1) needs a comment that names the guard")
            }
        }
    }

    /// Settlement files are data about many systems and no connector to one.
    private static let connectors = SourceTree.folders(below: "Sources/Connectors").filter { $0 != "SettlementFiles" }

    // MARK: Reading source

    private func imports(of file: SourceTree.File) -> [String] {
        file.lines.compactMap { line in
            let words = line.split(separator: " ").filter {
                !["public", "internal", "package", "@testable"].contains($0)
            }
            return words.first == "import" ? words.last.map(String.init) : nil
        }
    }

    private func isCode(_ line: Substring) -> Bool {
        !line.trimmingCharacters(in: .whitespaces).hasPrefix("//")
    }

    private func contains(_ call: String, in line: Substring) -> Bool {
        guard let found = line.range(of: call) else { return false }
        let before = found.lowerBound > line.startIndex ? line[line.index(before: found.lowerBound)] : " "
        return !before.isLetter && before != "."
    }

    /// Functions with the number of their lines, found by indentation, as the formatter guarantees it.
    private func functions(of file: SourceTree.File) -> [(name: String, length: Int)] {
        var found: [(String, Int)] = []
        var open: (name: String, start: Int, indent: Int)?
        for (number, line) in file.lines.enumerated() {
            let indent = line.prefix { $0 == " " }.count
            let text = line.dropFirst(indent)
            if open == nil, text.contains("func ") || text.hasPrefix("init(") || text.contains(" init("), isCode(line) {
                open = (String(text.prefix(60)), number, indent)
            } else if let current = open, text.hasPrefix("}"), indent == current.indent {
                found.append((current.name, number - current.start + 1))
                open = nil
            } else if let current = open, indent < current.indent, !text.isEmpty {
                open = nil
            }
        }
        return found
    }
}
