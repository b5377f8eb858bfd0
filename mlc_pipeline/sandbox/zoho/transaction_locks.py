"""Transaction locks: what they show, and which documents they keep from being added, changed or removed."""

from __future__ import annotations

from mlc_pipeline.sandbox.zoho import errors, listing
from mlc_pipeline.sandbox.zoho.call import Call
from mlc_pipeline.sandbox.zoho.organization import Record

#: The scopes 0 to 5; the references name the modules but not their numbers, so their order is ours.
SCOPES = ("all", "sales", "purchase", "accountant", "banking", "inventory_adjustments")

#: The parts of a module that can be locked alone (help page on locking), by the module they belong to.
PARTS = {"bills": "purchase", "vendor_credits": "purchase", "expenses": "purchase", "journals": "accountant"}


def get_transaction_lock(call: Call) -> Record:
    """GET /transactionlock: the lock asked for or the latest, or a disabled one."""
    wanted = call.query.get("transaction_lock_id")
    locks = [lock for lock in _locks(call) if wanted in (None, lock["transaction_lock_id"])]
    locks.sort(key=lambda lock: str(lock["transaction_lock_date"]))
    return {"transaction_lock": locks[-1] if locks else {"transaction_lock_status": "disabled"}}


def get_accounting_period_transaction_lock(call: Call) -> Record:
    """GET /accountingperiods/transactionlock: the same of an accounting period, the period asked for if any."""
    period = call.query.get("accounting_period_id")
    answer = get_transaction_lock(call)
    return {"transaction_lock": answer["transaction_lock"] | ({"accounting_period_id": period} if period else {})}


def list_transaction_locks(call: Call) -> Record:
    """GET /transactionlocks."""
    wanted = call.query.get("lock_scope")
    rows = [lock for lock in _locks(call) if wanted is None or str(lock["lock_scope"]) == wanted]
    return listing.one_page(call, "transaction_locks", rows)


def refuse_locked(call: Call, day: str, *modules: str) -> None:
    """Refuse a date (yyyy-mm-dd) that a lock of one of these modules covers."""
    for lock in call.organization.locks:
        if lock.get("transaction_lock_status") == "disabled":
            continue
        end = lock["transaction_lock_date"]
        covered = day < end or (day == end and call.books.settings.lock_includes_its_date)
        if covered and set(modules) & set(lock.get("modules", modules)):
            raise errors.transaction_locked(end)


def _locks(call: Call) -> list[Record]:
    return [_shown(lock, at) for at, lock in enumerate(call.organization.locks, start=1)]


def _shown(lock: Record, at: int) -> Record:
    modules = lock.get("modules", ["all"])
    module = PARTS.get(modules[0], modules[0])
    return {
        "transaction_lock_id": str(at),
        "transaction_lock_status": "enabled",
        "lock_status": "locked",
        "lock_status_formatted": "Locked",
        "lock_scope": SCOPES.index(module),
        "lock_scope_formatted": module.replace("_", " ").title(),
        "reason": "",
        "user_exceptions": [],
        "account_exceptions": [],
        **{name: value for name, value in lock.items() if name != "modules"},
    }
