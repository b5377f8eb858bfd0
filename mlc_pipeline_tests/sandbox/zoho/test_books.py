"""The state of the books outlives a process unchanged."""

from __future__ import annotations

import simplejson

from mlc_pipeline.sandbox.zoho import Plan, ZohoBooks
from mlc_pipeline_tests.sandbox.zoho.conftest import Zoho


def test_books_written_as_json_and_read_back_are_the_same(zoho: Zoho) -> None:
    zoho.organization.plan = Plan.ELITE
    zoho.post_bill()
    written = simplejson.dumps(zoho.books.to_dict(), use_decimal=True)
    restored = ZohoBooks.from_dict(simplejson.loads(written, use_decimal=True))
    assert simplejson.dumps(restored.to_dict(), use_decimal=True) == written
    assert restored.organizations["10234695"].plan is Plan.ELITE


def test_ids_are_18_digits_and_the_same_on_every_run() -> None:
    assert [ZohoBooks().new_id() for _ in range(2)] == ["982000000000026003"] * 2
