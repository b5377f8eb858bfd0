"""What a line can be told apart by beside reporting tags: projects and locations; and the users."""

from __future__ import annotations

from mlc_pipeline.sandbox.zoho import errors, listing
from mlc_pipeline.sandbox.zoho.call import Call
from mlc_pipeline.sandbox.zoho.organization import Record

USER_STATUSES = ("Active", "Inactive", "Invited", "Deleted")


def list_projects(call: Call) -> Record:
    """GET /projects; the OpenAPI files make a list of the page context, clients see an object."""
    kind = listing.filter_value(call, "Status", ("All", "Active", "Inactive"))
    rows = [
        project
        for project in call.organization.projects.values()
        if kind == "All" or project["status"] == kind.casefold()
    ]
    rows = listing.keep_text(call, rows, "customer_id")
    rows = listing.in_order(call, rows, "created_time", ("project_name", "customer_name", "rate"))
    return listing.one_page(call, "projects", rows)


def get_project(call: Call) -> Record:
    """GET /projects/{project_id}: with the customer's currency."""
    project = call.organization.projects.get(call.path["project_id"])
    if project is None:
        raise errors.does_not_exist("Project")
    customer = call.organization.contacts.get(project["customer_id"], call.organization.base_currency)
    return {"project": {**project, "currency_code": customer["currency_code"]}}


def list_locations(call: Call) -> Record:
    """GET /locations."""
    return {"locations": list(call.organization.locations.values())}


def list_users(call: Call) -> Record:
    """GET /users: the administrator whose login it is, and whoever else the organization has."""
    kind = listing.filter_value(call, "Status", ("All", *USER_STATUSES))
    rows = [_administrator(call), *call.organization.users.values()]
    rows = [user for user in rows if kind == "All" or user["status"] == kind.casefold()]
    answer = listing.one_page(call, "users", rows)
    del answer["page_context"]["applied_filter"]
    return answer


def get_current_user(call: Call) -> Record:
    """GET /users/me."""
    user = _administrator(call)
    kept = {name: user[name] for name in ("user_id", "name", "status", "user_role", "role_id")}
    return {"user": {**kept, "email_ids": [{"email": user["email"], "is_selected": True}]}}


def _administrator(call: Call) -> Record:
    return {
        "user_id": f"{call.organization.organization_id}0000000001",
        "name": "Sandbox Administrator",
        "email": "admin@sandbox.example",
        "status": "active",
        "user_role": "admin",
        "role_id": f"{call.organization.organization_id}0000000002",
        "is_current_user": True,
    }
