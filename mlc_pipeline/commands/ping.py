"""`mlc ping`: reaches both systems, reads a little of everything that a run needs, and writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from mlc_pipeline.config import Connection
from mlc_pipeline.expensify.client import ExpensifyClient
from mlc_pipeline.failures import EXPLAINED
from mlc_pipeline.resources import Database, ExpensifyAccess, ZohoAccess
from mlc_pipeline.transport.redaction import redact
from mlc_pipeline.zoho.client import ZohoBooksClient


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a run needs: whether it works, and what was found or how to mend it."""

    system: str
    check: str
    ok: bool
    message: str


@dataclass(frozen=True, slots=True)
class Ping:
    """The checks of one connection."""

    connection: str
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """True when everything that a run needs works."""
        return all(check.ok for check in self.checks)

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints for the connection."""
        return {"connection": self.connection, "ok": self.ok, "checks": [asdict(check) for check in self.checks]}


def ping(database: Database, connection: Connection) -> Ping:
    """Check both systems; one that fails does not keep the other from being checked."""
    return Ping(connection.name, (*_expensify_checks(database, connection), *_zoho_checks(database, connection)))


def _expensify_checks(database: Database, connection: Connection) -> Iterator[Check]:
    try:
        client = ExpensifyAccess(database).client(connection)
    except EXPLAINED as error:
        yield Check("expensify", "credentials", ok=False, message=_text(error))
        return
    with client:
        yield _check("expensify", "workspaces", lambda: _workspaces(connection, client))


def _workspaces(connection: Connection, client: ExpensifyClient) -> str:
    seen = {workspace.id: workspace.name for workspace in client.policy_list()}
    missing = [policy for policy in connection.expensify.workspaces if policy not in seen]
    if missing:
        raise _NotWorking(
            f"The credentials do not see workspace {', '.join(missing)}; they see {_listed(seen.values())}. "
            "Correct expensify.workspaces in mlc.yaml, or use credentials of an admin of these workspaces."
        )
    return f"{len(seen)} workspaces: {_listed(seen.values())}"


def _zoho_checks(database: Database, connection: Connection) -> Iterator[Check]:
    try:
        client = ZohoAccess(database).client(connection)
    except EXPLAINED as error:
        yield Check("zoho", "credentials", ok=False, message=_text(error))
        return
    with client:
        organization = _check("zoho", "organization", lambda: _organization(client))
        yield organization
        if organization.ok:
            yield _check("zoho", "chart of accounts", lambda: f"{len(client.accounts())} accounts")
            yield _check("zoho", "vendors", lambda: f"{sum(1 for _ in client.vendors())} vendors")
            yield _check("zoho", "currencies", lambda: _listed(one.code for one in client.currencies()))
            yield _check("zoho", "bills", lambda: _bills(client))


def _organization(client: ZohoBooksClient) -> str:
    found = client.organization()
    return f"{found.name} ({found.organization_id}), books in {found.currency_code}"


def _bills(client: ZohoBooksClient) -> str:
    next(iter(client.bills()), None)
    return "can be read"


class _NotWorking(Exception):
    """A check that reached its system and found something missing."""


def _check(system: str, name: str, find: Callable[[], str]) -> Check:
    try:
        return Check(system, name, ok=True, message=find())
    except (*EXPLAINED, _NotWorking) as error:
        return Check(system, name, ok=False, message=_text(error))


def _text(error: Exception) -> str:
    return redact(str(error))


def _listed(names: Any) -> str:
    ordered = sorted(names)
    shown = ", ".join(ordered[:10])
    return f"{shown} and {len(ordered) - 10} more" if len(ordered) > 10 else shown or "none"
