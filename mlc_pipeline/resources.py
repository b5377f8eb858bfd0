"""What the assets are given: clients of both systems and the posting ledger, opened when first used.

Secrets come from the vault and stay in these objects: they are never Dagster configuration, which Dagster keeps.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from mlc_pipeline.budgets import Remembered, SharedBudget, secret_name
from mlc_pipeline.config import Connection
from mlc_pipeline.database import open_database
from mlc_pipeline.expensify.client import ExpensifyClient
from mlc_pipeline.expensify.limits import EXPENSIFY_LIMITS, ExpensifyRules
from mlc_pipeline.kept_lists import KeptList, refuse_lists
from mlc_pipeline.leases import lease
from mlc_pipeline.posting.audit import Actor
from mlc_pipeline.posting.ledger import Ledger
from mlc_pipeline.posting.made_vendors import MadeVendors
from mlc_pipeline.posting.poster import Patience
from mlc_pipeline.settings import Settings
from mlc_pipeline.vault import Vault, open_vault
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.kept_contacts import Reading, read_contacts
from mlc_pipeline.zoho.limits import TOKEN_GRANTS, BooksRules, organization_limits
from mlc_pipeline.zoho.models import Customer, Vendor
from mlc_pipeline.zoho.tokens import AccessToken, Refusal, ZohoCredentials

EXPENSIFY_SECRET, ZOHO_SECRET, ZOHO_TOKEN = "expensify", "zoho", "zoho_access_token"
ZOHO_REFUSAL, ZOHO_TOKEN_IN_VAIN = "zoho_refusal", "zoho_token_in_vain"
_REFRESH_LEASE_SECONDS = 120.0
"""As long as a new token can take at the most: eight tries to connect, the pauses between them, one answer."""


class MissingCredentials(Exception):
    """The vault has no credentials for a connection; the text names the command that stores them."""


class Database:
    """Our database and the vault in it, opened on first use."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def engine(self) -> sa.Engine:
        """The database named by `MLC_DATABASE_URL`, with its schema up to date."""
        return open_database(self.settings.database_url)

    @cached_property
    def vault(self) -> Vault:
        """The vault in that database."""
        return open_vault(self.engine, self.settings)

    def secret(self, connection: str, system: str) -> dict[str, str]:
        """The stored credentials of a connection.

        Raises:
            MissingCredentials: there are none.
        """
        secret = self.vault.load(connection, system)
        if secret is None:
            raise MissingCredentials(
                f"Connection {connection} has no credentials for {system}: store them with "
                f"`mlc connect {system} --connection {connection}`."
            )
        return secret


class ExpensifyAccess:
    """Opens the Expensify client of a connection with the credentials in the vault."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def client(self, connection: Connection) -> ExpensifyClient:
        """A client for the connection's Expensify account."""
        secret = self._database.secret(connection.name, EXPENSIFY_SECRET)
        return ExpensifyClient(
            connection.expensify.url,
            secret["partner_user_id"],
            secret["partner_user_secret"],
            zone=ZoneInfo(connection.period.timezone),
            rules=_expensify_rules(self._database, connection, secret["partner_user_id"]),
        )


class ZohoAccess:
    """Opens the Zoho Books client of a connection; its access token is shared by all processes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._clients: dict[str, ZohoBooksClient] = {}
        self._kept: dict[tuple[str, str], KeptList] = {}

    def client(self, connection: Connection) -> ZohoBooksClient:
        """The client of the connection's organization, one for all assets of a run: it is looked up once."""
        if connection.name not in self._clients:
            self._clients[connection.name] = self._opened(connection)
        return self._clients[connection.name]

    def vendors(self, connection: Connection, *, whole: bool = False) -> Reading[Vendor]:
        """All vendors, also those that were just made and that no list shows yet; read whole if asked for."""
        client, store = self.client(connection), self.kept(connection, "vendors")
        read = read_contacts(client.vendor_list(), Vendor, store, whole=whole)
        return replace(read, contacts=(*read.contacts, *self._made(client).missing_in(read.contacts)))

    def customers(self, connection: Connection, *, whole: bool = False) -> Reading[Customer]:
        """All customers; read whole if asked for."""
        client, store = self.client(connection), self.kept(connection, "customers")
        return read_contacts(client.customer_list(), Customer, store, whole=whole)

    def kept(self, connection: Connection, name: str) -> KeptList:
        """A list of the connection's organization that is kept between runs, as this run reads it."""
        if (connection.name, name) not in self._kept:
            engine = self._database.engine
            self._kept[connection.name, name] = KeptList(
                engine, connection.name, name, lambda: self._source(connection)
            )
        return self._kept[connection.name, name]

    def doubt_lists(self, connection: Connection) -> None:
        """Zoho Books has refused what may come of a kept list: the next run reads them whole."""
        refuse_lists(self._database.engine, connection.name)
        self._made(self.client(connection)).forget()

    def close(self) -> None:
        """Close all clients."""
        while self._clients:
            self._clients.popitem()[1].close()

    def _source(self, connection: Connection) -> str:
        login = self._database.secret(connection.name, ZOHO_SECRET)["refresh_token"]
        organization_id = self.client(connection).organization().organization_id
        return secret_name(connection.zoho.accounts_url, login, organization_id)

    def _made(self, client: ZohoBooksClient) -> MadeVendors:
        return MadeVendors(self._database.engine, client.organization().organization_id)

    def _opened(self, connection: Connection) -> ZohoBooksClient:
        credentials = ZohoCredentials(**self._database.secret(connection.name, ZOHO_SECRET))
        return ZohoBooksClient(
            connection=connection.name,
            accounts_url=connection.zoho.accounts_url,
            credentials=credentials,
            organization=connection.zoho.organization,
            token_store=VaultTokenStore(self._database, connection),
            sandbox=connection.sandbox,
            rules=_books_rules(self._database, connection, credentials.refresh_token),
        )


class PostingAccess:
    """Opens the posting ledger of a connection, and says how patient the poster is."""

    def __init__(self, database: Database, patience: Patience | None = None) -> None:
        self._database = database
        self.patience = patience or Patience()

    def ledger(self, connection: Connection, organization_id: str, actor: str, run_id: str | None) -> Ledger:
        """The ledger of the connection's organization, for one actor."""
        return Ledger(self._database.engine, Actor(actor, connection.name, organization_id, run_id))


class VaultTokenStore:
    """Keeps a connection's access token encrypted in the vault; one process at a time asks Zoho for a new one."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self._database = database
        self._connection = connection.name
        self._accounts_url = connection.zoho.accounts_url

    def load(self) -> AccessToken | None:
        """The token that any process saved last, if it is of the region that mlc.yaml names now."""
        kept = self._database.vault.load(self._connection, ZOHO_TOKEN)
        if kept is None or kept.get("accounts_url") != self._accounts_url:
            return None
        return AccessToken(
            value=kept["value"],
            api_domain=kept["api_domain"],
            obtained_at=datetime.fromisoformat(kept["obtained_at"]),
            expires_at=datetime.fromisoformat(kept["expires_at"]),
        )

    def save(self, token: AccessToken) -> None:
        """Share the token with all processes."""
        secret = {
            "value": token.value,
            "api_domain": token.api_domain,
            "accounts_url": self._accounts_url,
            "obtained_at": token.obtained_at.isoformat(),
            "expires_at": token.expires_at.isoformat(),
        }
        self._database.vault.store(self._connection, ZOHO_TOKEN, secret)

    def clear(self) -> None:
        """Forget the token, and what was noted of it and of the credentials."""
        for name in (ZOHO_TOKEN, ZOHO_TOKEN_IN_VAIN, ZOHO_REFUSAL):
            self._database.vault.forget(self._connection, name)

    def refusal(self, credentials: ZohoCredentials) -> Refusal | None:
        """Why these credentials were refused at this region's server, if any process noted that of them."""
        kept = self._database.vault.load(self._connection, ZOHO_REFUSAL)
        if kept is None or kept["of"] != self._asked_with(credentials):
            return None
        return Refusal(
            noted_at=datetime.fromisoformat(kept["noted_at"]),
            is_worn_out=bool(kept["is_worn_out"]),
            message=kept["message"],
            code=kept["code"],
            what_to_do=kept["what_to_do"],
        )

    def refuse(self, credentials: ZohoCredentials, refusal: Refusal) -> None:
        """Tell all processes that these credentials were refused, without keeping them."""
        kept = {
            "of": self._asked_with(credentials),
            "noted_at": refusal.noted_at.isoformat(),
            "is_worn_out": "yes" if refusal.is_worn_out else "",
            "message": refusal.message,
            "code": refusal.code,
            "what_to_do": refusal.what_to_do,
        }
        self._database.vault.store(self._connection, ZOHO_REFUSAL, kept)

    def was_in_vain(self, token: AccessToken) -> bool:
        """Whether any process noted of this token that it met a 401 when it was new."""
        kept = self._database.vault.load(self._connection, ZOHO_TOKEN_IN_VAIN)
        return kept is not None and kept["token"] == secret_name(token.value)

    def note_in_vain(self, token: AccessToken) -> None:
        """Tell all processes that this token met a 401 when it was new, without keeping it once more."""
        self._database.vault.store(self._connection, ZOHO_TOKEN_IN_VAIN, {"token": secret_name(token.value)})

    def _asked_with(self, credentials: ZohoCredentials) -> str:
        return secret_name(self._accounts_url, credentials.fingerprint)

    def refreshing(self) -> AbstractContextManager[object]:
        """Held by the one process that asks for a new token."""
        return lease(
            self._database.engine,
            f"zoho token of {self._connection}",
            seconds=_REFRESH_LEASE_SECONDS,
            wait_seconds=1.5 * _REFRESH_LEASE_SECONDS,
        )


def _books_rules(database: Database, connection: Connection, refresh_token: str) -> BooksRules:
    """Budgets by accounts server and organization, so that two connections to one organization share one."""
    zoho = connection.zoho
    time_scale = _time_scale(database, connection)
    place = zoho.accounts_url.rstrip("/").lower()

    def open_budget(organization: str, plan: str | None) -> SharedBudget:
        limits = organization_limits(
            requests_per_minute=zoho.requests_per_minute,
            concurrency=zoho.concurrency,
            requests_per_day=zoho.requests_per_day,
            daily_reserve_percent=zoho.daily_reserve_percent,
            plan=plan,
        )
        return SharedBudget(database.engine, f"zoho {place} {organization}", limits.scaled(time_scale))

    grants = SharedBudget(database.engine, f"zoho tokens {secret_name(place, refresh_token)}", TOKEN_GRANTS)
    # The login's look-up of its organizations counts too, before it says which one is meant.
    usual = Remembered(database.engine, f"zoho usual {secret_name(place, refresh_token, zoho.organization or '')}")
    named = zoho.organization if zoho.organization is not None and zoho.organization.isdigit() else usual.read()
    return BooksRules(open_budget, organization=named, learned=usual.write, grants=grants, time_scale=time_scale)


def _expensify_rules(database: Database, connection: Connection, partner_user_id: str) -> ExpensifyRules:
    """One budget for each pair of credentials at each address."""
    time_scale = _time_scale(database, connection)
    name = f"expensify {secret_name(connection.expensify.url, partner_user_id)}"
    budget = SharedBudget(database.engine, name, EXPENSIFY_LIMITS.scaled(time_scale))
    return ExpensifyRules(budget, time_scale=time_scale)


def _time_scale(database: Database, connection: Connection) -> float:
    """Real systems know real minutes only."""
    return database.settings.sandbox_time_scale if connection.sandbox else 1.0
