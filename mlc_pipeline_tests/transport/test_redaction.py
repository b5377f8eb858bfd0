"""No secret survives in a text that people read, wherever it stands and however it is written."""

import base64
import json
import logging
from urllib.parse import quote, quote_plus, urlencode

import pytest
from cryptography.fernet import Fernet
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mlc_pipeline.transport.redaction import MARK, RedactingFilter, Redactor, known_secrets, redact

hexadecimal = st.text("0123456789abcdef", min_size=32, max_size=32)
zoho_tokens = st.builds("1000.{}.{}".format, hexadecimal, hexadecimal)
anything = st.text(st.characters(codec="utf-8"))
secrets = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=8, max_size=60)
CORE = "Tr0ub4dor"
marked_secrets = st.builds(lambda before, after: before + CORE + after, secrets, secrets)
_words = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789-_.~!$*+/", max_size=30)
words = st.builds(lambda before, after: before + CORE + after, _words, _words)
keys = st.sampled_from(
    ["access_token", "refresh_token", "client_secret", "partnerUserSecret", "password", "MLC_ZOHO_CLIENT_SECRET"]
)
quickly = settings(max_examples=150, deadline=None)


@quickly
@given(secrets, anything, anything)
def test_a_known_secret_survives_nowhere(secret: str, before: str, after: str) -> None:
    assume(secret.strip() and secret not in MARK)
    redactor = Redactor()
    redactor.add(secret)
    spellings = [secret, quote(secret, safe=""), json.dumps(secret), repr(secret), urlencode({"x": secret})]
    for spelling in spellings:
        assume(secret not in before + MARK + after)
        found = redactor.redact(before + spelling + after)
        assert secret not in found
        assert spelling not in found


@quickly
@given(zoho_tokens, anything, anything)
def test_a_zoho_token_is_known_by_its_shape(token: str, before: str, after: str) -> None:
    assert token not in redact(before + token + after)


@quickly
@given(st.binary(min_size=32, max_size=32), anything, anything)
def test_a_fernet_key_is_known_by_its_shape(seed: bytes, before: str, after: str) -> None:
    key = base64.urlsafe_b64encode(seed).decode()
    Fernet(key)
    assert key not in redact(before + key + after)


@quickly
@given(keys, marked_secrets)
def test_the_value_of_a_sensitive_key_is_taken_out_of_json(key: str, secret: str) -> None:
    body = json.dumps({"a": "b", key: secret, "c": 1})
    for text in (body, json.dumps({"body": body}), repr({key: secret}), quote(body), quote_plus(body)):
        assert CORE not in redact(f"sent {text}")


@quickly
@given(keys, words)
def test_the_value_of_a_sensitive_key_is_taken_out_of_forms_and_queries(key: str, secret: str) -> None:
    form = urlencode({"grant_type": "x", key: secret, "page": "1"})
    assert CORE not in redact(f"POST https://accounts.zoho.com/oauth/v2/token?{form} failed")
    assert "page=1" in redact(form)


@quickly
@given(words)
def test_an_authorization_header_is_taken_out(secret: str) -> None:
    texts = [
        f"Authorization: Zoho-oauthtoken {secret}\r\nHost: x",
        f"{{'authorization': 'Bearer {secret}'}}",
        f"[(b'Authorization', b'Basic {secret}')]",
        f"sent Zoho-oauthtoken {secret}",
    ]
    assert not any(CORE in redact(text) for text in texts)


@quickly
@given(words, st.text("abc:@/?#123", max_size=10))
def test_the_user_and_password_of_a_url_are_taken_out(password: str, tail: str) -> None:
    url = f"postgresql+psycopg://mlc:{quote(password, safe='')}@db.example/{tail}"
    assert CORE not in redact(f"cannot connect to {url}")


@pytest.mark.parametrize(
    "text",
    [
        "GET https://www.zohoapis.com:443/books/v3/bills?page=1&organization_id=10234695 HTTP 200",
        'The bill has the total 1000.50, code 13011: {"code": 57, "message": "You are not authorized"}',
        "http://127.0.0.1:8080/a@b",
        '{"token_type": "Bearer", "expires_in": 3600}',
        "Zoho refused the authorization, the Basic plan has no bills",
    ],
)
def test_an_ordinary_line_is_left_alone(text: str) -> None:
    assert redact(text) == text


def test_too_short_a_secret_does_not_blank_ordinary_words() -> None:
    redactor = Redactor()
    redactor.add("bill")
    assert redactor.redact("the bill") == "the bill"


def test_a_log_record_is_redacted_with_its_exception_and_cause(caplog: pytest.LogCaptureFixture) -> None:
    known_secrets.add("the-partner-secret")
    record_filter = RedactingFilter()
    caplog.handler.addFilter(record_filter)
    try:
        raise_with_secrets()
    except RuntimeError:
        logging.getLogger("test").exception("sending %s", "the-partner-secret")
    finally:
        caplog.handler.removeFilter(record_filter)
    assert "sending [redacted]" in caplog.text
    assert "RuntimeError" in caplog.text
    assert "KeyError" in caplog.text
    assert "partner-secret" not in caplog.text
    assert "hunter2hunter2" not in caplog.text


def raise_with_secrets() -> None:
    try:
        raise KeyError("postgresql://mlc:hunter2hunter2@db/x")
    except KeyError as error:
        raise RuntimeError("used the-partner-secret") from error
