"""Receipts by link: what is fetched, what is told apart, and whom we never ask."""

from __future__ import annotations

import pytest

from mlc_pipeline.expensify.patience import Patience
from mlc_pipeline.expensify.receipts import (
    LinkClosed,
    ReceiptLinks,
    ReceiptUnavailable,
    TooLarge,
    is_trusted,
)
from mlc_pipeline.transport import errands
from mlc_pipeline_tests.transport.servers import answer, nobody, raw_server

QUICK = Patience(attempts=2, first_wait=0.001, longest_wait=0.001)
MOST = 1000


def links() -> ReceiptLinks:
    return ReceiptLinks(sandbox=True, most_bytes=MOST, patience=QUICK)


@pytest.mark.parametrize(
    "url",
    [
        "https://expensify.com/receipts/w_1.png",
        "https://www.expensify.com/receipts/w_1.png",
        "https://a.b.EXPENSIFY.com:443/w_1.png?x=1",
    ],
)
def test_expensify_is_asked_by_https(url: str) -> None:
    assert is_trusted(url, sandbox=False)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/receipts/w_1.png",
        "http://www.expensify.com/w_1.png",
        "https://expensify.com.example/w_1.png",
        "https://notexpensify.com/w_1.png",
        "https://expensify.com@attacker.example/w_1.png",
        "https://ada:secret@www.expensify.com/w_1.png",
        "https://www.expensify.com:8443/w_1.png",
        "https://www.expensify.com./w_1.png",
        "https://attacker.example/expensify.com",
        "https://attacker.example\\.expensify.com/w_1.png",
        "http://127.0.0.1/w_1.png",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "https://[::1/w_1.png",
    ],
)
def test_nobody_else_is_ever_asked(url: str) -> None:
    assert not is_trusted(url, sandbox=False)


@pytest.mark.parametrize(("url", "trusted"), [
    ("http://127.0.0.1:8000/w_1.png", True),
    ("http://localhost:8000/w_1.png", True),
    ("https://www.expensify.com/w_1.png", False),
    ("http://10.0.0.1/w_1.png", False),
])  # fmt: skip
def test_a_sandbox_leads_to_this_machine_alone(url: str, trusted: bool) -> None:
    assert is_trusted(url, sandbox=True) is trusted


def test_a_file_is_fetched_without_any_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w", encoding="ascii") as file:  # noqa: PTH123
        file.write("default login ada password secret\n")
    monkeypatch.setenv("NETRC", netrc)
    with raw_server(answer(200, "a file")) as (url, script), links() as receipts:
        assert receipts.fetch(f"{url}/w_1.png") == b"a file"
    sent = script.requests[0].lower()
    assert b"authorization" not in sent
    assert b"cookie" not in sent


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (answer(401, ""), "HTTP 401"),
        (answer(403, ""), "HTTP 403"),
        (answer(404, "gone"), "HTTP 404"),
        (answer(200, "\n<!DOCTYPE html><html>Sign in</html>"), "web page"),
        (answer(200, "<HTML><body>Sign in"), "web page"),
        (answer(200, ""), "empty"),
        (answer(302, "", "Location: https://attacker.example/w_1.png"), "not Expensify's"),
        (answer(302, "", "Location: http://10.0.0.1/w_1.png"), "not Expensify's"),
    ],
)
def test_a_link_that_opens_nothing_for_us_is_closed(given: bytes, words: str) -> None:
    with raw_server(given) as (url, _), links() as receipts, pytest.raises(LinkClosed, match=words):
        receipts.fetch(f"{url}/w_1.png")


def test_a_redirect_on_the_same_side_is_followed_but_not_for_ever() -> None:
    with raw_server(answer(302, "", "Location: /w_2.png"), answer(200, "a file")) as (url, _), links() as receipts:
        assert receipts.fetch(f"{url}/w_1.png") == b"a file"
    circle = [answer(302, "", "Location: /w_1.png")] * 4
    with raw_server(*circle) as (url, _), links() as receipts, pytest.raises(LinkClosed, match="without an end"):
        receipts.fetch(f"{url}/w_1.png")


def test_no_more_is_read_than_wanted() -> None:
    with raw_server(answer(200, "x" * MOST)) as (url, _), links() as receipts:
        assert len(receipts.fetch(f"{url}/w_1.png")) == MOST
    with raw_server(answer(200, "x" * (MOST + 1))) as (url, _), links() as receipts, pytest.raises(TooLarge):
        receipts.fetch(f"{url}/w_1.png")


def test_a_stumble_is_tried_again_and_a_lasting_one_is_told() -> None:
    with raw_server(answer(503, ""), answer(200, "a file")) as (url, _), links() as receipts:
        assert receipts.fetch(f"{url}/w_1.png") == b"a file"
    stumbling = raw_server(answer(429, ""), answer(500, ""))
    with stumbling as (url, _), links() as receipts, pytest.raises(ReceiptUnavailable, match="HTTP 500"):
        receipts.fetch(f"{url}/w_1.png")
    with links() as receipts, pytest.raises(ReceiptUnavailable, match="did not answer"):
        receipts.fetch(f"{nobody()}/w_1.png")


class CalledOff(Exception):
    """What the errand raises once its run is stopped."""


class StoppedAfter:
    """An errand that is called off when it has been asked so many times, and whose waits end at once then."""

    def __init__(self, confirmations: int) -> None:
        self._left = confirmations

    def confirm(self) -> None:
        if self._left == 0:
            raise CalledOff
        self._left -= 1

    def sleep(self, seconds: float) -> None:
        raise CalledOff


@pytest.mark.parametrize(
    ("confirmations", "given", "asked"),
    [(0, answer(200, "a file"), 0), (1, answer(200, "a file"), 1), (1, answer(503, ""), 1)],
    ids=["before it asks", "while it reads", "between two tries"],
)
def test_a_run_that_is_stopped_waits_for_no_receipt(confirmations: int, given: bytes, asked: int) -> None:
    patient = Patience(attempts=2, first_wait=600, longest_wait=600)
    with (
        raw_server(given, given) as (url, script),
        ReceiptLinks(sandbox=True, most_bytes=MOST, patience=patient) as receipts,
        errands.on(StoppedAfter(confirmations)),
        pytest.raises(CalledOff),
    ):
        receipts.fetch(f"{url}/w_1.png")
    assert len(script.requests) == asked
