"""The front door: what Dagster loads."""

from mlc_pipeline.build import build_defs

defs = build_defs()
