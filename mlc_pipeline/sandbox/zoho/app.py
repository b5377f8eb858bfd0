"""Zoho Books and its accounts server as one Starlette app, checked against the facts of the OpenAPI files."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from mlc_pipeline.sandbox.zoho.api import BooksApi
from mlc_pipeline.sandbox.zoho.books import ZohoBooks
from mlc_pipeline.sandbox.zoho.exchanges import Observer
from mlc_pipeline.sandbox.zoho.fault_layer import FaultLayer
from mlc_pipeline.sandbox.zoho.oauth import Accounts


def create_zoho_app(books: ZohoBooks, *, observer: Observer | None = None) -> Starlette:
    """Serve a state: tokens at /oauth/v2, the Books API at /books/v3.

    `observer` is called with every exchange with the Books API, beside those that `observing` switched on.
    """
    accounts = Accounts(books)
    api = BooksApi(books, observer)
    return Starlette(
        routes=[
            Route("/oauth/v2/token", accounts.token, methods=["POST"]),
            Route("/oauth/v2/token/revoke", accounts.revoke, methods=["POST"]),
            Route("/books/v3/{path:path}", api.serve, methods=["GET", "POST", "PUT", "DELETE"]),
        ],
        middleware=[Middleware(FaultLayer, books=books)],
    )
