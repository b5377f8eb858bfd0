"""Compares one exchange with the Books API with the facts of Zoho's OpenAPI files."""

from __future__ import annotations

from collections.abc import Iterator

from mlc_pipeline.sandbox.zoho.conformity import body_findings, null_findings, query_findings
from mlc_pipeline.sandbox.zoho.exchanges import Exchange
from mlc_pipeline.sandbox.zoho.facts import Operation, operation_for
from mlc_pipeline.sandbox.zoho.oauth import includes
from mlc_pipeline_tests.contract.deviations import is_documented


def check_exchange(exchange: Exchange) -> list[str]:
    """Return one sentence for each place where the request or the answer differs from the facts.

    Request: path, scope, query names and types, whether each needed one is there, uploaded files, body
    properties with their types, required marks and the organization's edition. Answer: see `check_answer`.
    """
    found = operation_for(exchange.method, exchange.path)
    where = f"{exchange.method} {exchange.path}"
    if found is None:
        return [f"{where}: the OpenAPI files have no such operation"]
    problems = [f"{where}: {problem}" for problem in _request_problems(found[0], exchange)]
    return problems + check_answer(exchange)


def check_answer(exchange: Exchange) -> list[str]:
    """Return one sentence for each place where the answer differs from the facts of its operation.

    Status and, on what is present, names and types; an error answer has the envelope and nothing else.
    """
    found = operation_for(exchange.method, exchange.path)
    if found is None:
        return []
    return [f"{exchange.method} {exchange.path}: {problem}" for problem in _answer_problems(found[0], exchange)]


def _request_problems(operation: Operation, exchange: Exchange) -> Iterator[str]:
    granted = exchange.granted_scopes
    if granted is not None and not includes(granted, operation.scope):
        yield f"the token lacks the scope {operation.scope}"
    for finding in query_findings(operation.query, exchange.query):
        yield f"query parameter {finding}"
    for name in exchange.files:
        if name not in operation.files:
            yield f"file {name} is not in the OpenAPI files"
    if exchange.request_json is None:
        if operation.takes_body:
            yield "the JSON body is missing"
        return
    if not operation.takes_body:
        yield "the operation takes no JSON body"
        return
    for finding in body_findings(operation.request, exchange.request_json, exchange.edition):
        yield f"request property {finding}"
    for finding in null_findings(exchange.request_json):
        yield f"request property {finding}"


def _answer_problems(operation: Operation, exchange: Exchange) -> Iterator[str]:
    answer = exchange.response_json
    if exchange.status >= 400:
        if set(answer) != {"code", "message"} or answer["code"] == 0:
            yield f"the error answer {exchange.status} is no envelope of a code and a message"
        return
    if exchange.status != operation.status:
        yield f"the status is {exchange.status} instead of {operation.status}"
    for finding in body_findings(operation.response, answer, exchange.edition):
        if not is_documented(operation.name, finding):
            yield f"answer property {finding}"
