import Domain

extension FortnoxResource {
    static let customers = FortnoxResource(
        path: "customers", single: "Customer", plural: "Customers", key: "CustomerNumber",
        fields: FortnoxFields(
            FortnoxField.texts(
                "Address1 Address2 City Country Comments CostCenter DeliveryAddress1 DeliveryAddress2 DeliveryCity "
                    + "DeliveryCountry DeliveryFax DeliveryName DeliveryPhone1 DeliveryPhone2 ExternalReference Fax "
                    + "InvoiceAdministrationFee InvoiceFreight Phone1 Phone2 VisitingAddress VisitingCity "
                    + "VisitingCountry",
                1024, nil)
                + FortnoxField.texts(
                    "CustomerNumber Email EmailInvoice EmailInvoiceBCC EmailInvoiceCC EmailOffer EmailOfferBCC "
                        + "EmailOfferCC EmailOrder EmailOrderBCC EmailOrderCC InvoiceRemark Name OurReference Project "
                        + "TermsOfDelivery TermsOfPayment WayOfDelivery WWW YourReference")
                + FortnoxField.texts("OrganisationNumber VATNumber", 30)
                + FortnoxField.texts("ZipCode DeliveryZipCode VisitingZipCode", 10, nil)
                + FortnoxField.texts("CountryCode DeliveryCountryCode VisitingCountryCode", 2, nil)
                + [
                    .text("Currency", 3, "SEK"), .flag("Active", true), .text("GLN", 13, nil),
                    .text("GLNDelivery", 13, nil), .number("InvoiceDiscount", nil), .text("PriceList", 10, "A"),
                    .text("SalesAccount", 4, nil), .flag("ShowPriceVATIncluded"),
                    .choice("Type", "PRIVATE COMPANY", "COMPANY"),
                    .choice("VATType", "SEVAT SEREVERSEDVAT EUREVERSEDVAT EUVAT EXPORT", "SEVAT"),
                    .anything("DefaultDeliveryTypes", ["Invoice": "PRINT", "Order": "PRINT", "Offer": "PRINT"]),
                    .anything(
                        "DefaultTemplates",
                        [
                            "Order": "DEFAULTTEMPLATE", "Offer": "DEFAULTTEMPLATE", "Invoice": "DEFAULTTEMPLATE",
                            "CashInvoice": "DEFAULTTEMPLATE",
                        ]),
                ]),
        listed: list(
            "Address1? Address2? City? CustomerNumber Email Name OrganisationNumber Phone=Phone1? ZipCode?"),
        searchable: FortnoxSearchable(
            "customernumber name zipcode city email phone organisationnumber gln glndelivery",
            filters: "active inactive", sortings: "customernumber name"),
        parameters: [
            "customernumber": "CustomerNumber", "name": "Name", "zipcode": "ZipCode", "city": "City", "email": "Email",
            "phone": "Phone1", "organisationnumber": "OrganisationNumber", "gln": "GLN", "glndelivery": "GLNDelivery",
        ],
        required: ["Name"], isNumbered: true, missing: .notFound(.customerNotFound, "Kan inte hitta kunden."),
        used: .invalid(.customerNumberUsed, "Kundnumret används redan."), scope: "customer")

    static let articles = FortnoxResource(
        path: "articles", single: "Article", plural: "Articles", key: "ArticleNumber",
        fields: FortnoxFields(
            FortnoxField.texts("Manufacturer HouseworkType StockPlace", 100, nil)
                + FortnoxField.texts("CostCalculationMethod DefaultStockPoint DefaultStockLocation Unit", 50, nil)
                + ["Bulky", "Housework", "StockGoods", "WebshopArticle", "Expired"].map { .flag($0) }
                + ["Depth", "Height", "Weight", "Width"].map { .whole($0, 0) }
                + ["DirectCost", "FreightCost", "OtherCost"].map { .number($0, nil) }
                + ["PurchasePrice", "QuantityInStock", "StockWarning"].map { .number($0) }
                + [
                    .text("ArticleNumber", 50), .text("Description", 200), .fixed("DisposableQuantity", 0),
                    .text("EAN", 30), .flag("Active", true), .text("ManufacturerArticleNumber", 50),
                    .text("Note", 10_000), .fixed("ReservedQuantity", 0), .fixed("StockValue", 0),
                    .fixed("SupplierName", nil), .text("SupplierNumber", 50, nil), .number("SalesPrice", nil),
                    .choice("Type", "STOCK SERVICE", "STOCK"), .number("VAT", nil), .whole("SalesAccount", 3001),
                    .whole("PurchaseAccount", 4000), .whole("EUAccount", 3108), .whole("EUVATAccount", 3106),
                    .whole("ExportAccount", 3105), .whole("ConstructionAccount", 0), .whole("StockAccount"),
                    .whole("StockChangeAccount"),
                ]),
        listed: list(
            "ArticleNumber Description DisposableQuantity# EAN Housework PurchasePrice# SalesPrice# QuantityInStock# "
                + "ReservedQuantity# StockPlace StockValue# Unit? VAT! WebshopArticle"),
        searchable: FortnoxSearchable(
            "articlenumber description ean suppliernumber manufacturer manufacturerarticlenumber webshop",
            filters: "active inactive", sortings: "articlenumber quantityinstock reservedquantity stockvalue"),
        parameters: [
            "articlenumber": "ArticleNumber", "description": "Description", "ean": "EAN",
            "suppliernumber": "SupplierNumber", "manufacturer": "Manufacturer",
            "manufacturerarticlenumber": "ManufacturerArticleNumber", "webshop": "WebshopArticle",
            "quantityinstock": "QuantityInStock", "reservedquantity": "ReservedQuantity", "stockvalue": "StockValue",
        ],
        required: ["Description"], isNumbered: true,
        missing: .notFound(.articleNotFound, "Kan inte hitta artikeln."),
        used: .invalid(.keyUsed, "Artikelnumret används redan."), scope: "article")
}
