"""The same assets as a Dagster project that changed no default would run them: an interpreter for each step."""

from __future__ import annotations

import dagster as dg

from mlc_pipeline.build import build_defs


def _with_default_executor(ours: dg.Definitions) -> dg.Definitions:
    return dg.Definitions(
        assets=ours.assets,
        asset_checks=ours.asset_checks,
        resources=ours.resources,
    )


defs = _with_default_executor(build_defs())
