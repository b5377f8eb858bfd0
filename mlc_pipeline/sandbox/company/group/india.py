"""The Indian entity: monthly periods, journals only, as its edition wants reverse charge on employees' bills."""

from datetime import date
from typing import Final

from mlc_pipeline.sandbox.company.group.entity import Card, Category, Entity, ReportingTag, TagValue, TaxRate

_COST_CENTRES: Final = (("Delivery", "100"), ("Support", "200"), ("निर्यात", "300"))

INDIA: Final = Entity(
    name="india",
    organization_name="Example Group Private Limited",
    organization_id="60045822",
    edition="in",
    policy_id="C0FFEE0012345678",
    zone="Asia/Kolkata",
    currency="INR",
    period_starts=(date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)),
    end=date(2026, 4, 1),
    reports_per_period=8,
    reimbursable="journal",
    payable_account="Employee Reimbursements",
    accounts=(
        ("Bank", "1000", "bank", True),
        ("Accounts Payable", "2000", "accounts_payable", True),
        ("Input GST", "1410", "other_current_asset", True),
        ("Corporate Card", "2110", "credit_card", True),
        ("Employee Reimbursements", "2120", "other_current_liability", True),
        ("Travelling Expenses", "5100", "expense", True),
        ("Staff Welfare", "5200", "expense", True),
        ("Telephone", "5300", "expense", True),
        ("Hotel Stay", "5400", "expense", True),
    ),
    categories=(
        Category("Travel", "5100", "Travelling Expenses"),
        Category("Meals", "5200", "Staff Welfare"),
        Category("Telephone", "", "Telephone"),
        Category("Hotel", "5400", "Hotel Stay"),
        Category("Festival gifts", "5999", "", "unmapped_category"),
    ),
    cards=(
        Card("hdfc.example", "Corporate 4444", "Corporate Card"),
        Card("other.example", "Unknown 5555", "", "unmapped_card"),
    ),
    foreign_rates_ppm={"USD": 83_333_333, "JPY": 558_333},
    tag_level_names=("Cost Centre",),
    tag_levels=(tuple(TagValue(name, code, ("Cost Centre", name)) for name, code in _COST_CENTRES),),
    reporting_tags=(ReportingTag("Cost Centre", {name: {} for name, _ in _COST_CENTRES}),),
    tax_rates=(
        TaxRate("GST 18%", "G18", 18, "GST18", "Input GST"),
        TaxRate("GST 5% (no credit)", "G5", 5, None),
    ),
    zoho_taxes={"CGST9": 9, "SGST9": 9, "IGST18": 18},
    state_code="KA",
    configuration={
        "period": {"cadence": "monthly", "start": "2026-01-01", "timezone": "Asia/Kolkata"},
        "posting": {
            "reimbursable": "journal",
            "employee_payable_account": "2120",
            "company_card_accounts": {"Corporate 4444": "2110"},
        },
        "mapping": {
            "tags": {1: {"reporting_tag": "Cost Centre", "place": "line_item"}},
            "taxes": {"GST 18%": {"tax": "GST18", "account": "1410"}, "GST 5% (no credit)": "none"},
        },
    },
)
