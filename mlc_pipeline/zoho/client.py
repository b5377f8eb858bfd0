"""The Zoho Books client: one method for each thing we ask or tell Zoho Books, typed values in and out.

Most of them stand in the `..._calls` that it is made of.
"""

from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Self

import httpx

from mlc_pipeline.transport.pacing import Rules
from mlc_pipeline.transport.traffic import RetryLog, Traffic
from mlc_pipeline.zoho.api import BooksApi
from mlc_pipeline.zoho.attachments import Attachments
from mlc_pipeline.zoho.contact_calls import ContactCalls
from mlc_pipeline.zoho.data_centers import web_host
from mlc_pipeline.zoho.document_calls import DocumentCalls
from mlc_pipeline.zoho.limits import books_transport
from mlc_pipeline.zoho.models import Organization, User
from mlc_pipeline.zoho.oauth import utc_now
from mlc_pipeline.zoho.reference_calls import ReferenceCalls
from mlc_pipeline.zoho.tokens import TokenStore, ZohoCredentials

DEFAULT_TIMEOUT = httpx.Timeout(60.0, connect=10.0, pool=60.0)

REQUIRED_SCOPES = (
    "ZohoBooks.settings.READ",
    "ZohoBooks.contacts.READ",
    "ZohoBooks.contacts.CREATE",
    "ZohoBooks.accountants.READ",
    "ZohoBooks.accountants.CREATE",
    "ZohoBooks.bills.READ",
    "ZohoBooks.bills.CREATE",
    "ZohoBooks.bills.UPDATE",
    "ZohoBooks.debitnotes.READ",
    "ZohoBooks.debitnotes.CREATE",
    "ZohoBooks.debitnotes.UPDATE",
)
"""What a connection's consent must cover (OpenAPI: `security` of the operations used here)."""


class ZohoBooksClient(ReferenceCalls, ContactCalls, DocumentCalls):
    """One organization of Zoho Books, as one connection sees it. Close it, or use it in a `with`.

    `rules` pace it by budgets that all processes share; without them nothing is paced. `transport` replaces the
    whole way to the network (`books_transport`); `traffic` knows nothing of it then. Errors are those of
    `mlc_pipeline.zoho.errors`, and UntrustedHost for an `accounts_url` or API host that is not Zoho Books'.
    """

    def __init__(
        self,
        *,
        connection: str,
        accounts_url: str,
        credentials: ZohoCredentials,
        token_store: TokenStore,
        organization: str | None = None,
        sandbox: bool = False,
        rules: Rules | None = None,
        transport: httpx.BaseTransport | None = None,
        timeout: httpx.Timeout = DEFAULT_TIMEOUT,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._log = RetryLog()
        self._api = BooksApi(
            connection=connection,
            accounts_url=accounts_url,
            credentials=credentials,
            organization=organization,
            token_store=token_store,
            sandbox=sandbox,
            transport=transport or books_transport(self._log, rules=rules),
            timeout=timeout,
            now=now,
        )
        self.attachments = Attachments(self._api)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    @property
    def traffic(self) -> Traffic:
        """What was sent, repeated and waited for until now; for the metadata of a run."""
        return self._log.traffic

    def organizations(self) -> tuple[Organization, ...]:
        """All organizations the login sees."""
        return self._api.organizations()

    def organization(self) -> Organization:
        """The organization of this connection, looked up once."""
        return self._api.organization()

    def me(self) -> User:
        """The user whose consent is used."""
        return self._api.get("/users/me", "user", User.read)

    def bill_url(self, bill_id: str) -> str | None:
        """Where a person opens the bill in Zoho Books; None for the sandbox."""
        host = web_host(self._api.api_host())
        organization_id = self.organization().organization_id
        return f"{host}/app/{organization_id}#/bills/{bill_id}" if host else None
