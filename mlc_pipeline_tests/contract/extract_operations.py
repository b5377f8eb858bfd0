"""Extracts the bare facts of the Zoho Books operations we use from a directory of Zoho's OpenAPI files.

Run as `python -m mlc_pipeline_tests.contract.extract_operations DIRECTORY` to write the facts beside the sandbox.
Names, types and scopes are kept; descriptions and examples, which are Zoho's text, are not.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

FACTS_FILE = Path(__file__).resolve().parents[2] / "mlc_pipeline" / "sandbox" / "zoho" / "zoho_operations.json"

#: The operations the product uses or will use, per OpenAPI file, by their operationId.
OPERATIONS: dict[str, tuple[str, ...]] = {
    "bills.yml": (
        "add_bill_attachment", "create_bill", "delete_bill", "delete_bill_attachment", "get_bill",
        "get_bill_attachment", "list_bill_payments", "list_bills", "mark_bill_open", "mark_bill_void",
        "update_bill",
    ),
    "chart-of-accounts.yml": ("get_chart_of_account", "list_chart_of_accounts"),
    "contacts.yml": ("create_contact", "get_contact", "list_contacts", "update_contact"),
    "currency.yml": ("get_currency", "list_currencies", "list_exchange_rates"),
    "journals.yml": (
        "add_journal_attachment", "create_journal", "delete_journal", "get_journal", "list_journals",
        "mark_journal_published", "reverse_journal", "update_journal",
    ),
    "locations.yml": ("list_locations",),
    "organizations.yml": ("get_organization", "list_organizations"),
    "projects.yml": ("get_project", "list_projects"),
    "reporting-tags.yml": ("all_tag_options", "get_all_tag_options", "get_tags"),
    "taxes.yml": ("create_tax", "get_tax", "get_tax_group", "list_taxes"),
    "transaction-locking.yml": (
        "get_accounting_period_transaction_lock", "get_transaction_lock", "list_transaction_locks",
    ),
    "users.yml": ("get_current_user", "list_users"),
    "vendor-credits.yml": (
        "create_vendor_credit", "delete_vendor_credit", "get_vendor_credit", "list_vendor_credits",
        "mark_vendor_credit_open", "mark_vendor_credit_void", "update_vendor_credit",
    ),
}  # fmt: skip

#: Zoho writes this path with a regular expression, and its parameter once more as a query parameter.
PATHS_WRITTEN_AS_PATTERNS = {r"/reportingtags/(\d+)/options/all": "/reportingtags/{tag_id}/options/all"}

METHODS = ("get", "post", "put", "delete")


def extract_operations(directory: Path) -> dict[str, Any]:
    """Return the facts of every operation in `OPERATIONS`, keyed by operationId, ready for JSON."""
    facts: dict[str, Any] = {}
    for file_name, wanted in OPERATIONS.items():
        document = yaml.safe_load((directory / file_name).read_text(encoding="utf-8"))
        found = {
            operation["operationId"]: _operation_facts(document, path, item, method)
            for path, item in document["paths"].items()
            for method, operation in item.items()
            if method in METHODS and operation["operationId"] in wanted
        }
        missing = set(wanted) - set(found)
        if missing:
            raise LookupError(f"{file_name} has no operation {', '.join(sorted(missing))}")
        facts.update(found)
    return dict(sorted(facts.items()))


def as_text(facts: dict[str, Any]) -> str:
    """Return the facts as the text of the checked-in file: sorted, one property a line."""
    return json.dumps(facts, indent=1, sort_keys=True) + "\n"


def _operation_facts(document: dict[str, Any], path: str, item: dict[str, Any], method: str) -> dict[str, Any]:
    operation = item[method]
    parameters = [
        _resolved(document, parameter)
        for parameter in [*item.get("parameters", []), *operation.get("parameters", [])]
    ]
    status, response = next(iter(operation["responses"].items()))
    facts: dict[str, Any] = {
        "method": method.upper(),
        "path": PATHS_WRITTEN_AS_PATTERNS.get(path, path),
        "scope": operation["security"][0]["Zoho_Auth"][0],
        "status": int(status),
        "query": _query_facts(document, parameters, path),
        "files": sorted(p["name"] for p in parameters if _is_file(p)),
        "request": _body_facts(document, operation.get("requestBody")),
        "response": _body_facts(document, response),
    }
    return {key: value for key, value in facts.items() if value not in ({}, [])}


def _query_facts(document: dict[str, Any], parameters: list[dict[str, Any]], path: str) -> dict[str, str]:
    facts: dict[str, str] = {}
    in_path = PATHS_WRITTEN_AS_PATTERNS.get(path, "")
    for parameter in parameters:
        if parameter["in"] != "query" or _is_file(parameter) or f"{{{parameter['name']}}}" in in_path:
            continue
        schema = _resolved(document, parameter["schema"])
        fact = _fact(schema, required=bool(parameter.get("required")))
        facts[parameter["name"]] = fact
        for variant in _variants(parameter):
            facts.setdefault(variant, fact)
    return facts


def _variants(parameter: dict[str, Any]) -> list[str]:
    """The search variants of a parameter (name_startswith, date_after ...), which only its description names."""
    name = re.escape(parameter["name"])
    return sorted(set(re.findall(rf"\b{name}_[a-z_]+\b", parameter.get("description", ""))))


def _is_file(parameter: dict[str, Any]) -> bool:
    """Zoho lists files to upload as query parameters; on the wire they are multipart form fields."""
    return bool(parameter.get("schema", {}).get("format") == "binary")


def _body_facts(document: dict[str, Any], body: dict[str, Any] | None) -> dict[str, str]:
    if body is None:
        return {}
    content = body.get("content", {})
    if "application/json" not in content:
        return {}
    facts: dict[str, str] = {}
    _collect(document, content["application/json"]["schema"], "", facts, ())
    return facts


def _collect(
    document: dict[str, Any], schema: dict[str, Any], path: str, facts: dict[str, str], seen: tuple[str, ...]
) -> None:
    reference = schema.get("$ref", "")
    if reference in seen:
        return
    seen = (*seen, reference) if reference else seen
    schema = _resolved(document, schema)
    required = schema.get("required", [])
    prefix = f"{path}." if path else ""
    for name, given in schema.get("properties", {}).items():
        child = _resolved(document, given)
        facts[f"{prefix}{name}"] = _fact(child, required=isinstance(required, list) and name in required)
        _collect(document, given, f"{prefix}{name}", facts, seen)
    if schema.get("type") == "array" and "items" in schema:
        items = _resolved(document, schema["items"])
        facts[f"{path}[]"] = _fact(items, required=False)
        _collect(document, schema["items"], f"{path}[]", facts, seen)


def _fact(schema: dict[str, Any], *, required: bool) -> str:
    """One property in a few words: its type, and whatever narrows it."""
    words = [str(schema.get("type", "any"))]
    if required:
        words.append("required")
    if schema.get("x-node_available_in"):
        words.append("only:" + ",".join(_editions(schema["x-node_available_in"])))
    if schema.get("x-node_unavailable_in"):
        words.append("not:" + ",".join(_editions(schema["x-node_unavailable_in"])))
    if isinstance(schema.get("enum"), list):
        words.append("enum:" + ",".join(map(str, schema["enum"])))
    return " ".join(words)


def _editions(names: list[str]) -> list[str]:
    return sorted(str(name).replace(" ", "-") for name in names)


def _resolved(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        target: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


if __name__ == "__main__":
    FACTS_FILE.write_text(as_text(extract_operations(Path(sys.argv[1]))), encoding="utf-8")
