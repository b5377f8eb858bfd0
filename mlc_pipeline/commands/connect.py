"""`mlc connect`: takes the credentials of one system of a connection into the vault."""

from __future__ import annotations

from collections.abc import Callable

from mlc_pipeline.config import Connection
from mlc_pipeline.resources import EXPENSIFY_SECRET, ZOHO_SECRET, Database, VaultTokenStore
from mlc_pipeline.zoho.token_endpoint import exchange_grant_code

Answers = Callable[[str, str], str]
"""Gives the value of a variable, or asks a person: (variable, question) -> answer, empty if there is none."""


class CredentialsMissing(Exception):
    """A credential is neither in the environment nor was it typed; the text names the variable."""


def connect_expensify(database: Database, connection: Connection, answers: Answers) -> None:
    """Store the partner credentials made at https://www.expensify.com/tools/integrations/."""
    secret = {
        "partner_user_id": _required(answers, "MLC_EXPENSIFY_PARTNER_USER_ID", "partnerUserID"),
        "partner_user_secret": _required(answers, "MLC_EXPENSIFY_PARTNER_USER_SECRET", "partnerUserSecret"),
    }
    database.vault.store(connection.name, EXPENSIFY_SECRET, secret)


def connect_zoho(database: Database, connection: Connection, answers: Answers) -> None:
    """Store the client and the refresh token, or exchange a grant code for one at once.

    Raises:
        ZohoError: the grant code is not accepted.
    """
    client_id = _required(answers, "MLC_ZOHO_CLIENT_ID", "Client ID")
    client_secret = _required(answers, "MLC_ZOHO_CLIENT_SECRET", "Client secret")
    refresh_token = answers("MLC_ZOHO_REFRESH_TOKEN", "Refresh token (leave empty to give a grant code)").strip()
    token = None
    if not refresh_token:
        grant = exchange_grant_code(
            _required(answers, "MLC_ZOHO_GRANT_CODE", "Grant code or refresh token (MLC_ZOHO_REFRESH_TOKEN)"),
            accounts_url=connection.zoho.accounts_url,
            client_id=client_id,
            client_secret=client_secret,
            connection=connection.name,
            sandbox=connection.sandbox,
        )
        refresh_token, token = grant.refresh_token, grant.access_token
    secret = {"client_id": client_id, "client_secret": client_secret, "refresh_token": refresh_token}
    database.vault.store(connection.name, ZOHO_SECRET, secret)
    tokens = VaultTokenStore(database, connection)
    tokens.clear()
    if token is not None:
        tokens.save(token)


def _required(answers: Answers, variable: str, question: str) -> str:
    value = answers(variable, question).strip()
    if not value:
        raise CredentialsMissing(f"{question} is missing: set {variable}, or type it when asked.")
    return value
