import ConnectorKit
import Domain
import Sandbox
import TestKit
import Testing

/// How the simulated Fortnox behaves, the surprises first.
@Suite struct FortnoxSandboxTests {
    private typealias Bench = FortnoxSandboxBench

    @Test func anInvoiceIsBookedWithItsReceivableItsRevenueAndItsVATByRate() async throws {
        try await Bench.open { bench in
            try await bench.customer()
            let invoice = try await bench.invoice()
            let booked = try await bench.json(.put, "invoices/1/bookkeep")["Invoice"]

            #expect(invoice["Booked"] == false)
            #expect(invoice["Net"]?.text == "254.55")
            #expect(invoice["TotalVAT"]?.text == "51.14")
            #expect(invoice["Total"]?.text == "305.69")
            #expect(booked?["Booked"] == true)
            #expect(booked?["VoucherSeries"] == "B")
            #expect(booked?["VoucherNumber"] == 1)
            #expect(booked?["Balance"]?.text == "305.69")
            #expect(bench.rows() == ["1510 D 305.69", "3001 C 158.4", "3002 C 96.15", "2611 C 39.6", "2621 C 11.54"])
        }
    }
}
