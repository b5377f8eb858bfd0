"""The sandbox as the command line serves it: an invented company, or the state that a file kept of one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from mlc_pipeline.sandbox.company import generate_company
from mlc_pipeline.sandbox.expensify import RequestLimit
from mlc_pipeline.sandbox.server import Sandbox, sandbox_for, serve_sandbox

FIRST_PERIOD = date(2025, 1, 6)
WEEKS = 4
TIMEZONE = "Europe/Berlin"


@contextmanager
def company_sandbox(
    *, port: int, state_file: Path | None, seed: int, time_scale: float = 1.0
) -> Iterator[Sandbox]:
    """Serve the company of a seed while the block runs; an existing state file goes before the seed.

    The minutes and days of both systems' limits last `time_scale` of their real length.
    """
    company = generate_company(seed, zone=TIMEZONE, first_period_start=FIRST_PERIOD, weeks=WEEKS)
    account, books = sandbox_for(company)
    with serve_sandbox(account, books, port=port, state_file=state_file) as sandbox:
        sandbox.expensify_account.limit = RequestLimit(time_scale=time_scale)
        sandbox.zoho_books.limits.time_scale = 1 / time_scale
        yield sandbox


def connection_yaml(sandbox: Sandbox, name: str = "demo") -> str:
    """A mlc.yaml whose one connection talks to the sandbox."""
    return f"""# Written by ml-connector: a connection to the local sandbox, which holds invented data only.
connections:
  - name: {name}
    sandbox: true
    period: {{cadence: weekly, start: {FIRST_PERIOD}, timezone: {TIMEZONE}}}
    schedule: {{enabled: false}}
    expensify:
      states: [APPROVED, REIMBURSED, ARCHIVED]
      url: {sandbox.expensify_url}
    zoho:
      accounts_url: {sandbox.accounts_url}
    posting:
      company_card_accounts: {{default: "2110"}}
"""


def credentials(sandbox: Sandbox) -> dict[str, str]:
    """The variables from which `mlc connect` takes the sandbox's credentials."""
    secrets = sandbox.credentials
    return {
        "MLC_EXPENSIFY_PARTNER_USER_ID": secrets.expensify_partner_user_id,
        "MLC_EXPENSIFY_PARTNER_USER_SECRET": secrets.expensify_partner_user_secret,
        "MLC_ZOHO_CLIENT_ID": secrets.zoho_client_id,
        "MLC_ZOHO_CLIENT_SECRET": secrets.zoho_client_secret,
        "MLC_ZOHO_REFRESH_TOKEN": secrets.zoho_refresh_token,
    }


def serve_company(*, port: int, state_file: Path | None, seed: int, say: Callable[[str], None]) -> None:
    """Serve until interrupted; says where it is, how to log in and what to write into mlc.yaml."""
    with company_sandbox(port=port, state_file=state_file, seed=seed) as sandbox:
        say(connection_yaml(sandbox))
        for variable, value in credentials(sandbox).items():
            say(f"export {variable}={value}")
        say(f"Serving on {sandbox.url}. Stop with Ctrl-C.")
        threading.Event().wait()
