extension ProblemCode {
    /// Cause and fix of every code. The documentation's catalogue is printed from here.
    public var entry: Entry {
        switch self {
        case .recordUnreadable:
            Entry(
                cause: "The shop's answer for this record is not valid data, or a field it needs is missing.",
                fix:
                    "Open the record in the shop and save it again; then retry. If it stays, report the named field to the shop's developer."
            )
        case .recordTooLarge:
            Entry(
                cause: "The shop's answer for this record is larger than any real order.",
                fix: "Remove the oversized custom fields from the order in the shop, then retry."
            )
        case .amountInvalid:
            Entry(
                cause: "An amount is not a number or is beyond any real order.",
                fix: "Correct the amount on the order in the shop, then retry."
            )
        case .amountDoesNotFitCurrency:
            Entry(
                cause: "An amount has more decimals than its currency has, for instance fractions of a yen.",
                fix:
                    "Set the shop's number of decimals to the currency's, correct the order, then retry. Amounts are never rounded in passing."
            )
        case .currencyUnknown:
            Entry(
                cause: "The order's currency code is not an ISO 4217 currency.",
                fix: "Correct the currency of the order in the shop, then retry."
            )
        case .orderDoesNotAddUp:
            Entry(
                cause: "The order's lines, taxes and total contradict each other by more than rounding explains.",
                fix: "Recalculate the order in the shop, then retry."
            )
        case .textInvalid:
            Entry(
                cause: "A text holds characters that no document can carry, such as NUL or half a character pair.",
                fix: "Type the named field of the order anew in the shop, then retry."
            )
        case .recordGone:
            Entry(
                cause: "The shop no longer has this record.",
                fix: "If it was deleted on purpose, exclude it with a reason. Nothing is credited because of it."
            )
        case .skuMissing:
            Entry(
                cause: "A line has no SKU, so no article can be chosen for it.",
                fix:
                    "Give the product a SKU in the shop and retry, or set articles.missingSKU to a placeholder article."
            )
        case .vatNotMapped:
            Entry(
                cause: "No VAT rule of the settings covers this rate, country and kind of customer.",
                fix: "Add the rule under vat.rules with the ERP's tax, then retry."
            )
        case .vatReasonMissing:
            Entry(
                cause:
                    "A line carries 0 % VAT and nothing says why: no export, no EU business, no exempt article, no voucher.",
                fix:
                    "Name the article under vat.exemptArticles or vat.voucherArticles, or add a 0 % rule with its reason, then retry."
            )
        case .orderAnonymised:
            Entry(
                cause: "The shop removed the buyer's personal data before the order was in the books.",
                fix: "Book it by hand and tell OrderSync with booked-by-hand, or exclude it."
            )
        case .payoutDoesNotAddUp:
            Entry(
                cause: "The lines of the payment provider's report do not come to the payout.",
                fix: "Get the whole report from the provider; nothing of the payout is booked before it adds up."
            )
        case .payoutKindNotMapped:
            Entry(
                cause: "The settings name no account for this kind of line of a payout.",
                fix: "Add the account to the provider's payout settings, then retry."
            )
        case .payoutLineNotMatched:
            Entry(
                cause: "A charge or refund of a payout names no order that is known. It lies on the clearing account.",
                fix:
                    "Read why in `ordersync payouts show`, then match it with `ordersync payouts match`, or sync the order it belongs to."
            )
        case .payoutLineForPerson:
            Entry(
                cause: "A line of a payout was booked to the suspense account, because nobody has said what it is.",
                fix:
                    "Look it up at the provider and move it in the ERP; then settle it with `ordersync payouts settle`."
            )
        case .payoutCurrency:
            Entry(
                cause: "A payout or one of its lines is in another currency than the books or the order.",
                fix: "Have the provider pay out in the currency of the books, or book this one by hand."
            )
        case .payoutChanged:
            Entry(
                cause:
                    "A report of a payout that is booked already says something else than the one it was booked from.",
                fix: "Compare both at the provider; correct the difference in the ERP by hand. Nothing was changed."
            )
        case .paymentExceedsInvoice:
            Entry(
                cause:
                    "More was paid than the invoice asks for, or more is registered as paid than came, by more than the tolerance.",
                fix:
                    "Pay back at the provider what is too much, or book what it is for. What did not come, refund in the shop or charge anew. Until then the difference lies on the clearing account."
            )
        case .paymentNotSet:
            Entry(
                cause: "The payment settings lack what is needed: an account, or who collects a payment method.",
                fix: "Add what is named to the payments or paymentMethods settings."
            )
        case .feeNotConfirmed:
            Entry(
                cause: "Nobody has confirmed how VAT on a provider's fee is to be treated.",
                fix: "Ask the accountant: none, domestic or reverse charge; then set `confirmed: true` at the fee."
            )
        case .settlementFileUnreadable:
            Entry(
                cause: "A settlement file is not what its layout says. Nothing of it is booked.",
                fix:
                    "Export the file from the provider again and leave it as it comes, or correct the layout; the message names line and column. Then import it again."
            )
        case .webhookNotSigned:
            Entry(
                cause: "A call that claims to be from another system does not prove it, or is too old.",
                fix: "Compare the signing secret with the one that system shows, and this machine's clock."
            )
        case .shippingMethodNotMapped:
            Entry(
                cause: "The settings name no article for this shipping method.",
                fix: "Add the method under shippingMethods, or a rule for *, then retry."
            )
        case .paymentMethodNotMapped:
            Entry(
                cause: "The settings do not know this payment method.",
                fix: "Add the method under paymentMethods, then retry."
            )
        case .feeNotMapped:
            Entry(
                cause: "The settings name no article for this fee.",
                fix: "Add the fee under fees, then retry."
            )
        case .negativeFeeNotMapped:
            Entry(
                cause: "A negative fee is a discount, a gift card or a correction; only a person knows which.",
                fix:
                    "If it is a gift card or store credit, add its name under tenders; else under fees with its article and allowNegative: true. Then retry."
            )
        case .feeBearsVAT:
            Entry(
                cause:
                    "The settings say that a fee is outside VAT, and the shop charged VAT on it. A document cannot both leave it out and state the shop's VAT.",
                fix:
                    "Sell the fee without VAT in the shop. Or take outsideVAT from its rule under fees, so that it bears VAT as charged; or, for a negative fee that is a payment, name it under tenders, which puts the VAT back. Then retry."
            )
        case .voucherBearsVAT:
            Entry(
                cause:
                    "An article that the settings name as a multi-purpose voucher was sold with VAT; it would be charged again when the voucher is used.",
                fix:
                    "Set the product's tax to none in the shop and recalculate the order. If the voucher is good for one rate only, take its SKU from vat.voucherArticles: then VAT is due at its sale. Then retry."
            )
        case .tenderNotSeparable:
            Entry(
                cause:
                    "The order's lines were lowered by a gift card and by something else, and the shop does not tell by how much of each.",
                fix:
                    "Let the shop take gift cards and coupons one at a time, or correct the order so that only the gift card's coupon is left; or book it by hand and record that."
            )
        case .tenderDoesNotAddUp:
            Entry(
                cause:
                    "A custom field says how much was paid by gift card, and the order's total was not lowered by that amount.",
                fix:
                    "Correct the field or the total on the order in the shop. If the shop shows the gift card as a coupon or fee too, take the field from the rules under tenders. Then retry."
            )
        case .customerNotMapped:
            Entry(
                cause: "The settings do not allow a customer to be created for this order.",
                fix: "Allow creation under customers, or name a default customer, then retry."
            )
        case .roundingTooLarge:
            Entry(
                cause: "The shop's total differs from its lines and taxes by more than one minor unit per line.",
                fix: "Recalculate the order in the shop, then retry."
            )
        case .roundingNotMapped:
            Entry(
                cause: "The shop's total needs a rounding line and the settings name no article for it.",
                fix: "Set articles.rounding to the ERP's article for rounding differences, then retry."
            )
        case .articleNotFound:
            Entry(
                cause: "The ERP has no article with this code.",
                fix: "Create the article in the ERP or correct the SKU in the shop, then retry."
            )
        case .articleAmbiguous:
            Entry(
                cause: "The ERP has several articles with this code.",
                fix: "Leave one of them with the code, then retry."
            )
        case .customerAmbiguous:
            Entry(
                cause: "The ERP has several customers with this number or e-mail address.",
                fix: "Merge them in the ERP, then retry."
            )
        case .currencyNotInERP:
            Entry(
                cause: "The ERP has no such currency, or no rate for it on the document's day.",
                fix: "Add the currency and its rate in the ERP, then retry."
            )
        case .countryNotInERP:
            Entry(
                cause: "The ERP does not know the address's country.",
                fix: "Add the country in the ERP, then retry."
            )
        case .taxNotInERP:
            Entry(
                cause: "The ERP has no tax of the name that the settings give.",
                fix: "Create the tax in the ERP or correct vat.rules, then retry."
            )
        case .termsNotInERP:
            Entry(
                cause: "The ERP has no payment terms of the name that the settings give.",
                fix: "Create the terms in the ERP or correct the payment method's terms, then retry."
            )
        case .accountNotInERP:
            Entry(
                cause: "The ERP has no active account of the number that the settings or the article name.",
                fix: "Create or activate the account in the ERP, or correct what names it; then retry."
            )
        case .articleNumberNotAllowed:
            Entry(
                cause: "The line's SKU holds characters, or is longer, than an article number of the ERP may be.",
                fix: "Give the product a SKU that the ERP takes, or set articles.missingSKU to placeholder; then retry."
            )
        case .tooManyLines:
            Entry(
                cause: "The order has more lines than a document of the ERP may have.",
                fix: "Split the order in the shop, or book it by hand and record that."
            )
        case .cashMethodAccounting:
            Entry(
                cause: "The ERP keeps its books by the cash method, so booked invoices are no entries of the ledger.",
                fix:
                    "Ask the accountant: switch the financial year to invoice-method accounting, or book only payments."
            )
        case .totalsAreRounded:
            Entry(
                cause: "The ERP rounds invoice totals to whole units of the currency, so they cannot be the shop's.",
                fix: "Switch the rounding of invoices off in the ERP's settings, then retry."
            )
        case .workflowNotSupported:
            Entry(
                cause: "The settings ask for documents that this ERP's connector does not make.",
                fix: "Set invoices.workflow to one that the detail names, or leave it out; then retry."
            )
        case .periodClosed:
            Entry(
                cause: "The ERP's books are closed for the document's date.",
                fix: "Let the accountant decide: open the period, or set periodPolicy to nextOpenDay; then retry."
            )
        case .periodMissing:
            Entry(
                cause: "The ERP has no fiscal period for the document's date.",
                fix: "Create the fiscal year and its periods in the ERP, then retry."
            )
        case .refusedByERP:
            Entry(
                cause: "The ERP refused the document and said why.",
                fix: "Mend what the ERP's message names, then retry."
            )
        case .consentNeeded:
            Entry(
                cause: "The ERP asks for a person's consent before it goes on.",
                fix: "Read the ERP's warning, do the step there or change what it warns of, then retry."
            )
        case .totalDiffers:
            Entry(
                cause: "The ERP's total or VAT for the document is not the shop's. Nothing was booked.",
                fix:
                    "Compare both amounts; mend the article's or tax's rounding in the ERP, delete the draft there, then retry."
            )
        case .documentConflict:
            Entry(
                cause: "The ERP holds a document under this order's reference that differs from it.",
                fix:
                    "Compare it with the order: delete it in the ERP, or record the order as booked by hand; then retry."
            )
        case .documentGone:
            Entry(
                cause: "A document that was made for this order has been deleted or cancelled in the ERP.",
                fix: "Restore it, record the order as booked by hand, or unlink the order so that it is made again."
            )
        case .documentChangedInERP:
            Entry(
                cause: "Somebody changed the document in the ERP after it was made.",
                fix: "Compare it with the order and set it right in the ERP, then retry."
            )
        case .changedBeforeBooking:
            Entry(
                cause:
                    "The order was changed in the shop, and somebody edited the same parts of its unbooked document in the ERP.",
                fix:
                    "Set invoices.editsInERP to shopWins or erpWins, or delete the document in the ERP and unlink the order; then retry."
            )
        case .changedAfterBooking:
            Entry(
                cause:
                    "The order was changed in the shop after its invoice was booked. A booked invoice is never changed.",
                fix:
                    "Decide: ordersync correct credits the invoice and makes a new one, ordersync keep leaves it as it is. Or undo the change in the shop, then retry."
            )
        case .cancelledAfterBooking:
            Entry(
                cause: "The order was cancelled, failed or thrown away in the shop after its invoice was booked.",
                fix:
                    "Take it back with ordersync undo, which credits the invoice, or restore the order in the shop; then retry."
            )
        case .refundNeedsCreditNote:
            Entry(
                cause: "The order was refunded in the shop and its invoice is booked.",
                fix: "Make the credit note for the refund in the ERP and record it here."
            )
        case .cancelledAfterDelivery:
            Entry(
                cause: "The order was cancelled in the shop after it was delivered and its invoice booked.",
                fix: "Refund it in the shop if the goods came back, or set it to completed; then retry."
            )
        case .refundDoesNotAddUp:
            Entry(
                cause: "A refund's lines and amount disagree, or the order's status and its refunds do.",
                fix: "Correct the refunds or the status in the shop, or make the credit note by hand; then retry."
            )
        case .refundExceedsInvoice:
            Entry(
                cause: "Refunds and credit notes of the order come to more than its invoice.",
                fix: "Delete the refund that is too much in the shop, or settle it by hand; then retry."
            )
        case .refundNotMapped:
            Entry(
                cause: "A refund gives an amount back and names no lines, and the settings name no article for that.",
                fix: "Set articles.refund to the ERP's article for such refunds, then retry."
            )
        case .refundNotRead:
            Entry(
                cause: "The shop did not tell what the refund gives back.",
                fix: "Retry; if it comes again, look whether the refund can be opened in the shop."
            )
        case .refundWithdrawn:
            Entry(
                cause: "The refund was deleted or changed in the shop after its credit note was made.",
                fix:
                    "Make the refund again in the shop. Or undo the order, which credits what is left of it, and resume it, which books it anew as the shop shows it now."
            )
        case .unauthorised:
            Entry(
                cause: "The system refused our credentials.",
                fix: "Renew the credentials of the connection; everything that waits for it goes on by itself."
            )
        case .permissionMissing:
            Entry(
                cause: "Our user may not do this in the system.",
                fix: "Give the connection's user the permission that the detail names, then retry."
            )
        case .tokenLost:
            Entry(
                cause:
                    "The connection's token was renewed and the new one was lost before it was kept: the process or the network broke in between. Tokens of this system are good for one renewal.",
                fix: "Authorise the connection again with ordersync authorise. Orders wait meanwhile; none is lost."
            )
        case .unreachable:
            Entry(
                cause: "The system did not answer, over several tries.",
                fix: "See that it runs and can be reached from this server; then retry."
            )
        case .answerUnreadable:
            Entry(
                cause: "The system's answer is not what its interface promises.",
                fix: "See whether a proxy or an update of the system stands between; then retry."
            )
        case .outcomeUnknown:
            Entry(
                cause: "A call's answer was lost, and the system offers no way to find out what became of it.",
                fix: "Look for the document in the ERP; record it as booked by hand if it is there, otherwise retry."
            )
        case .noProgress:
            Entry(
                cause:
                    "The same step was needed again although it had succeeded, or one order needed more than 20 steps.",
                fix: "Look at the task's steps: somebody or something undoes them in the ERP. Then retry."
            )
        case .internalError:
            Entry(
                cause: "OrderSync met a situation it was not made for.",
                fix: "Retry; if it stays, report it with the task's log."
            )
        }
    }
}
