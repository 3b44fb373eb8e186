import Domain

/// Files in the inbox, and the vouchers that they are tied to.
extension FortnoxCompany {
    mutating func upload(
        _ name: String, _ content: [UInt8], to folder: FortnoxFolder, at now: Instant
    ) throws(FortnoxRefusal) -> FortnoxFile {
        let isPlain = name.unicodeScalars.allSatisfy { $0.value > 31 && !"\\/:*?\"<>|".unicodeScalars.contains($0) }
        guard isPlain, !name.isEmpty else {
            throw .invalid(.fileNameInvalid, "Filnamnet innehåller otillåtna tecken.")
        }
        lastFile += 1
        let file = FortnoxFile(number: lastFile, name: name, folder: folder, content: content, created: now)
        files.append(file)
        return file
    }

    /// What lies in a folder of the inbox: a file that is tied to a voucher has left it.
    func files(in folder: FortnoxFolder, _ moment: FortnoxMoment) -> [FortnoxFile] {
        files.filter {
            $0.folder == folder && connections[$0.id] == nil && $0.created <= moment.now - moment.searchLag
        }
    }

    /// A file of the inbox.
    func file(_ id: String) throws(FortnoxRefusal) -> FortnoxFile {
        guard let file = files.first(where: { $0.id == id }), connections[id] == nil else {
            throw .notFound(.fileNotFound, "Kan inte hitta filen.")
        }
        return file
    }

    mutating func removeFile(_ id: String) throws(FortnoxRefusal) {
        _ = try file(id)
        files.removeAll { $0.id == id }
    }

    // MARK: Connections

    func connection(_ file: String) throws(FortnoxRefusal) -> FortnoxFileConnection {
        guard let connection = connections[file] else {
            throw .notFound(.connectionNotFound, "Kan inte hitta filkopplingen.")
        }
        return connection
    }

    /// Ties a file to the voucher of a year.
    mutating func connect(
        _ payload: JSONValue?, year: Int, _ moment: FortnoxMoment
    ) throws(FortnoxRefusal) -> FortnoxFileConnection {
        let written = try FortnoxFileConnection.header.accepted(payload)
        for name in ["FileId", "VoucherNumber", "VoucherSeries"] where written.text(name).isEmpty {
            throw .invalid(.fieldMissing, "Fältet \(name) måste anges.")
        }
        let id = written.text("FileId")
        if connections[id] != nil { throw .invalid(.fileConnected, "Filen är redan kopplad.") }
        let file = try file(id)
        guard let number = Int(written.text("VoucherNumber")),
            let voucher = vouchers[
                FortnoxVoucherID(series: written.text("VoucherSeries"), number: number, year: year).key]
        else { throw .notFound(.voucherNotFound, "Kan inte hitta verifikationen.") }
        let connection = FortnoxFileConnection(
            file: id, name: settings.namesConnectedFiles ? file.name : nil, voucher: voucher.id,
            description: voucher.description)
        connections.put(connection, id, at: moment.now)
        return connection
    }

    /// The file lies in the inbox again.
    mutating func disconnect(_ file: String) throws(FortnoxRefusal) {
        _ = try connection(file)
        connections.remove(file)
    }
}
