"""The categories of the connection's Expensify workspaces: which GL codes accountants gave them."""

import logging
from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from mlc_pipeline.config import Connection
from mlc_pipeline.expensify.client import ExpensifyClient
from mlc_pipeline.expensify.errors import InvalidRequest
from mlc_pipeline.failures import explained
from mlc_pipeline.frames import frame_of
from mlc_pipeline.resources import ExpensifyAccess
from mlc_pipeline.schemas import WORKSPACES
from mlc_pipeline.steps.metadata import materialized

_log = logging.getLogger(__name__)


def step(connection: Connection, expensify: ExpensifyAccess) -> dg.Output[pd.DataFrame]:
    """What the asset does."""
    with explained(), expensify.client(connection) as client:
        return materialized(read_categories(connection, client))


def read_categories(connection: Connection, client: ExpensifyClient) -> pd.DataFrame:
    """One row a category of every workspace of the connection."""
    return frame_of(WORKSPACES, _rows(connection, client))


def _rows(connection: Connection, client: ExpensifyClient) -> Iterator[dict[str, Any]]:
    wanted = connection.expensify.workspaces
    # The reports carry their GL codes themselves. What Expensify refuses it refuses always; anything else fails
    # the run, since without the codes a category could be found by its name in another account.
    try:
        workspaces = [one for one in client.policy_list() if not wanted or one.id in wanted]
        settings = client.policies([one.id for one in workspaces], ["categories"]) if workspaces else {}
    except InvalidRequest as error:
        _log.warning("The categories of the workspaces cannot be read: %s", error)
        return
    for workspace in workspaces:
        head = {"policy_id": workspace.id, "workspace": workspace.name, "currency": workspace.output_currency}
        yield head
        for category in settings[workspace.id].categories if workspace.id in settings else ():
            yield head | {"category": category.name, "gl_code": category.gl_code, "enabled": category.enabled}
