"""What Dagster loads: every connection by itself, also beside a broken one, and a sentence where there is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from mlc_pipeline.build import build_defs
from mlc_pipeline.settings import Settings
from mlc_pipeline_tests.front_door import clean_environment, run_python

LOAD = """
import json, sys
from mlc_pipeline.definitions import defs
defs.resolve_all_job_defs()
print(json.dumps({spec.key.to_user_string(): spec.description for spec in defs.resolve_all_asset_specs()}))
"""

IMPORTED = """
import json, sys
from mlc_pipeline.definitions import defs
jobs = [job.name for job in defs.get_repository_def().get_all_jobs()]
print(json.dumps({"jobs": jobs, "packages": sorted({name.partition(".")[0] for name in sys.modules})}))
"""

FOR_RUNS = {
    "alembic", "cryptography", "httpx", "numpy", "pandas", "pandera", "pyarrow", "simplejson", "sqlalchemy",
    "tenacity",
}  # fmt: skip
"""What only a run or a tick of a sensor needs; it would take longer to import than Dagster itself."""

ALL_ASSETS = """
connections:
  - name: us
    period: {cadence: weekly, start: 2026-01-05, timezone: America/New_York}
    expensify: {mark_exported: Posted}
    posting: {attach_receipts: true}
"""

TWO = """
connections:
  - name: us
    period: {cadence: weekly, start: 2026-01-05, timezone: America/New_York}
    schedule: {hour: 7, delay_days: 2}
    zoho: {organization: "1"}
  - name: eu
    period: {cadence: monthly, start: 2026-01-01, timezone: Europe/Berlin}
    schedule: {enabled: false}
    zoho: {organization: "2", accounts_url: https://accounts.zoho.eu}
"""

BROKEN_BESIDE_SOUND = """
connections:
  - name: us
    period: {cadence: weekly, start: 2026-01-05, timezone: America/New_York}
  - name: broken
    period: {cadence: weekly, start: 2026-01-05, timezone: America/Newyork}
"""

ASSETS_OF_A_CONNECTION = [
    "category_mappings", "expensify_categories", "expensify_reports", "reconciliation", "zoho_accounts",
    "zoho_bills", "zoho_currencies", "zoho_dimensions", "zoho_organization", "zoho_taxes", "zoho_vendors",
]  # fmt: skip

WEEKLY = "weekly from 2026-01-05 in America/New_York"
MONTHLY = "monthly from 2026-01-01 in Europe/Berlin"
REFERENCE = [
    "zoho_accounts",
    "zoho_currencies",
    "zoho_dimensions",
    "zoho_organization",
    "zoho_taxes",
    "zoho_vendors",
]
UPSTREAM = {
    "category_mappings": ["expensify_categories", "expensify_reports", *REFERENCE],
    "reconciliation": ["expensify_reports", "zoho_bills"],
    "zoho_bills": [
        "category_mappings", "expensify_reports", "zoho_currencies", "zoho_dimensions", "zoho_organization",
    ],
}  # fmt: skip
CHECKS = """\
category_mappings everything_is_mapped
category_mappings no_drift
category_mappings targets_are_active
expensify_reports reports_add_up
reconciliation balanced
zoho_bills nothing_waits_for_review
"""
REST = """\
job eu_approval_period
job us_approval_period
schedule eu_schedule: 0 6 * * * Europe/Berlin, stopped
schedule us_schedule: 0 7 * * * America/New_York, running
sensor backfills_go_on: every 60 s, running
sensor eu_goes_on: every 60 s, stopped
sensor upkeep: every 30 s, running
sensor us_goes_on: every 60 s, running
pool zoho_books_1: us/zoho_bills
pool zoho_books_2: eu/zoho_bills
"""
"""A change of the graph is a change of these texts."""


def load(home: Path, text: str) -> dg.Definitions:
    """The definitions of a configuration."""
    (home / "mlc.yaml").write_text(text, encoding="utf-8")
    return build_defs(settings=Settings.from_environment(clean_environment(home)))


def _drawn_asset(name: str, period: str, asset: str) -> str:
    partitioned = f" ({period})" if asset in UPSTREAM or asset == "expensify_reports" else ""
    upstream = " ".join(f"{name}/{one}" for one in UPSTREAM.get(asset, ()))
    return f"{name}/{asset}{partitioned}" + (f" <- {upstream}" if upstream else "")


def drawn(defs: dg.Definitions) -> list[str]:
    """The graph, one line a thing."""
    specs = sorted(defs.resolve_all_asset_specs(), key=lambda spec: spec.key)
    lines = []
    for spec in specs:
        upstream = sorted(dep.asset_key.to_user_string() for dep in spec.deps)
        period = f" ({_partitions(spec.partitions_def)})" if spec.partitions_def else ""
        lines.append(spec.key.to_user_string() + period + (f" <- {' '.join(upstream)}" if upstream else ""))
    checks = [key for check in defs.asset_checks or () for key in check.check_keys]
    lines += [f"check {key.asset_key.to_user_string()} {key.name}" for key in checks]
    repository = defs.get_repository_def()
    lines += [f"job {job.name}" for job in repository.get_all_jobs() if not job.name.startswith("__")]
    lines += [
        f"schedule {one.name}: {one.cron_schedule} {one.execution_timezone}, {one.default_status.value.lower()}"
        for one in repository.schedule_defs
    ]
    lines += [
        f"sensor {one.name}: every {one.minimum_interval_seconds} s, {one.default_status.value.lower()}"
        for one in repository.sensor_defs
    ]
    assets = [asset for asset in defs.assets or () if isinstance(asset, dg.AssetsDefinition)]
    lines += [f"pool {asset.op.pool}: {asset.key.to_user_string()}" for asset in assets if asset.op.pool]
    return lines


def _partitions(partitions: Any) -> str:
    cadence = {dg.WeeklyPartitionsDefinition: "weekly", dg.MonthlyPartitionsDefinition: "monthly"}
    return f"{cadence[type(partitions)]} from {partitions.start.date()} in {partitions.timezone}"


def test_two_connections_live_side_by_side_under_their_prefixes(tmp_path: Path) -> None:
    expected = REST.splitlines()
    for name, period in (("us", WEEKLY), ("eu", MONTHLY)):
        expected += [_drawn_asset(name, period, asset) for asset in ASSETS_OF_A_CONNECTION]
        expected += [f"check {name}/{check}" for check in CHECKS.splitlines()]
    assert sorted(drawn(load(tmp_path, TWO))) == sorted(expected)


def test_every_asset_says_what_it_is_and_shows_its_columns(tmp_path: Path) -> None:
    for spec in load(tmp_path, TWO).resolve_all_asset_specs():
        assert spec.description
        assert spec.group_name == spec.key.path[0]
        assert spec.kinds & {"expensify", "zoho", "python"}
        assert spec.owners == []
        schema = spec.metadata["dagster/column_schema"]
        columns = (schema.value if isinstance(schema, dg.MetadataValue) else schema).columns
        assert all(column.description and column.type for column in columns)


def test_the_job_of_a_connection_has_all_its_assets_and_no_others(tmp_path: Path) -> None:
    defs = load(tmp_path, TWO)
    for name in ("us", "eu"):
        job = defs.resolve_job_def(f"{name}_approval_period")
        keys = {key.to_user_string() for key in job.asset_layer.executable_asset_keys}
        assert keys == {f"{name}/{asset}" for asset in ASSETS_OF_A_CONNECTION}
        assert job.tags["mlc/connection"] == name


def test_a_broken_connection_leaves_the_other_loadable(tmp_path: Path) -> None:
    defs = load(tmp_path, BROKEN_BESIDE_SOUND)
    keys = {spec.key.to_user_string(): spec.description for spec in defs.resolve_all_asset_specs()}
    assert keys.keys() == {*(f"us/{asset}" for asset in ASSETS_OF_A_CONNECTION), "broken/configuration_error"}
    told = keys["broken/configuration_error"] or ""
    assert "mlc.yaml, line 6: connections[1].period.timezone" in told
    assert [job.name for job in defs.resolve_all_job_defs() if not job.name.startswith("__")] == [
        "us_approval_period"
    ]


def test_materialising_the_sentence_fails_with_it(tmp_path: Path) -> None:
    defs = load(tmp_path, BROKEN_BESIDE_SOUND)
    with dg.DagsterInstance.ephemeral() as instance:
        result = defs.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=instance,
            asset_selection=[dg.AssetKey(["broken", "configuration_error"])],
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    failure = result.get_step_failure_events()[0].step_failure_data.user_failure_data
    assert failure is not None
    assert "connections[1].period.timezone" in str(failure.description)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, ("There is no configuration file here", "mlc init")),
        ("connections: [\n  - name: us\n", ("line 2", "not valid YAML")),
    ],
    ids=["missing", "broken"],
)
def test_a_fresh_interpreter_loads_without_a_usable_configuration(
    tmp_path: Path, text: str | None, words: tuple[str, ...]
) -> None:
    if text is not None:
        (tmp_path / "mlc.yaml").write_text(text, encoding="utf-8")
    said = run_python(LOAD, clean_environment(tmp_path))
    assert said.exit_code == 0, said.err
    assert list(json.loads(said.out)) == ["mlc_yaml/configuration_error"]
    description = json.loads(said.out)["mlc_yaml/configuration_error"]
    assert all(word in description for word in (str(tmp_path / "mlc.yaml"), *words))


def test_loading_imports_nothing_that_only_a_run_needs(tmp_path: Path) -> None:
    (tmp_path / "mlc.yaml").write_text(ALL_ASSETS, encoding="utf-8")
    said = run_python(IMPORTED, clean_environment(tmp_path))
    assert said.exit_code == 0, said.err
    loaded = json.loads(said.out)
    assert "us_approval_period" in loaded["jobs"]
    assert "dagster" in loaded["packages"]
    assert FOR_RUNS.isdisjoint(loaded["packages"])


def test_loading_touches_no_file(tmp_path: Path) -> None:
    load(tmp_path, TWO).resolve_all_asset_specs()
    assert [path.name for path in tmp_path.iterdir()] == ["mlc.yaml"]
