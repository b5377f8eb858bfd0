"""What waits for a person: listed, shown, mended and tried again, or dismissed with a reason that stays."""

from __future__ import annotations

import pytest

from mlc_pipeline_tests.front_door import ACME, House, week

PERIOD = week(0)


@pytest.fixture
def waiting(house: House) -> House:
    """One report is approved, and its category has no account."""
    left = house.keep_reports(lambda one: one.review == "unmapped_category")
    house.keep_reports(lambda one: one.report_id == left[0].report_id)
    return house


def _period(house: House) -> str:
    (report,) = (one for one in house.company.expected.values() if one.report_id == _report_id(house))
    assert report.period
    return report.period


def _report_id(house: House) -> str:
    return str(house.sandbox.expensify_account.reports[0]["reportID"])


def test_what_waits_is_listed_with_its_reason_and_shown_with_its_transactions(waiting: House) -> None:
    waiting.run(_period(waiting))
    (entry,) = waiting.mlc_here("review", "list", "--json").json["entries"]
    assert (entry["report_id"], entry["reason_code"]) == (_report_id(waiting), "unmapped_category")
    assert "mapping.categories" in entry["reason"]
    shown = waiting.mlc_here("review", "show", str(entry["id"]), "--json").json
    assert sum(shown["transactions"].values()) == entry["total_cents"]
    assert any("dismiss" in way for way in shown["ways_out"])


def test_an_entry_is_posted_when_its_reason_was_mended_and_it_is_tried_again(waiting: House) -> None:
    waiting.run(_period(waiting))
    waiting.configure(mapping={"unmapped_category": {"account": "6640"}})
    said = waiting.mlc_here(
        "review", "retry", _report_id(waiting), "--why", "added an account", "--by", "ada", "--json"
    )
    assert said.exit_code == 0
    assert [one["state"] for one in said.json["documents"]] == ["posted"]
    assert said.json["entry"]["state"] == "posted"
    assert waiting.mlc_here("review", "list", "--json").json == {"entries": []}
    events = waiting.mlc_here("audit", "show", _report_id(waiting), "--json").json["events"]
    retried = next(one for one in events if one["event"] == "retried")
    assert (retried["actor"], retried["details"]["why"]) == ("ada", "added an account")


def test_what_became_of_an_entry_that_was_tried_again_is_said(waiting: House) -> None:
    waiting.run(_period(waiting))
    name = str(waiting.mlc_here("review", "list", "--json").json["entries"][0]["id"])
    still = waiting.mlc_here("review", "retry", name)
    assert f"Entry {name} (report {_report_id(waiting)}) still waits for a person: " in " ".join(still.out.split())
    waiting.configure(mapping={"unmapped_category": {"account": "6640"}})
    said = waiting.mlc_here("review", "retry", name)
    (bill_id,) = waiting.organization.bills
    last = " ".join(said.out.split()).rpartition("Entry ")[2]
    assert last == f"{name} (EXP-{_report_id(waiting)}) is posted now, in Zoho Books as {bill_id}."
    shown = waiting.mlc_here("review", "show", name)
    assert "why -" in [" ".join(line.split()) for line in shown.out.splitlines()]


def test_a_dismissed_entry_is_not_posted_and_not_listed_again(waiting: House) -> None:
    period = _period(waiting)
    waiting.run(period)
    said = waiting.mlc_here("review", "dismiss", _report_id(waiting), "--why", "posted by hand", "--by", "ada")
    assert said.exit_code == 0
    run = waiting.run(period)
    assert (run.exit_code, run.reconciliation.balanced, waiting.writes()) == (0, True, [])
    (document,) = run.documents
    assert (document["state"], document["reason_code"]) == ("nothing_to_post", "dismissed")
    assert "ada" in document["reason"]
    assert "posted by hand" in document["reason"]
    assert sum(run.reconciliation.dismissed_total_cents.values()) == sum(
        run.reconciliation.expensify_total_cents.values()
    )


def test_the_table_of_a_period_adds_up_after_a_dismissal(waiting: House) -> None:
    period = _period(waiting)
    waiting.run(period)
    waiting.mlc_here("review", "dismiss", _report_id(waiting), "--why", "posted by hand")
    table = waiting.mlc_here("run", "--connection", ACME, "--period", period).out.rpartition("Reconciliation")[2]
    names, amounts = (
        [cell.strip() for cell in line.split(bar)[1:-1]]
        for line, bar in ((table.splitlines()[2], "┃"), (table.splitlines()[4], "│"))
    )
    row = dict(zip(names, amounts, strict=True))
    approved = {one["currency"]: one["total"] for one in waiting.sandbox.expensify_account.reports}
    assert row["approved"] == row["dismissed"] == f"{approved[row['currency']] / 100:,.2f}"
    rest = ("posted", "in review", "not yet posted", "difference", "Zoho Books holds")
    assert {row[name] for name in rest} == {"0.00"}


def test_a_dismissal_without_a_reason_is_refused(waiting: House) -> None:
    waiting.run(_period(waiting))
    said = waiting.mlc_here("review", "dismiss", _report_id(waiting), "--why", " ")
    assert said.exit_code == 2
    assert "--why" in said.err
    assert len(waiting.mlc_here("review", "list", "--json").json["entries"]) == 1


@pytest.mark.parametrize("command", [("show",), ("retry",), ("dismiss", "--why", "x")])
def test_an_entry_that_does_not_exist_is_a_sentence(house: House, command: tuple[str, ...]) -> None:
    said = house.mlc_here("review", command[0], "4711", *command[1:])
    assert said.exit_code == 2
    assert "mlc review list" in said.last_line
    assert "Traceback" not in said.everything


def test_what_is_posted_cannot_be_dismissed(house: House) -> None:
    run = house.run(PERIOD)
    posted = next(one for one in run.documents if one["state"] == "posted")
    said = house.mlc_here("review", "dismiss", posted["number"], "--why", "no")
    assert said.exit_code == 2
    assert "does not wait for review" in said.last_line
