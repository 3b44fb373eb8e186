import Domain

/// Files and what they belong to.
extension FortnoxRoutes {
    func inbox(_ company: inout FortnoxCompany) throws(FortnoxRefusal) -> Answer {
        switch (call.method, call.route.count) {
        case ("POST", 1):
            let folder = try folder()
            guard let upload = call.upload, upload.field == "file" else { throw .bodyInvalid }
            let file = try company.upload(upload.name, upload.content, to: folder, at: moment.now)
            return (201, ["File": file.json(moment)])
        case ("GET", 1): return (200, folder(.root, company))
        // A file's own bytes are no JSON: the server answers them.
        case ("GET", 2):
            guard let folder = FortnoxFolder(call.route[1]) else {
                throw .notFound(.fileNotFound, "Kan inte hitta filen.")
            }
            return (200, self.folder(folder, company))
        case ("DELETE", 2):
            try company.removeFile(call.route[1])
            return (204, .null)
        default: throw .noRoute
        }
    }

    /// The folder that a file is uploaded to.
    private func folder() throws(FortnoxRefusal) -> FortnoxFolder {
        var folder = FortnoxFolder.root
        for (name, value) in call.query {
            guard ["path", "folderid"].contains(name.lowercased()) else {
                throw .invalid(.parameterInvalid, "Ogiltig parameter i anropet: \(name.prefix(40)).")
            }
            guard let named = FortnoxFolder(value) else { throw .notFound(.folderNotFound, "Kan inte hitta mappen.") }
            folder = named
        }
        return folder
    }

    private func folder(_ folder: FortnoxFolder, _ company: FortnoxCompany) -> JSONValue {
        [
            "Folder": [
                "@url": .string(moment.url("inbox", folder.id)), "Email": "inbox.1@example.test",
                "Files": .array(company.files(in: folder, moment).map { $0.json(moment) }),
                "Folders": .array(folder == .root ? FortnoxFolder.inbox.map { $0.row(moment) } : []),
                "Id": .string(folder.id), "Name": .string(folder.name),
            ]
        ]
    }

    func fileConnections(_ company: inout FortnoxCompany) throws(FortnoxRefusal) -> Answer {
        switch (call.method, call.route.count) {
        case ("GET", 1):
            let query = try query(FortnoxFileConnection.searchable, company)
            let list = query.answer(
                &company.connections, under: "VoucherFileConnections", path: "voucherfileconnections", moment)
            return (200, list)
        case ("POST", 1):
            let made = try company.connect(payload("VoucherFileConnection"), year: try year(company), moment)
            return (201, ["VoucherFileConnection": made.json(moment)])
        case ("GET", 2):
            return (200, ["VoucherFileConnection": try company.connection(call.route[1]).json(moment)])
        case ("DELETE", 2):
            try company.disconnect(call.route[1])
            return (204, .null)
        default: throw .noRoute
        }
    }

    /// The year that the query names; else the one that was chosen in Fortnox, here the one that today is in.
    private func year(_ company: FortnoxCompany) throws(FortnoxRefusal) -> Int {
        var year = company.financialYear(of: moment.today)?.id
        for (name, value) in call.query {
            switch name {
            case "financialyear": year = Int(value)
            case "financialyeardate": year = Day(value).flatMap { company.financialYear(of: $0)?.id }
            default: throw .invalid(.parameterInvalid, "Ogiltig parameter i anropet: \(name.prefix(40)).")
            }
        }
        guard let year else { throw .invalid(.noFinancialYear, "Räkenskapsår saknas.") }
        return year
    }
}
