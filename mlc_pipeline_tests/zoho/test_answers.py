"""What an answer proves: after a write, everything short of Zoho's own word leaves the outcome unknown."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from mlc_pipeline.transport.traffic import RetryLog
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.errors import (
    DailyLimitReached,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unauthorized,
    Unavailable,
    UnexpectedAnswer,
    UnknownOrganization,
    ZohoError,
)
from mlc_pipeline.zoho.limit_answers import pause
from mlc_pipeline.zoho.limits import books_transport
from mlc_pipeline.zoho.tokens import AccessToken, InMemoryTokenStore
from mlc_pipeline_tests.transport.servers import Script, answer, nobody, raw_server
from mlc_pipeline_tests.zoho.conftest import CREDENTIALS, Time

ORGANIZATIONS = {"code": 0, "organizations": [{"organization_id": "1", "name": "Northwind Example Inc"}]}
HUNG_UP = b""
CUT = b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{"
PAGE = "<html>502 Bad Gateway</html>"


def envelope(status: int, code: Any, message: str = "words of Zoho", **more: Any) -> bytes:
    return answer(status, json.dumps({"code": code, "message": message, **more}))


BILL = envelope(201, 0, bill={"bill_id": "7", "total": 20})


class Session:
    """A client of a server that follows a script, with its clock and its retries."""

    def __init__(self, url: str) -> None:
        self.time = Time()
        self.retries = RetryLog()
        store = InMemoryTokenStore()
        now = self.time.now()
        store.save(AccessToken("1000.x.y", url, now, now.replace(hour=7)))
        self.client = ZohoBooksClient(
            connection="us",
            accounts_url=url,
            credentials=CREDENTIALS,
            token_store=store,
            sandbox=True,
            transport=books_transport(self.retries, sleep=self.time.sleep, clock=self.time.clock),
            timeout=httpx.Timeout(0.3),
            now=self.time.now,
        )


@contextmanager
def answering(*answers: bytes) -> Iterator[tuple[Session, Script]]:
    """A client whose organization is known, and whose next calls get `answers`."""
    with raw_server(answer(200, json.dumps(ORGANIZATIONS)), *answers) as (url, script):
        session = Session(url)
        with session.client:
            session.client.organization()
            script.requests.clear()
            yield session, script


@pytest.mark.parametrize(
    "lost",
    [
        HUNG_UP,
        CUT,
        answer(201, "{"),
        answer(201, "[]"),
        answer(201, PAGE),
        answer(200, ""),
        envelope(201, 0),
        envelope(201, 0, bill={}),
        envelope(201, 0, bill={"bill_id": ""}),
        envelope(201, 0, bill={"bill_id": "7", "total": "twenty"}),
        answer(500, '{"code":1000,"message":"Internal error"}'),
        answer(400, '{"code":1000,"message":"Internal error"}'),
        answer(502, PAGE),
        answer(503, ""),
        answer(400, PAGE),
        answer(403, PAGE),
        answer(404, ""),
        answer(302, "", "Location: http://127.0.0.1:1/"),
    ],
)
def test_a_write_without_zohos_own_word_has_an_unknown_outcome(lost: bytes) -> None:
    with answering(lost, BILL) as (session, script), pytest.raises(OutcomeUnknown) as unknown:
        session.client.create_bill({"bill_number": "EXP-R1"})
    assert len(script.requests) == 1
    assert unknown.value.temporary
    assert "before it is sent again" in str(unknown.value)


@pytest.mark.parametrize("status", [200, 400, 500])
def test_zohos_internal_error_is_away_after_reads_and_unknown_after_writes(status: int) -> None:
    failed = envelope(status, 1000)
    with answering(*[failed] * 8) as (session, script):
        with pytest.raises(Unavailable):
            session.client.accounts()
        assert len(script.requests) == 8
    with answering(failed, BILL) as (session, script):
        with pytest.raises(OutcomeUnknown):
            session.client.create_bill({})
        assert len(script.requests) == 1


def test_a_write_that_is_not_answered_in_time_has_an_unknown_outcome() -> None:
    with answering() as (session, _), pytest.raises(OutcomeUnknown, match="ReadTimeout"):
        session.client.create_bill({})  # the script has ended: the connection is taken but never answered


def test_a_write_that_never_reached_zoho_changed_nothing() -> None:
    session = Session(nobody())
    with session.client, pytest.raises(Unavailable, match="was not reached"):
        session.client.create_bill({})
    assert session.retries.traffic.retried > 1


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        (envelope(400, 4), Refused),
        (envelope(400, "4"), Refused),
        (envelope(200, 4), Refused),
        (envelope(404, 5), NotFound),
        (envelope(400, 1002), NotFound),
        (envelope(400, 6041), UnknownOrganization),
        (envelope(405, 99), Refused),
    ],
)
def test_zohos_own_word_is_a_refusal(refusal: bytes, error: type[ZohoError]) -> None:
    with answering(refusal) as (session, _), pytest.raises(Refused) as refused:
        session.client.create_bill({})
    assert type(refused.value) is error
    assert refused.value.message == "words of Zoho"
    assert not refused.value.temporary


def test_a_401_with_a_word_for_a_code_is_answered_with_a_new_token() -> None:
    dead = envelope(401, "INVALID_OAUTHTOKEN")
    token = answer(200, '{"access_token":"1000.p.q","expires_in":3600}')
    with answering(dead, token, BILL) as (session, script):
        assert session.client.create_bill({}).bill_id == "7"
        assert b"Zoho-oauthtoken 1000.p.q" in script.requests[2]
        assert b"1000.p.q" not in script.requests[2].split(b"\r\n")[0]
    with answering(dead, token, dead) as (session, _), pytest.raises(Unauthorized):
        session.client.create_bill({})


@pytest.mark.parametrize("oddity", [answer(200, PAGE), answer(403, PAGE), envelope(200, 0), answer(302, "")])
def test_an_odd_answer_to_a_read_is_unexpected_and_no_more(oddity: bytes) -> None:
    with answering(*[oddity] * 8) as (session, _), pytest.raises(UnexpectedAnswer, match="proxy"):
        session.client.accounts()


INTERNAL_ERROR = [envelope(status, code) for status in (200, 400, 500) for code in (1000, "1000")]
HALF = answer(200, '{"code":0,"bill":{"bill_')


@pytest.mark.parametrize("garbled", [answer(200, PAGE), HALF, *INTERNAL_ERROR])
def test_a_read_that_is_answered_with_a_page_with_half_of_it_or_with_an_internal_error_is_repeated(
    garbled: bytes,
) -> None:
    with answering(garbled, BILL) as (session, script):
        assert session.client.bill("7").bill_id == "7"
        assert len(script.requests) == 2


def test_a_read_is_repeated_and_then_temporarily_impossible() -> None:
    with answering(*[answer(502, PAGE), HUNG_UP, CUT, envelope(500, 1000)] * 2) as (session, script):
        with pytest.raises(Unavailable):
            session.client.bill("7")
        assert len(script.requests) == 8


@pytest.mark.parametrize("write", [True, False])
@pytest.mark.parametrize(("code", "least", "most"), [(44, 60, 61), (1070, 0, 1), (0, 0, 1)])
def test_a_limit_is_waited_for_and_the_call_repeated(write: bool, code: int, least: int, most: int) -> None:
    with answering(envelope(429, code), BILL) as (session, script):
        started = session.time.clock()
        done = session.client.create_bill({}) if write else session.client.bill("7")
        assert done.bill_id == "7"
        assert len(script.requests) == 2
        assert least <= session.time.clock() - started <= most
    why = session.retries.traffic.why
    assert why.endswith(": refused by a limit (HTTP 429), 1 times")


def test_zohos_own_waiting_time_is_honoured() -> None:
    limited = answer(429, '{"code":44,"message":"blocked"}', "Retry-After: 90")
    with answering(limited, BILL) as (session, _):
        session.client.create_bill({})
        assert 90 <= session.retries.traffic.waited_for_retries_seconds <= 91


def test_an_hour_long_block_is_not_slept_through() -> None:
    with answering(envelope(429, 43), BILL) as (session, script), pytest.raises(RateLimited) as limited:
        session.client.create_bill({})
    assert len(script.requests) == 1
    assert session.retries.traffic.waited_for_retries_seconds == 0
    assert limited.value.retry_after == 3600
    assert limited.value.temporary
    assert "Run again in 60 minutes" in str(limited.value)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (43, "Zoho has blocked this login for a while (code 43)"),
        (44, "too many requests in a minute, by us or by others (code 44)"),
        (99, "Zoho takes no requests for a while (HTTP 429, code 99)"),
    ],
)
def test_each_refusal_for_a_limit_is_told_as_what_it_is(code: int, reason: str) -> None:
    response = httpx.Response(429, json={"code": code})
    asked = pause(response, 1)
    assert asked is not None
    assert asked.reason == reason


@pytest.mark.parametrize(
    ("headers", "seconds"), [([], 3600), (["X-Rate-Limit-Reset: 34881"], 34881), (["Retry-After: 5"], 5)]
)
def test_the_daily_limit_stops_at_once_and_says_until_when(headers: list[str], seconds: int) -> None:
    limited = answer(429, '{"code":45,"message":"exceeded the maximum call rate limit of 1,000"}', *headers)
    with answering(limited, BILL) as (session, script), pytest.raises(DailyLimitReached) as stopped:
        session.client.create_bill({})
    assert len(script.requests) == 1
    assert stopped.value.retry_after == seconds


def test_a_server_that_repeats_a_page_does_not_catch_the_client() -> None:
    page = envelope(200, 0, page_context={"has_more_page": True}, bills=[{"bill_id": 1}, {"bill_id": "2"}])
    with answering(*[page] * 3) as (session, script):
        assert [bill.bill_id for bill in session.client.bills()] == ["1", "2"]
        assert len(script.requests) == 2


def test_a_page_that_shows_nothing_new_is_not_the_last_one() -> None:
    """Records that were added meanwhile have moved all that we know from one page to the next."""
    more = {"page_context": {"has_more_page": True}}
    pages = [[1, 2], [2, 1], [3]]
    answers = [envelope(200, 0, **more, bills=[{"bill_id": str(one)} for one in page]) for page in pages]
    last = envelope(200, 0, page_context={"has_more_page": False}, bills=[])
    with answering(*answers, last) as (session, _):
        assert [bill.bill_id for bill in session.client.bills()] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("path", "order"),
    [
        ("bills", "sort_column=bill_number&sort_order=A"),
        ("vendorcredits", "sort_column=vendor_credit_number"),
        ("journals", "sort_column=entry_number"),
    ],
)
def test_documents_are_listed_by_a_number_that_stays_while_others_are_added(path: str, order: str) -> None:
    with answering(envelope(200, 0, **{path: []})) as (session, script):
        client = session.client
        lists = {"bills": client.bills, "vendorcredits": client.vendor_credits, "journals": client.journals}
        assert list(lists[path]()) == []
    assert f"GET /books/v3/{path}?{order}&".encode() in script.requests[0]


def test_a_row_without_its_id_is_unexpected() -> None:
    page = envelope(200, 0, bills=[{"bill_number": "EXP-R1"}])
    with answering(page) as (session, _), pytest.raises(UnexpectedAnswer, match="without bill_id"):
        list(session.client.bills())


def test_the_organization_and_the_page_size_are_always_sent() -> None:
    with answering(envelope(200, 0, bills=[])) as (session, script):
        list(session.client.bills(bill_number="EXP & R1"))
    line = script.requests[0].split(b"\r\n")[0].decode()
    assert line.startswith("GET /books/v3/bills?")
    for part in ("organization_id=1", "per_page=200", "page=1", "bill_number=EXP"):
        assert part in line
    assert b"1000." not in line.encode()
