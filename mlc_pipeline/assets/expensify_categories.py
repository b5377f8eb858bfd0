"""Categories of the Expensify workspaces with their GL codes."""

import dagster as dg

from mlc_pipeline.assets.given import Expensify, Frame
from mlc_pipeline.config import Connection
from mlc_pipeline.naming import described
from mlc_pipeline.schemas import WORKSPACES


def build(connection: Connection) -> dg.AssetsDefinition:
    """The `expensify_categories` asset of a connection."""

    @dg.asset(**described(connection, "expensify_categories", WORKSPACES, "expensify"), description=__doc__)
    def expensify_categories(expensify: Expensify) -> dg.Output[Frame]:
        from mlc_pipeline.steps.expensify_categories import step

        return step(connection, expensify)

    return expensify_categories
