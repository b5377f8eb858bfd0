"""Zoho Books' reference data as frozen values: only what we read of it, ids as strings.

Property names are those of Zoho's OpenAPI files. A text that Zoho left out is "".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Self

from mlc_pipeline.zoho.fields import Row, amount, count, flag, identifier, instant, rows, text


@dataclass(frozen=True, slots=True)
class Organization:
    """A company's books. `edition` is the country version ("us", "india", ...), "" where Zoho does not say."""

    organization_id: str
    name: str
    is_active: bool
    currency_id: str
    currency_code: str
    price_precision: int
    edition: str

    @classmethod
    def read(cls, row: Row) -> Self:
        """From a row of `GET /organizations`."""
        return cls(
            organization_id=identifier(row, "organization_id"),
            name=text(row, "name"),
            is_active=flag(row, "is_org_active", absent=True),
            currency_id=text(row, "currency_id"),
            currency_code=text(row, "currency_code"),
            price_precision=count(row, "price_precision", absent=2),
            edition=text(row, "version"),
        )


@dataclass(frozen=True, slots=True)
class User:
    """The person whose consent the connection uses."""

    user_id: str
    name: str
    email: str
    role: str
    status: str

    @classmethod
    def read(cls, row: Row) -> Self:
        """From `GET /users/me`."""
        emails = rows(row, "email_ids")
        selected = [email for email in emails if email.get("is_selected") is True] or emails
        return cls(
            user_id=identifier(row, "user_id"),
            name=text(row, "name"),
            email=text(selected[0], "email") if selected else "",
            role=text(row, "user_role"),
            status=text(row, "status"),
        )


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the chart of accounts; `code` is "" where none is set, and need not be unique."""

    account_id: str
    name: str
    code: str
    type: str
    is_active: bool

    @classmethod
    def read(cls, row: Row) -> Self:
        """From a row of `GET /chartofaccounts`."""
        return cls(
            account_id=identifier(row, "account_id"),
            name=text(row, "account_name"),
            code=text(row, "account_code"),
            type=text(row, "account_type"),
            is_active=flag(row, "is_active", absent=True),
        )


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency the organization uses; `price_precision` is its number of decimals in Zoho.

    `exchange_rate` is the present one: units of the organization's own currency for one of this.
    """

    currency_id: str
    code: str
    price_precision: int
    is_base: bool
    exchange_rate: Decimal | None

    @classmethod
    def read(cls, row: Row) -> Self:
        """From a row of `GET /settings/currencies`."""
        return cls(
            currency_id=identifier(row, "currency_id"),
            code=text(row, "currency_code"),
            price_precision=count(row, "price_precision", absent=2),
            is_base=flag(row, "is_base_currency", absent=False),
            exchange_rate=amount(row, "exchange_rate"),
        )


@dataclass(frozen=True, slots=True)
class Vendor:
    """A contact of type vendor; `email` is that of the primary contact person.

    The contact number and the custom fields (by API name) are documented for a contact, but not in the list of
    contacts: they are read where Zoho lists them, and empty where not.
    """

    vendor_id: str
    name: str
    email: str
    status: str
    contact_type: str
    currency_id: str
    currency_code: str
    contact_number: str = ""
    custom_fields: Mapping[str, str] = field(default_factory=dict)
    last_modified: datetime | None = None

    @property
    def contact_id(self) -> str:
        """The vendor's id, which is that of the contact."""
        return self.vendor_id

    @property
    def is_active(self) -> bool:
        """True unless Zoho lists the vendor as inactive."""
        return self.status in ("", "active")

    @classmethod
    def read(cls, row: Row) -> Self:
        """From a row of `GET /contacts`, or the contact that `POST /contacts` answers with."""
        return cls(
            vendor_id=identifier(row, "contact_id"),
            name=text(row, "contact_name"),
            email=text(row, "email") or _primary_email(row),
            status=text(row, "status"),
            contact_type=text(row, "contact_type"),
            currency_id=text(row, "currency_id"),
            currency_code=text(row, "currency_code"),
            contact_number=text(row, "contact_number"),
            custom_fields=_custom_fields(row),
            last_modified=instant(row, "last_modified_time"),
        )


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax or tax group; `percentage` as a number of percent."""

    tax_id: str
    name: str
    percentage: Decimal | None
    type: str
    is_active: bool = True

    @classmethod
    def read(cls, row: Row) -> Self:
        """From a row of `GET /settings/taxes`."""
        return cls(
            tax_id=identifier(row, "tax_id"),
            name=text(row, "tax_name"),
            percentage=amount(row, "tax_percentage"),
            type=text(row, "tax_type"),
            is_active=text(row, "status").casefold() in ("", "active")
            and not flag(row, "is_inactive", absent=False),
        )

    @classmethod
    def read_group(cls, row: Row) -> tuple[Self, ...]:
        """From the group of `GET /settings/taxgroups/{tax_group_id}`."""
        return tuple(map(cls.read, rows(row, "taxes")))


def _custom_fields(row: Row) -> dict[str, str]:
    """Custom fields as a list of records, or flat beside the other properties as some lists have them."""
    listed = {
        text(entry, "api_name") or text(entry, "label"): text(entry, "value")
        for entry in rows(row, "custom_fields")
    }
    flat = {name: text(row, name) for name in row if name.startswith("cf_")}
    return {name: value for name, value in (listed | flat).items() if name and value}


def _primary_email(row: Row) -> str:
    persons = rows(row, "contact_persons")
    primary = [person for person in persons if person.get("is_primary_contact") is True] or persons
    return text(primary[0], "email") if primary else ""
