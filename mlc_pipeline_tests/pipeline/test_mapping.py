"""Mapping as data: shown, suggested for, exported, filled in and imported, without harm to mlc.yaml."""

from __future__ import annotations

import csv
import io
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlc_pipeline.commands.mapping import COLUMNS
from mlc_pipeline.commands.mapping.sheets import Format, read_sheet, write_sheet
from mlc_pipeline.config import load_configuration
from mlc_pipeline.sandbox.zoho.records import add_reporting_tag
from mlc_pipeline_tests.front_door import ACME, House, week

CATEGORY = "Team spirit"
HEADER = "kind,level,name,code,override\n"

COMMENTED = """\
# Our books.
connections:
  - name: acme   # the one and only
    sandbox: true
    period: {{cadence: weekly, start: 2025-01-06, timezone: Europe/Berlin}}
    schedule:
        enabled: false
    expensify: {{url: "{expensify}"}}
    zoho:
      accounts_url: {accounts}

    mapping:          # what becomes what
      unmapped_category: review
      categories:
        # travel
        Lodging: 6660   # hotels
# the end
"""


@pytest.fixture
def waiting(house: House) -> House:
    """One report is approved, in a category without an account; Zoho Books has one of nearly that name."""
    left = house.keep_reports(lambda one: one.review == "unmapped_category")
    reports = {str(report["reportID"]): report for report in house.sandbox.expensify_account.reports}
    chosen = next(one for one in left if CATEGORY in str(reports[one.report_id]))
    house.keep_reports(lambda one: one.report_id == chosen.report_id)
    house.sandbox.zoho_books.add_account(
        house.organization, "Team spirit & events", account_code="6645", account_type="expense"
    )
    text = COMMENTED.format(expensify=house.sandbox.expensify_url, accounts=house.sandbox.accounts_url)
    house.configure(text)
    return house


def _period(house: House) -> str:
    report_id = str(house.sandbox.expensify_account.reports[0]["reportID"])
    (report,) = (one for one in house.company.expected.values() if one.report_id == report_id)
    assert report.period
    return report.period


def _mapped(house: House) -> House:
    """The answers are there, and nothing was posted."""
    names = ("expensify_categories", "zoho_accounts", "zoho_vendors", "zoho_currencies", "zoho_taxes")
    more = ("zoho_dimensions", "zoho_organization", "expensify_reports", "category_mappings")
    assert house.materialise(_period(house), *names, *more).success
    return house


def _exported(house: House, path: Path, *arguments: str) -> list[dict[str, str]]:
    said = house.mlc_here("mapping", "export", "--connection", ACME, "--output", str(path), *arguments)
    assert said.exit_code == 0, said.everything
    text = path.read_text(encoding="utf-8-sig")
    rows: list[dict[str, str]] = (
        yaml.safe_load(text) if path.suffix == ".yaml" else list(csv.DictReader(io.StringIO(text)))
    )
    return rows


def _fill(path: Path, rows: list[dict[str, str]], overrides: dict[str, str]) -> None:
    filled = [row | {"override": overrides.get(row["name"], "")} for row in rows]
    if path.suffix == ".yaml":
        path.write_text(yaml.safe_dump(filled, allow_unicode=True), encoding="utf-8")
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(filled)


def _import(house: House, path: Path, *arguments: str) -> Any:
    return house.mlc_here("mapping", "import", str(path), "--connection", ACME, *arguments)


def _text(house: House) -> str:
    return house.settings.config_path.read_text(encoding="utf-8")


def test_the_answers_are_shown_with_how_they_were_found_or_why_there_is_none(waiting: House) -> None:
    _mapped(waiting)
    said = waiting.mlc_here("mapping", "show", "--connection", ACME, "--json")
    assert said.exit_code == 0
    assert (said.json["connection"], said.json["period"]) == (ACME, _period(waiting))
    by_name = {one["name"]: one for one in said.json["answers"] if one["kind"] == "category"}
    assert by_name[CATEGORY]["reason_code"] == "unmapped_category"
    assert any(one["how"] == "gl_code" and one["target_code"] for one in by_name.values())
    table = waiting.mlc_here("mapping", "show", "--connection", ACME, "--period", _period(waiting)).out
    assert f"[unmapped_category] Category “{CATEGORY}”" in table


def test_before_anything_was_materialised_a_sentence_says_which_command_does_it(house: House) -> None:
    for command in (("show",), ("suggest",), ("export",), ("show", "--period", week(1))):
        said = house.mlc_here("mapping", *command, "--connection", ACME)
        assert (said.exit_code, said.out) == (2, "")
        assert f"mlc run --connection {ACME} --period " in said.err
    said = house.mlc_here("mapping", "show", "--connection", ACME, "--period", "2025-01-07", "--json")
    assert said.exit_code == 2
    assert "no period" in said.json["error"]


def test_a_suggestion_names_the_account_of_a_like_name_and_the_lines_for_it(waiting: House) -> None:
    _mapped(waiting)
    before = _text(waiting)
    said = waiting.mlc_here("mapping", "suggest", "--connection", ACME, "--json")
    (suggestion,) = (one for one in said.json["suggestions"] if one["kind"] == "category")
    best = suggestion["candidates"][0]
    assert (best["value"], best["name"], len(suggestion["candidates"]) <= 3) == (
        "6645",
        "Team spirit & events",
        True,
    )
    pasted = yaml.safe_load("\n".join(suggestion["lines"]))
    assert pasted == {"mapping": {"categories": {CATEGORY: "6645"}}}
    people = waiting.mlc_here("mapping", "suggest", "--connection", ACME)
    assert '"Team spirit": "6645"' in people.out
    assert _text(waiting) == before


@pytest.mark.parametrize("form", ["csv", "yaml"])
def test_an_override_filled_into_the_export_is_imported_and_the_next_run_posts_the_report(
    waiting: House, tmp_path: Path, form: str
) -> None:
    period = _period(waiting)
    assert waiting.run(period).exit_code == 1
    sheet = tmp_path / f"mapping.{form}"
    rows = _exported(waiting, sheet, "--format", form)
    assert list(rows[0]) == list(COLUMNS)
    assert {row["override"] for row in rows} == {""}
    assert sheet.stat().st_mode & 0o777 == 0o600
    _fill(sheet, rows, {CATEGORY: "6645"})
    before = _text(waiting)
    unasked = _import(waiting, sheet)
    assert (unasked.exit_code, _text(waiting)) == (1, before)
    assert '+        "Team spirit": "6645"' in unasked.out
    assert "--yes" in unasked.err
    said = _import(waiting, sheet, "--yes", "--json")
    assert (said.exit_code, said.json["written"], len(said.json["changes"])) == (0, True, 1)
    assert said.json["changes"][0]["target_name"] == "Team spirit & events"
    added = [line for line in _text(waiting).splitlines() if line not in before.splitlines()]
    assert added == ['        "Team spirit": "6645"']
    assert [line for line in _text(waiting).splitlines() if line not in added] == before.splitlines()
    run = waiting.mlc_here("run", "--connection", ACME, "--period", period, "--json")
    assert run.exit_code == 0
    assert {one["state"] for one in run.json["documents"]} == {"posted"}
    again = _import(waiting, sheet, "--yes", "--json")
    assert (again.exit_code, again.json["written"], again.json["diff"]) == (0, False, "")


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 1)])
def test_on_a_terminal_it_asks_before_it_writes(waiting: House, tmp_path: Path, answer: str, code: int) -> None:
    sheet = tmp_path / "one.csv"
    sheet.write_text(f"{HEADER}category,,{CATEGORY},,6645\n", encoding="utf-8")
    before = _text(waiting)
    terminal, end = pty.openpty()
    try:
        os.write(terminal, f"{answer}\n".encode())
        done = subprocess.run(
            [Path(sys.executable).with_name("mlc"), "mapping", "import", sheet, "--connection", ACME],
            env=waiting.environment, stdin=end, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    finally:
        os.close(terminal)
        os.close(end)
    assert (done.returncode, _text(waiting) != before) == (code, answer == "y"), done.stderr
    assert "Write this to" in done.stderr


def test_an_override_that_is_there_already_is_replaced_and_its_comment_stays(
    waiting: House, tmp_path: Path
) -> None:
    sheet = tmp_path / "one.csv"
    sheet.write_text("kind;level;name;code;override\ncategory;;Lodging;;6670\n", encoding="utf-8-sig")
    assert _import(waiting, sheet, "--yes").exit_code == 0
    assert '        Lodging: "6670"   # hotels' in _text(waiting)


def test_a_file_written_as_json_keeps_its_form(house: House, tmp_path: Path) -> None:
    house.configure(mapping={"categories": {}})
    sheet = tmp_path / "one.csv"
    sheet.write_text('kind,level,name,code,override\ncategory,,"A ""B"", C",,6670\n', encoding="utf-8")
    assert _import(house, sheet, "--yes").exit_code == 0
    assert '"categories": {"A \\"B\\", C": "6670"}' in _text(house)
    assert dict(house.connection.mapping.categories) == {'A "B", C': "6670"}


def test_tags_report_fields_and_taxes_are_overridden_where_they_are_configured(
    house: House, tmp_path: Path
) -> None:
    add_reporting_tag(house.sandbox.zoho_books, house.organization, "Cost Center", ["Vertrieb", "Verwaltung"])
    house.configure(
        mapping={
            "tags": {"1": {"reporting_tag": "Cost Center"}},
            "report_fields": {"Our Project": {"project": "true"}},
            "taxes": {"Standard": "none"},
        }
    )
    sheet = tmp_path / "tags.csv"
    lines = (
        "kind,level,name,code,override",
        "tag,1,Sales,S10,Vertrieb",
        "tax,20%,Reduced,V7,none",
        "tax,7%,,,none",
    )
    sheet.write_text("\n".join(lines), encoding="utf-8")
    said = _import(house, sheet, "--yes", "--json")
    assert said.exit_code == 0, said.everything
    mapping = house.connection.mapping
    assert dict(mapping.tags[1].values) == {"Sales": "Vertrieb"}
    assert dict(mapping.taxes) == {"Standard": "none", "Reduced": "none", "7%": "none"}
    sheet.write_text(f"{lines[0]}\nreport_field,Our_Project,Apollo,,Apollo 13\n", encoding="utf-8")
    said = _import(house, sheet, "--yes")
    assert (said.exit_code, "line 2" in said.err, "is no project in Zoho Books" in said.err) == (2, True, True)


@pytest.mark.parametrize(
    ("content", "line", "sentence"),
    [
        (f"{HEADER}category,,Team spirit,,6646\n", 2, "account code 6646, which Zoho Books does not have"),
        (f"{HEADER}category,,Team spirit,,6646\n", 2, "6645 (Team spirit & events)"),
        (f"{HEADER}category,,Team spirit,,Lodging\n", 2, "Near to it: 6660 (Lodging)"),
        (f"{HEADER}category,,Team spirit,,6690\n", 2, "inactive in Zoho Books"),
        (f"{HEADER}category,,A,,6640\n\ncategory,,A,,6660\n", 4, "the same row is in line 2"),
        (f"{HEADER}category,,A,1,6640\ncategory,,A,2,6660\n", 3, "line 2 says '6640'"),
        (f"{HEADER}category,,,,6640\n", 2, "mapping.unmapped_category"),
        (f"{HEADER}employee,,ada@acme.example,EUR,Ada\n", 2, "e-mail address"),
        (f"{HEADER}colour,,Red,,6640\n", 2, "is no kind of mapping"),
        (f"{HEADER}tag,3,Red,,Red\n", 2, "mapping.tags"),
        (f"{HEADER}category,,A,,6640,more\n", 2, "has 6 cells"),
        (f'{HEADER}category,,"A,,6640\n', 2, "not valid CSV"),
        ("kind,level,nmae,code,override\n", 1, "did you mean name"),
        (f"{HEADER.strip()},colour\n", 1, "'colour' is no column"),
        ("", 1, "the column kind is missing"),
    ],
)  # fmt: skip
def test_a_wrong_sheet_is_refused_with_its_line_and_nothing_is_written(
    waiting: House, tmp_path: Path, content: str, line: int, sentence: str
) -> None:
    sheet = tmp_path / "wrong.csv"
    sheet.write_text(content, encoding="utf-8")
    before = _text(waiting)
    said = _import(waiting, sheet, "--yes")
    assert (said.exit_code, said.out, _text(waiting)) == (2, "", before)
    assert f"{sheet}, line {line}: " in said.err
    assert sentence in said.err
    assert "Traceback" not in said.err
    assert [path.name for path in waiting.home.glob(".mlc.yaml*")] == []


def test_a_sheet_in_another_encoding_is_refused_with_the_line(waiting: House, tmp_path: Path) -> None:
    sheet = tmp_path / "latin.csv"
    sheet.write_bytes(f"{HEADER}category,,Büro,,6640\n".encode("latin-1"))
    said = _import(waiting, sheet, "--yes")
    assert (said.exit_code, f"{sheet}, line 2: " in said.err, "UTF-8" in said.err) == (2, True, True)
    assert _import(waiting, tmp_path / "missing.csv").exit_code == 2


def test_a_configuration_that_has_a_problem_is_not_touched(waiting: House, tmp_path: Path) -> None:
    before = _text(waiting) + "colour: red\n"
    waiting.configure(before)
    sheet = tmp_path / "one.csv"
    sheet.write_text(f"{HEADER}category,,A,,6640\n", encoding="utf-8")
    said = _import(waiting, sheet, "--yes")
    assert (said.exit_code, _text(waiting)) == (2, before)
    assert "mend it first" in said.err
    assert load_configuration(waiting.settings.config_path).problems


def test_an_account_made_after_the_last_run_is_known_to_the_import(waiting: House, tmp_path: Path) -> None:
    _mapped(waiting)
    waiting.sandbox.zoho_books.add_account(
        waiting.organization, "New", account_code="6999-1", account_type="expense"
    )
    sheet = tmp_path / "one.csv"
    sheet.write_text(f"{HEADER}category,,{CATEGORY},,6999-1\n", encoding="utf-8")
    assert _import(waiting, sheet, "--yes").exit_code == 0


@pytest.mark.parametrize("form", ["csv", "yaml"])
@pytest.mark.parametrize("name", ["=1+1", "'=1+1", "-", "'quoted'", ' "a",\n;b ', "0815", "null", "", "ü\u2028"])
def test_every_name_survives_the_round_trip_and_is_no_formula_to_a_spreadsheet(
    tmp_path: Path, name: str, form: Format
) -> None:
    row = dict.fromkeys(COLUMNS, "") | {"kind": "category", "name": name, "override": "6640"}
    sheet = tmp_path / f"sheet.{form}"
    sheet.write_text(write_sheet([row], form), encoding="utf-8", newline="")
    (read,) = read_sheet(sheet, None)
    assert (read.name, read.override, read.level) == (name, "6640", "")
    if form == "csv":
        (cells,) = csv.DictReader(io.StringIO(sheet.read_text(encoding="utf-8"), newline=""))
        assert not cells["name"].startswith(("=", "+", "-", "@"))
