"""The getters `policyList` and `policy` (manual: "Policy list getter", "Policy getter")."""

from typing import Any

from mlc_pipeline.sandbox.expensify.account import ExpensifyAccount, JsonObject
from mlc_pipeline.sandbox.expensify.answers import JobError

_SUMMARY = ("id", "name", "owner", "role", "outputCurrency", "type")
_FIELDS = ("categories", "reportFields", "tags", "tax", "employees")


def get(account: ExpensifyAccount, job: JsonObject) -> JsonObject:
    """The answer of a `get` job."""
    settings: Any = job.get("inputSettings")
    kind = settings.get("type") if isinstance(settings, dict) else None
    if kind not in ("policyList", "policy"):
        raise JobError(410, "Argument 'type' is missing or malformed")
    if email := settings.get("userEmail"):
        raise JobError(500, f"Not authorized to authenticate as user {email}")
    return _policy_list(account, settings) if kind == "policyList" else _policies(account, settings)


def _policy_list(account: ExpensifyAccount, settings: JsonObject) -> JsonObject:
    seen = [policy for policy in account.policies if not settings.get("adminOnly") or policy["role"] == "admin"]
    return {"policyList": [{name: policy[name] for name in _SUMMARY} for policy in seen], "responseCode": 200}


def _policies(account: ExpensifyAccount, settings: JsonObject) -> JsonObject:
    by_id = {policy["id"]: policy for policy in account.policies}
    asked, fields = _list(settings, "policyIDList"), _list(settings, "fields")
    if unknown := [name for name in fields if name not in _FIELDS]:
        raise JobError(410, f"Argument 'fields' is missing or malformed: '{unknown[0]}'")
    if unseen := [policy_id for policy_id in asked if policy_id not in by_id]:
        raise JobError(410, f"Policy '{unseen[0]}' does not exist or is not visible")
    info = {policy_id: {name: _field(account, by_id[policy_id], name) for name in fields} for policy_id in asked}
    return {"policyInfo": info, "responseCode": 200}


def _list(settings: JsonObject, name: str) -> list[str]:
    value = settings.get(name)
    if value is None:
        raise JobError(410, f"Required parameter '{name}' is missing")
    if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
        raise JobError(410, f"'{name}' must be a JSON array of strings")
    return value


def _field(account: ExpensifyAccount, policy: JsonObject, name: str) -> Any:
    if name == "employees":
        mine = [employee for employee in account.employees if employee["policyID"] == policy["id"]]
        return [{key: value for key, value in employee.items() if key != "policyID"} for employee in mine]
    if name == "categories" and not account.shows_category_gl_codes:
        return [{key: value for key, value in item.items() if key != "glCode"} for item in policy[name]]
    return policy[name]
