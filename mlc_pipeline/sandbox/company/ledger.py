"""The invented chart of accounts, and the categories, tags and taxes of a policy that point to it."""

from dataclasses import dataclass
from typing import Any, Final

from mlc_pipeline.sandbox.company.words import escaped

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Category:
    """A category, the account it should reach, or why it reaches none."""

    name: str
    gl_code: str
    account: str | None
    review: str | None = None


@dataclass(frozen=True, slots=True)
class Tag:
    """A two-level tag with its codes."""

    first: str
    first_code: str
    second: str
    second_code: str

    @property
    def joined(self) -> str:
        """Both levels as `expense.tag` shows them: a colon between, a literal colon escaped."""
        return ":".join(level.replace(":", r"\:") for level in (self.first, self.second))


MILEAGE: Final = Category("Mileage", "6671", "Vehicle Mileage")
PER_DIEM: Final = Category("Per diem", "6680", "Per Diem Allowances")
MAPPED: Final = (
    Category("Meals & Entertainment", "6640", "Meals and Entertainment"),
    Category("Lodging", "6660", "Lodging"),
    Category("Travel", "6670", "Travel Expense"),
    Category("交通費", "6672", "Local Transport 交通費"),
    Category("Büro & Möbel", "6500", "Büroausstattung"),
    Category("Software", "6510", "Software Subscriptions"),
    MILEAGE,
    PER_DIEM,
)
MATCHED_BY_NAME: Final = (
    Category("Office Supplies", "", "Office Supplies"),
    Category("Telephone & Internet", "", "Telephone & Internet"),
)
NOWHERE: Final = (
    Category("Client gifts (old)", "9999", None, "unmapped_category"),
    Category("Team spirit", "", None, "unmapped_category"),
)
UNCATEGORIZED: Final = Category("Uncategorized", "", None, "unmapped_category")
INACTIVE: Final = Category("Conferences", "6690", None, "inactive_account")
CATEGORIES: Final = (*MAPPED, *MATCHED_BY_NAME, *NOWHERE, INACTIVE)

TAGS: Final = (
    Tag("Sales", "S10", "EMEA", "20"),
    Tag("Sales", "S10", "APAC", "30"),
    Tag("Research: Apps", "R20", "EMEA", "20"),
    Tag("Verwaltung & Recht", "V30", "Zürich", "41"),
)

TAX_RATES: Final = ((0, "Exempt", "V0"), (7, "Reduced 7%", "V7"), (20, "Standard", "V20"))

_ACCOUNTS: Final = (
    ("Operating Bank", "1000", "bank", True),
    ("Accounts Payable", "2000", "accounts_payable", True),
    ("Company Credit Card", "2110", "credit_card", True),
    ("Employee Reimbursements Payable", "2120", "other_current_liability", True),
    ("Sales", "4000", "income", True),
    ("Büroausstattung", "6500", "expense", True),
    ("Software Subscriptions", "6510", "expense", True),
    ("Meals and Entertainment", "6640", "expense", True),
    ("Lodging", "6660", "expense", True),
    ("Travel Expense", "6670", "expense", True),
    ("Vehicle Mileage", "6671", "expense", True),
    ("Local Transport 交通費", "6672", "expense", True),
    ("Per Diem Allowances", "6680", "expense", True),
    ("Conference Costs (closed)", "6690", "expense", False),
    ("Office Supplies", "", "expense", True),
    ("Telephone & Internet", "6800", "expense", True),
    ("Suspense", "6999", "expense", True),
)


def chart_of_accounts() -> list[JsonObject]:
    """The accounts of the Zoho Books organization."""
    names = ("account_name", "account_code", "account_type", "is_active")
    return [dict(zip(names, account, strict=True)) for account in _ACCOUNTS]


def accounts_by_category() -> dict[str, str | None]:
    """The account name each category should be posted to."""
    return {category.name: category.account for category in (*CATEGORIES, UNCATEGORIZED)}


def policy_categories() -> list[JsonObject]:
    """The categories as the policy getter answers them; one without a code lacks the key or has it empty."""
    return [_category(category, at) for at, category in enumerate(CATEGORIES)]


def _category(category: Category, at: int) -> JsonObject:
    code = {"glCode": category.gl_code} if category.gl_code or at % 2 else {}
    return {
        "name": escaped(category.name),
        "enabled": category not in NOWHERE,
        "areCommentsRequired": False,
        **code,
    }


def tags_by_level() -> list[JsonObject]:
    """Independent tag levels, one of the two shapes of the policy getter."""
    levels = [[(tag.first, tag.first_code) for tag in TAGS], [(tag.second, tag.second_code) for tag in TAGS]]
    return [
        {"name": name, "tags": [_tag(text, code) for text, code in dict.fromkeys(level)]}
        for name, level in zip(("Department", "Region"), levels, strict=True)
    ]


def tags_joined() -> list[JsonObject]:
    """Dependent tags as `Parent:Child`, the other shape."""
    return [_tag(tag.joined, tag.second_code) for tag in TAGS]


def _tag(name: str, code: str) -> JsonObject:
    return {"name": escaped(name), "enabled": True, "glCode": code}


def tax() -> JsonObject:
    """The tax rates of a policy."""
    rates = [{"rateID": code, "name": name, "rate": rate} for rate, name, code in TAX_RATES]
    return {"name": "VAT", "default": "V20", "rates": rates}
