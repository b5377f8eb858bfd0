"""The state of the sandbox's Zoho Books: logins, organizations and their records, kept as Zoho would show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

from mlc_pipeline.sandbox.zoho.faults import Fault
from mlc_pipeline.sandbox.zoho.logins import ALL_SCOPES, AccessToken, Client, GrantCode, RefreshToken
from mlc_pipeline.sandbox.zoho.multipart import UploadedFile
from mlc_pipeline.sandbox.zoho.organization import Organization, Record
from mlc_pipeline.sandbox.zoho.settings import BooksSettings, Limits, Plan, Usage

Clock = Callable[[], datetime]


def wall_clock() -> datetime:
    """The time now, aware, in UTC."""
    return datetime.now(UTC)


class LoggedRequest(NamedTuple):
    """One request as it ended; status 0 and code None mean that the connection was cut."""

    time: datetime
    method: str
    path: str
    status: int
    code: int | None


@dataclass(slots=True)
class ZohoBooks:
    """All of the sandbox's Zoho: who may log in, the organizations, how it behaves and what went through.

    `changes` counts committed writes. Clock, faults, usage, the request log and the contents of attached files
    (by document id) live in memory only.
    """

    clients: dict[str, Client] = field(default_factory=dict)
    grant_codes: dict[str, GrantCode] = field(default_factory=dict)
    refresh_tokens: dict[str, RefreshToken] = field(default_factory=dict)
    access_tokens: dict[str, AccessToken] = field(default_factory=dict)
    organizations: dict[str, Organization] = field(default_factory=dict)
    settings: BooksSettings = field(default_factory=BooksSettings)
    limits: Limits = field(default_factory=Limits)
    next_id: int = 982000000000026001
    changes: int = 0
    clock: Clock = wall_clock
    files: dict[str, UploadedFile] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    usage: dict[str, Usage] = field(default_factory=dict)
    request_log: list[LoggedRequest] = field(default_factory=list)

    def new_id(self) -> str:
        """Return the next id: 18 digits, as text, always the same sequence."""
        self.next_id += 2
        return str(self.next_id)

    def now(self) -> int:
        """Return the clock's time in POSIX seconds."""
        return int(self.clock().timestamp())

    def allow_client(self, client_id: str, client_secret: str) -> Client:
        """Register an application."""
        client = Client(client_id, client_secret)
        self.clients[client_id] = client
        return client

    def allow_refresh_token(
        self, client_id: str, token: str, scopes: tuple[str, ...] = ALL_SCOPES
    ) -> RefreshToken:
        """Give a registered application a refresh token with these scopes."""
        refresh_token = RefreshToken(token, client_id, list(scopes))
        self.refresh_tokens[token] = refresh_token
        return refresh_token

    def allow_grant_code(self, client_id: str, code: str, scopes: tuple[str, ...] = ALL_SCOPES) -> GrantCode:
        """Give a registered application a code that can be exchanged once, for two minutes."""
        grant = GrantCode(code, client_id, list(scopes), self.now() + 120)
        self.grant_codes[code] = grant
        return grant

    def revoke(self, token: str) -> None:
        """Kill an access token, or a refresh token with all access tokens made from it."""
        self.refresh_tokens.pop(token, None)
        self.access_tokens = {
            key: access
            for key, access in self.access_tokens.items()
            if key != token and access.refresh_token != token
        }

    def add_organization(self, organization: Organization) -> Organization:
        """Add an organization and its own currency, if that is missing; the first one is the default."""
        organization.is_default_org = organization.is_default_org or not self.organizations
        self.organizations[organization.organization_id] = organization
        if not organization.currencies:
            self.add_currency(organization, organization.currency_code)
        return organization

    def add_currency(
        self, organization: Organization, code: str, *, price_precision: int = 2, exchange_rate: Any = 1
    ) -> Record:
        """Add a currency; `exchange_rate` is the price of one unit in the organization's own currency."""
        record = {
            "currency_id": self.new_id(),
            "currency_code": code,
            "currency_name": code,
            "currency_symbol": code,
            "currency_format": "1,234,567.89",
            "price_precision": price_precision,
            "is_base_currency": code == organization.currency_code,
            "exchange_rate": exchange_rate,
            "effective_date": self.clock().date().isoformat(),
        }
        organization.currencies[record["currency_id"]] = record
        return record

    def add_account(self, organization: Organization, name: str, **facts: Any) -> Record:
        """Add an account, an active expense account unless `facts` (Zoho's own property names) say otherwise."""
        now = self.timestamp()
        record: Record = {
            "account_id": self.new_id(),
            "account_name": name,
            "account_code": "",
            "account_type": "expense",
            "is_active": True,
            "is_user_created": True,
            "is_system_account": False,
            "is_standalone_account": False,
            "is_involved_in_transaction": False,
            "can_show_in_ze": True,
            "has_attachment": False,
            "parent_account_id": "",
            "parent_account_name": "",
            "depth": "0",
            "created_time": now,
            "last_modified_time": now,
            **facts,
        }
        organization.accounts[record["account_id"]] = record
        return record

    def add_contact(self, organization: Organization, name: str, *, email: str = "", **facts: Any) -> Record:
        """Add a contact, an active vendor in the organization's currency unless `facts` say otherwise."""
        currency = organization.currency(facts.pop("currency_code", organization.currency_code))
        now = self.timestamp()
        person_id = self.new_id()
        record: Record = {
            "contact_id": self.new_id(),
            "contact_name": name,
            "company_name": "",
            "contact_type": "vendor",
            "contact_number": "",
            "status": "active",
            "currency_id": currency["currency_id"],
            "currency_code": currency["currency_code"],
            "payment_terms": 0,
            "payment_terms_label": "Due on Receipt",
            "notes": "",
            "primary_contact_id": person_id if email else "",
            "contact_persons": [
                {
                    "contact_person_id": person_id,
                    "first_name": "",
                    "last_name": "",
                    "email": email,
                    "phone": "",
                    "mobile": "",
                    "is_primary_contact": True,
                }
            ]
            if email
            else [],
            "created_time": now,
            "last_modified_time": now,
            **facts,
        }
        organization.contacts[record["contact_id"]] = record
        return record

    def timestamp(self) -> str:
        """Return the time as Zoho writes it: an offset without a colon."""
        return self.clock().strftime("%Y-%m-%dT%H:%M:%S%z")

    def to_dict(self) -> Record:
        """Return what outlives the process, as plain values with amounts as Decimal, to be written at once.

        Records are not copied: they are the live ones.
        """
        tables = {name: _plain_values(getattr(self, name)) for name in _TABLES}
        return tables | {
            "settings": asdict(self.settings),
            "limits": asdict(self.limits),
            "next_id": self.next_id,
            "changes": self.changes,
        }

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Self:
        """Rebuild, as a copy, the state that `to_dict` returned; the clock is the wall's."""
        kept = deepcopy(dict(kept))
        tables: dict[str, Any] = {
            name: {key: kind(**value) for key, value in kept[name].items()} for name, kind in _TABLES.items()
        }
        for organization in tables["organizations"].values():
            organization.plan = Plan(organization.plan)
        return cls(
            **tables,
            settings=BooksSettings(**kept["settings"]),
            limits=_limits(kept["limits"]),
            next_id=kept["next_id"],
            changes=kept["changes"],
        )


_TABLES: dict[str, Callable[..., Any]] = {
    "clients": Client,
    "grant_codes": GrantCode,
    "refresh_tokens": RefreshToken,
    "access_tokens": AccessToken,
    "organizations": Organization,
}


def _plain_values(table: Mapping[str, Any]) -> Record:
    return {
        key: {field.name: getattr(value, field.name) for field in fields(value)} for key, value in table.items()
    }


def _limits(kept: Mapping[str, Any]) -> Limits:
    """Seconds and scales are float, whatever the JSON reader made of them."""
    limits = Limits(**kept)
    limits.time_scale = float(limits.time_scale)
    limits.latency = float(limits.latency)
    limits.block_seconds = float(limits.block_seconds)
    return limits
