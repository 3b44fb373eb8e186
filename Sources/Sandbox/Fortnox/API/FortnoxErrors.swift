import Domain

/// Why Fortnox says no.
///
/// What is not found is told with capitals (`Error`, `Message`, `Code`), everything else without: as recorded.
struct FortnoxRefusal: Error, Hashable {
    let status: Int
    let code: FortnoxCode
    let message: String

    static func invalid(_ code: FortnoxCode, _ message: String) -> Self {
        Self(status: 400, code: code, message: message)
    }

    static func notFound(_ code: FortnoxCode, _ message: String) -> Self {
        Self(status: 404, code: code, message: message)
    }

    /// A path that the API does not have.
    static let noRoute = notFound(.routeUnknown, "Kan inte hitta resursen.")

    static let bodyInvalid = invalid(.bodyInvalid, "Felaktig data i anropet.")

    var body: JSONValue {
        let number = JSONValue.number(ExactDecimal(code.rawValue))
        return status == 404
            ? ["ErrorInformation": ["Error": 1, "Message": .string(message), "Code": number]]
            : ["ErrorInformation": ["error": 1, "message": .string(message), "code": number]]
    }
}

/// The codes of errors. Those from 9000000 on are invented, because what the real API answers there is not known; the README
/// lists them.
enum FortnoxCode: Int {
    case articleNotFound = 2_000_428
    case termsOfPaymentNotFound = 2_000_429
    case unitNotFound = 2_000_432
    case customerNotFound = 2_000_433
    case invoiceNotFound = 2_000_434
    case orderNotFound = 2_000_439
    case filterInvalid = 2_000_587
    case parameterInvalid = 2_000_588
    case customerNumberUsed = 2_000_637
    case noLicenceForScope = 2_001_101
    case projectNotFound = 2_001_161
    case accountMissing = 2_001_304
    case bodyInvalid = 2_001_392
    case fieldUnknown = 2_001_399
    case valueInvalid = 2_002_115
    case alreadyPaid = 2_003_055
    case houseworkEnded = 2_003_157
    case notCompleted = 2_003_498
    case rowWithoutText = 2_003_977
    case accountNeeded = 2_004_167

    case routeUnknown = 9_000_001
    case entryNotFound = 9_000_002
    case keyUsed = 9_000_003
    case fieldMissing = 9_000_004
    case textTooLong = 9_000_005
    case articleNumberInvalid = 9_000_006
    case accountInactive = 9_000_007
    case currencyUnknown = 9_000_008
    case codeUnknown = 9_000_009
    case tooManyRows = 9_000_010
    case rateWithoutAccount = 9_000_011
    case rowUnknown = 9_000_012
    case orderInvoiced = 9_000_020
    case orderCancelled = 9_000_021
    case invoiceBooked = 9_000_030
    case invoiceCancelled = 9_000_031
    case invoiceNotBooked = 9_000_032
    case invoiceCredited = 9_000_033
    case periodLocked = 9_000_034
    case noFinancialYear = 9_000_035
    case paymentNotFound = 9_000_040
    case paymentBooked = 9_000_041
    case paymentBeforeInvoice = 9_000_042
    case currencyDiffers = 9_000_043
    case amountMissing = 9_000_044
    case modeUnknown = 9_000_045
    case voucherNotFound = 9_000_050
    case voucherUnbalanced = 9_000_051
    case seriesUnknown = 9_000_052
    case seriesNotManual = 9_000_053
    case fileNotFound = 9_000_060
    case folderNotFound = 9_000_061
    case fileNameInvalid = 9_000_062
    case fileConnected = 9_000_063
    case connectionNotFound = 9_000_064
}
