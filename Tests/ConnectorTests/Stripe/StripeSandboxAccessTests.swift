import ConnectorKit
import Domain
import Sandbox
import TestKit
import Testing

/// Keys, parameters, pages, events and faults.
@Suite struct StripeSandboxAccessTests {
    private typealias Bench = StripeSandboxBench

    // MARK: Keys

    @Test func theKeyIsABearersTokenOrABasicUser() async throws {
        try await Bench.open { bench in
            #expect(try await bench.send("payouts").status == 200)
            #expect(try await bench.send("payouts", key: Bench.basic("sk_test_sandbox")).status == 200)
            let wrong = try await bench.send("payouts", key: "Bearer sk_test_51Wrong1234")
            let message = try JSONReader.decode(wrong.body).text("error.message")
            #expect(wrong.status == 401)
            #expect(message == "Invalid API Key provided: sk_test_*******1234")
            #expect(try await bench.refusal("payouts", key: nil) == "401")
        }
    }

    @Test func aRestrictedKeyReadsOnlyWhatItMay() async throws {
        try await Bench.open { bench in
            let key = Bench.basic("rk_test_sandbox")
            let allowed = try await bench.send("balance_transactions", key: key)
            #expect(allowed.status == 200)
            #expect(try await bench.refusal("charges", key: key) == "403")
        }
    }

    @Test func tooManyCallsInASecondAreRefused() async throws {
        var settings = Bench.settings
        settings.limitsRate = true
        settings.callsPerSecond = 3
        try await Bench.open(settings) { bench in
            for _ in 1...3 {
                let reply = try await bench.send("balance")
                #expect(reply.status == 200)
            }
            #expect(try await bench.refusal("balance") == "429 rate_limit")
            bench.clock.advance(by: .seconds(1))
            #expect(try await bench.send("balance").status == 200)
            #expect(bench.stripe.refusedForRate == 1)
        }
    }

    // MARK: Parameters

    @Test(arguments: [
        ("payouts?limit=0", "400 parameter_invalid_integer limit"),
        ("payouts?limit=101", "400 parameter_invalid_integer limit"),
        ("payouts?limit=ten", "400 parameter_invalid_integer limit"),
        ("payouts?created[gte]=yesterday", "400 parameter_invalid_integer created[gte]"),
        ("payouts?created[after]=1", "400 parameter_unknown created[after]"),
        ("payouts?updated[gte]=1", "400 parameter_unknown updated[gte]"),
        ("payouts?page=2", "400 parameter_unknown page"),
        ("payouts?status=", "400 parameter_invalid_empty status"),
        ("payouts?starting_after=po_none", "400 resource_missing starting_after"),
        ("payouts?starting_after=po_a&ending_before=po_b", "400 parameters_exclusive"),
        ("payouts?expand=data.destination", "400 expand"),
        ("payouts?expand[]=destination", "400 expand"),
        ("balance_transactions?payout=po_none", "400 resource_missing payout"),
        ("payouts/po_none", "404 resource_missing id"),
        ("events?type=payout.paid&types[]=payout.failed", "400 type"),
        ("invoices", "404"),
        ("payouts/", "404"),
        ("payouts/po_a/lines", "404"),
    ])
    func aWrongQuestionIsRefusedAsStripeRefusesIt(_ path: String, _ answer: String) async throws {
        try await Bench.open { bench in
            let refusal = try await bench.refusal(path)
            #expect(refusal == answer)
        }
    }

    @Test func nothingIsWrittenThroughTheAPI() async throws {
        try await Bench.open { bench in
            let refusal = try await bench.refusal("payouts", .post)
            #expect(refusal == "404")
        }
    }

    @Test func aVersionThatIsNoneIsRefusedAndAnotherIsAnsweredWithItsName() async throws {
        try await Bench.open { bench in
            let old = try await bench.send("payouts", version: "2023-08-16")
            #expect(old.header("Stripe-Version") == "2023-08-16")
            #expect(try await bench.send("payouts", version: "latest").status == 400)
        }
    }

    // MARK: Pages

    @Test func aWalkInBothDirectionsSeesEveryRecordOnce() async throws {
        try await Bench.open { bench in
            let charges = (1...23).map { bench.stripe.charge(100_00, "sek", at: Bench.day($0 / 4)) }
            #expect(try await bench.ids("charges").count == 10)

            var (down, cursor) = ([String](), "")
            while true {
                let page = try await bench.json("charges?limit=5\(cursor)")
                down += Bench.ids(page)
                guard page["has_more"] == true, let last = down.last else { break }
                cursor = "&starting_after=\(last)"
            }
            #expect(down == charges.reversed())

            var up = [charges[0]]
            while true {
                let page = try await bench.json("charges?limit=5&ending_before=\(up[0])")
                up = Bench.ids(page) + up
                guard page["has_more"] == true else { break }
            }
            #expect(up == charges.reversed())
        }
    }

    @Test func aPayoutsContentIsWalkedInPagesToo() async throws {
        try await Bench.open { bench in
            for _ in 1...12 { bench.stripe.charge(100_00, "sek", at: Bench.start) }
            let payout = try #require(bench.stripe.payOut(at: Bench.day(3)))
            bench.stripe.advance(to: Bench.day(9))
            let first = try await bench.json("balance_transactions?payout=\(payout)&limit=8")
            let last = try #require(Bench.ids(first).last)
            let rest = try await bench.json("balance_transactions?payout=\(payout)&limit=8&starting_after=\(last)")
            #expect(first["has_more"] == true)
            #expect(rest["has_more"] == false)
            #expect(Set(Bench.ids(first) + Bench.ids(rest)).count == 13)
            let charges = try await bench.ids("balance_transactions?payout=\(payout)&type=charge&limit=100")
            #expect(charges.count == 12)
        }
    }

    @Test func spansOfTimeHaveTheirEndsInThemOrNot() async throws {
        try await Bench.open { bench in
            let charges = (0...3).map { bench.stripe.charge(100_00, "sek", at: Bench.day($0)) }
            let second = Bench.day(1).milliseconds / 1000
            let third = Bench.day(2).milliseconds / 1000
            let inside = try await bench.ids("charges?created[gte]=\(second)&created[lte]=\(third)")
            let between = try await bench.ids("charges?created[gt]=\(second)&created[lt]=\(third)")
            #expect(inside == [charges[2], charges[1]])
            #expect(between.isEmpty)
            #expect(try await bench.ids("charges?created=\(third)") == [charges[2]])
            #expect(try await bench.ids("charges?created[gt]=\(third)") == [charges[3]])
        }
    }

    @Test func payoutsAreFoundByStateAndArrival() async throws {
        try await Bench.open { bench in
            bench.stripe.charge(100_00, "sek", at: Bench.start)
            let first = try #require(bench.stripe.payOut(at: Bench.day(3)))
            bench.stripe.charge(100_00, "sek", at: Bench.day(5))
            bench.stripe.fail(first, at: Bench.day(8))
            let second = try #require(bench.stripe.payOut(at: Bench.day(8)))
            bench.stripe.advance(to: Bench.day(20))
            let arrived = Sample.instant("2026-11-10T00:00:00Z").milliseconds / 1000
            #expect(try await bench.ids("payouts?status=failed") == [first])
            #expect(try await bench.ids("payouts?status=paid") == [second])
            #expect(try await bench.ids("payouts?arrival_date[gte]=\(arrived)") == [second])
            #expect(try await bench.ids("payouts") == [second, first])
        }
    }

    // MARK: Shapes

    /// The members of the published samples.
    private static let samples = [
        "payout": "amount application_fee application_fee_amount arrival_date automatic balance_transaction created "
            + "currency description destination failure_balance_transaction failure_code failure_message id livemode "
            + "metadata method object original_payout payout_method reconciliation_status reversed_by source_type "
            + "statement_descriptor status trace_id type",
        "balance_transaction": "amount available_on balance_type created currency description exchange_rate fee "
            + "fee_details id net object reporting_category source status type",
        "charge": "amount amount_captured amount_refunded application application_fee application_fee_amount "
            + "balance_transaction billing_details calculated_statement_descriptor captured created currency customer "
            + "description disputed failure_balance_transaction failure_code failure_message fraud_details id livemode "
            + "metadata object on_behalf_of outcome paid payment_intent payment_method payment_method_details "
            + "receipt_email receipt_number receipt_url refunded refunds review shipping source source_transfer "
            + "statement_descriptor statement_descriptor_suffix status transfer_data transfer_group",
        "refund": "amount balance_transaction charge created currency customer customer_account destination_details id "
            + "metadata object payment_intent payment_method reason receipt_number source_transfer_reversal status "
            + "transfer_reversal",
        "dispute": "amount balance_transactions charge created currency enhanced_eligibility_types evidence "
            + "evidence_details id is_charge_refundable livemode metadata object payment_intent "
            + "payment_method_details reason status",
        "event": "api_version created data id livemode object pending_webhooks request type",
        "balance": "available connect_reserved livemode object pending",
        "payment_intent": "amount amount_capturable amount_details amount_received application "
            + "application_fee_amount automatic_payment_methods canceled_at cancellation_reason capture_method "
            + "client_secret confirmation_method created currency customer customer_account description "
            + "excluded_payment_method_types id last_payment_error latest_charge livemode managed_payments metadata "
            + "next_action object on_behalf_of payment_method payment_method_configuration_details "
            + "payment_method_options payment_method_types processing receipt_email review setup_future_usage shipping "
            + "source statement_descriptor statement_descriptor_suffix status transfer_data transfer_group",
    ]

    @Test func everyRecordHasTheMembersOfItsSample() async throws {
        try await Bench.open { bench in
            let charge = bench.stripe.charge(100_00, "sek", at: Bench.start)
            bench.stripe.refund(charge, 10_00, at: Bench.start)
            bench.stripe.dispute(charge, at: Bench.start)
            bench.stripe.topUp(500_00, at: Bench.start)
            bench.stripe.payOut(at: Bench.day(3))
            let intent = try #require(try await bench.json("charges/\(charge)").text("payment_intent"))
            var seen = [try await bench.json("balance"), try await bench.json("payment_intents/\(intent)")]
            for list in ["payouts", "balance_transactions", "charges", "refunds", "disputes", "events"] {
                seen += try await bench.json(list)["data"]?.array ?? []
            }
            for record in seen {
                guard case .object(let members) = record, let name = record.text("object") else { continue }
                let expected = Set((Self.samples[name] ?? "").split(separator: " ").map(String.init))
                #expect(Set(members.keys) == expected, "\(name)")
            }
            #expect(Set(seen.compactMap { $0.text("object") }) == Set(Self.samples.keys))
        }
    }

    @Test func anAccountTellsItsCurrencyAndCountry() async throws {
        try await Bench.open { bench in
            let account = try await bench.json("account")
            #expect(account.text("default_currency") == "sek")
            #expect(account.text("country") == "SE")
            #expect(account["payouts_enabled"] == true)
        }
    }

    // MARK: Events

    @Test func eventsShowRecordsAsTheyWereThen() async throws {
        try await Bench.open { bench in
            let charge = bench.stripe.charge(100_00, "sek", at: Bench.start)
            bench.stripe.refund(charge, at: Bench.day(1))
            let list = try await bench.json("events?types[]=charge.succeeded&types[]=refund.created")
            #expect(list["data"]?.array?.compactMap { $0.text("type") } == ["refund.created", "charge.succeeded"])
            #expect(list["data"]?[1]?["data"]?["object"]?["amount_refunded"] == 0)
            #expect(try await bench.ids("events?type=charge.*").count == 2)
        }
    }

    @Test func aWebhookIsSignedOverItsTimeAndItsExactBytes() throws {
        var settings = Bench.settings
        settings.webhookSecret = "whsec_test_secret"
        let stripe = StripeSandbox(settings: settings, clock: VirtualClock(Bench.start))
        let body = #"{"id":"evt_1","object":"event","type":"payout.reconciliation_completed"}"#
        let signature = stripe.signature(of: Array(body.utf8), at: Instant(milliseconds: 1_793_520_000_000))
        #expect(
            signature == "t=1793520000,v1=fd88"
                + "4fd9fc3f40c99eb703131d8a6ec003985020a61c145f017cce938cc3964c")

        stripe.charge(100_00, "sek", at: Bench.start)
        let event = try #require(stripe.events.first)
        let call = try #require(stripe.webhook(for: event.id))
        let header = call.headers.first { $0.name == "Stripe-Signature" }?.value
        #expect(header == stripe.signature(of: call.body, at: Bench.start))
        #expect(try JSONReader.decode(call.body).text("data.object.object") == "charge")
        #expect(stripe.webhook(for: "evt_none") == nil)
    }

    @Test func whileASecretIsRolledBothSign() {
        var settings = Bench.settings
        settings.formerWebhookSecret = "whsec_old"
        let stripe = StripeSandbox(settings: settings, clock: VirtualClock(Bench.start))
        let both = stripe.signature(of: [], at: Bench.start).split(separator: ",")
        #expect(both.count == 3)
        #expect(both.dropFirst().allSatisfy { $0.hasPrefix("v1=") })
        #expect(both[1] != both[2])
    }

    // MARK: Faults

    @Test func requestsAreCountedByRouteAndCanBeLost() async throws {
        try await Bench.open { bench in
            bench.stripe.onRequest { $0.number == 2 ? .loseAfter : nil }
            _ = try await bench.send("payouts?limit=1")
            await #expect(throws: TransportFailure.self) { try await bench.send("payouts/po_a") }
            _ = try await bench.send("payouts/po_b")
            #expect(bench.stripe.requests == 3)
            #expect(bench.stripe.requestsByRoute == ["GET payouts": 1, "GET payouts/*": 2])
            #expect(bench.stripe.log.map(\.status) == [200, 404, 404])
            #expect(bench.stripe.log[0].target == "/v1/payouts?limit=1")
        }
    }
}
