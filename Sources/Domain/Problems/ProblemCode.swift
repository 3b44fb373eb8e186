/// Every reason for which a record can stop. The raw value is the code that people see, search for and cite.
public enum ProblemCode: String, Hashable, Sendable, Codable, CaseIterable {
    // The record as the shop gave it.
    case recordUnreadable = "RECORD_UNREADABLE"
    case recordTooLarge = "RECORD_TOO_LARGE"
    case amountInvalid = "AMOUNT_INVALID"
    case amountDoesNotFitCurrency = "AMOUNT_DOES_NOT_FIT_CURRENCY"
    case currencyUnknown = "CURRENCY_UNKNOWN"
    case orderDoesNotAddUp = "ORDER_DOES_NOT_ADD_UP"
    case textInvalid = "TEXT_INVALID"
    case recordGone = "RECORD_GONE"
    case orderAnonymised = "ORDER_ANONYMISED"

    // Mapping by the settings.
    case skuMissing = "SKU_MISSING"
    case vatNotMapped = "VAT_NOT_MAPPED"
    case vatReasonMissing = "VAT_REASON_MISSING"
    case shippingMethodNotMapped = "SHIPPING_METHOD_NOT_MAPPED"
    case paymentMethodNotMapped = "PAYMENT_METHOD_NOT_MAPPED"
    case feeNotMapped = "FEE_NOT_MAPPED"
    case negativeFeeNotMapped = "NEGATIVE_FEE_NOT_MAPPED"
    case feeBearsVAT = "FEE_BEARS_VAT"
    case voucherBearsVAT = "VOUCHER_BEARS_VAT"
    case tenderNotSeparable = "TENDER_NOT_SEPARABLE"
    case tenderDoesNotAddUp = "TENDER_DOES_NOT_ADD_UP"
    case customerNotMapped = "CUSTOMER_NOT_MAPPED"
    case roundingTooLarge = "ROUNDING_TOO_LARGE"
    case roundingNotMapped = "ROUNDING_NOT_MAPPED"

    // Payouts.
    case payoutDoesNotAddUp = "PAYOUT_DOES_NOT_ADD_UP"
    case payoutKindNotMapped = "PAYOUT_KIND_NOT_MAPPED"
    case payoutLineNotMatched = "PAYOUT_LINE_NOT_MATCHED"
    case payoutLineForPerson = "PAYOUT_LINE_FOR_PERSON"
    case payoutCurrency = "PAYOUT_CURRENCY"
    case payoutChanged = "PAYOUT_CHANGED"
    case paymentExceedsInvoice = "PAYMENT_EXCEEDS_INVOICE"
    case paymentNotSet = "PAYMENT_NOT_SET"
    case feeNotConfirmed = "FEE_NOT_CONFIRMED"
    case settlementFileUnreadable = "SETTLEMENT_FILE_UNREADABLE"
    case webhookNotSigned = "WEBHOOK_NOT_SIGNED"

    // The ERP.
    case articleNotFound = "ARTICLE_NOT_FOUND"
    case articleAmbiguous = "ARTICLE_AMBIGUOUS"
    case customerAmbiguous = "CUSTOMER_AMBIGUOUS"
    case currencyNotInERP = "CURRENCY_NOT_IN_ERP"
    case countryNotInERP = "COUNTRY_NOT_IN_ERP"
    case taxNotInERP = "TAX_NOT_IN_ERP"
    case termsNotInERP = "TERMS_NOT_IN_ERP"
    case accountNotInERP = "ACCOUNT_NOT_IN_ERP"
    case articleNumberNotAllowed = "ARTICLE_NUMBER_NOT_ALLOWED"
    case tooManyLines = "TOO_MANY_LINES"
    case cashMethodAccounting = "CASH_METHOD_ACCOUNTING"
    case totalsAreRounded = "TOTALS_ARE_ROUNDED"
    case workflowNotSupported = "WORKFLOW_NOT_SUPPORTED"
    case periodClosed = "PERIOD_CLOSED"
    case periodMissing = "PERIOD_MISSING"
    case refusedByERP = "REFUSED_BY_ERP"
    case consentNeeded = "CONSENT_NEEDED"
    case totalDiffers = "TOTAL_DIFFERS"
    case documentConflict = "DOCUMENT_CONFLICT"
    case documentGone = "DOCUMENT_GONE"
    case documentChangedInERP = "DOCUMENT_CHANGED_IN_ERP"

    // The life of an order after booking.
    case changedBeforeBooking = "CHANGED_BEFORE_BOOKING"
    case changedAfterBooking = "CHANGED_AFTER_BOOKING"
    case cancelledAfterBooking = "CANCELLED_AFTER_BOOKING"
    case cancelledAfterDelivery = "CANCELLED_AFTER_DELIVERY"
    case refundNeedsCreditNote = "REFUND_NEEDS_CREDIT_NOTE"
    case refundDoesNotAddUp = "REFUND_DOES_NOT_ADD_UP"
    case refundExceedsInvoice = "REFUND_EXCEEDS_INVOICE"
    case refundNotMapped = "REFUND_NOT_MAPPED"
    case refundNotRead = "REFUND_NOT_READ"
    case refundWithdrawn = "REFUND_WITHDRAWN"

    // Connections and our own working.
    case unauthorised = "UNAUTHORISED"
    case permissionMissing = "PERMISSION_MISSING"
    case tokenLost = "TOKEN_LOST"
    case unreachable = "UNREACHABLE"
    case answerUnreadable = "ANSWER_UNREADABLE"
    case outcomeUnknown = "OUTCOME_UNKNOWN"
    case noProgress = "NO_PROGRESS"
    case internalError = "INTERNAL_ERROR"
}

extension ProblemCode {
    /// What a person reads about a code.
    public struct Entry: Hashable, Sendable {
        public let cause: String
        public let fix: String
    }
}
