"""The German entity: monthly periods, VAT of 19 % and 7 %, cost centers that every line needs, US dollars."""

from datetime import date
from typing import Final

from mlc_pipeline.sandbox.company.group.entity import Card, Category, Entity, ReportingTag, TagValue, TaxRate

_COST_CENTERS: Final = ("Vertrieb Nord", "Vertrieb Süd", "Entwicklung", "Verwaltung & Recht")
_PRODUCTS: Final = ("Serie A", "Serie B")

GERMANY: Final = Entity(
    name="germany",
    organization_name="Example Group GmbH",
    organization_id="20034711",
    edition="eu",
    policy_id="BA5EBA1187654321",
    zone="Europe/Berlin",
    currency="EUR",
    period_starts=(date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)),
    end=date(2026, 4, 1),
    reports_per_period=8,
    reimbursable="bill",
    payable_account="",
    accounts=(
        ("Bank", "1200", "bank", True),
        ("Verbindlichkeiten", "1600", "accounts_payable", True),
        ("Abziehbare Vorsteuer 19 %", "1576", "other_current_asset", True),
        ("Abziehbare Vorsteuer 7 %", "1571", "other_current_asset", True),
        ("Firmenkreditkarte", "1730", "credit_card", True),
        ("Verbindlichkeiten gegenüber Mitarbeitern", "1755", "other_current_liability", True),
        ("Bewirtungskosten", "4650", "expense", True),
        ("Reisekosten Übernachtung", "4666", "expense", True),
        ("Reisekosten Fahrt", "4663", "expense", True),
        ("Bürobedarf", "4930", "expense", True),
    ),
    categories=(
        Category("Bewirtung", "4650", "Bewirtungskosten"),
        Category("Hotel", "4666", "Reisekosten Übernachtung"),
        Category("Bahn & Taxi", "4663", "Reisekosten Fahrt"),
        Category("Bürobedarf", "", "Bürobedarf"),
        Category("Geschenke (alt)", "4999", "", "unmapped_category"),
    ),
    cards=(Card("lufthansa.example", "Miles 3333", "Firmenkreditkarte"),),
    foreign_rates_ppm={"USD": 925_926, "CHF": 1_043_210},
    tag_level_names=("Kostenstelle",),
    tag_levels=(
        (*(TagValue(name, "", ("Kostenstelle", name)) for name in _COST_CENTERS),
         TagValue("Werk 9 (geschlossen)", "", None, "unmapped_tag")),
    ),
    report_field=("Kostentraeger Nr", tuple(TagValue(name, "", ("Kostenträger", name)) for name in _PRODUCTS)),
    reporting_tags=(
        ReportingTag(
            "Kostenstelle",
            {
                "Vertrieb": {"Vertrieb Nord": {}, "Vertrieb Süd": {}},
                "Entwicklung": {},
                "Verwaltung & Recht": {},
            },
            is_mandatory=True,
        ),
        ReportingTag("Kostenträger", {name: {} for name in _PRODUCTS}),
    ),
    tax_rates=(
        TaxRate("Vorsteuer 19%", "V19", 19, "USt 19", "Abziehbare Vorsteuer 19 %"),
        TaxRate("Vorsteuer 7%", "V7", 7, "USt 7", "Abziehbare Vorsteuer 7 %"),
        TaxRate("Steuerfrei", "V0", 0, None),
        TaxRate("Vorsteuer 16% (2020)", "V16", 16, None, None, "unmapped_tax"),
    ),
    zoho_taxes={"USt 19": 19, "USt 7": 7},
    configuration={
        "period": {"cadence": "monthly", "start": "2026-01-01", "timezone": "Europe/Berlin"},
        "posting": {"company_card_accounts": {"default": "1730"}},
        "mapping": {
            "tags": {1: {"reporting_tag": "Kostenstelle", "place": "line_item"}},
            "report_fields": {"Kostentraeger_Nr": {"reporting_tag": "Kostenträger", "place": "line_item"}},
            "taxes": {
                "Vorsteuer 19%": {"tax": "USt 19", "account": "1576"},
                "Vorsteuer 7%": {"tax": "USt 7", "account": "1571"},
                "Steuerfrei": "none",
            },
            "employee_number_field": "contact_number",
        },
    },
)  # fmt: skip
