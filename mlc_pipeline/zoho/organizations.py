"""Which organization a connection means: by id, by name, or the only one its login sees."""

from collections.abc import Sequence

from mlc_pipeline.zoho.errors import UnknownOrganization
from mlc_pipeline.zoho.models import Organization


def choose_organization(wanted: str | None, seen: Sequence[Organization]) -> Organization:
    """The organization with the id or the name `wanted`; without one, the only one there is.

    Raises UnknownOrganization, naming all that the login sees, when there is none or more than one.
    """
    if wanted is None:
        return _only(seen, "The login sees several organizations and zoho.organization names none", seen)
    by_id = [organization for organization in seen if organization.organization_id == wanted]
    by_name = [organization for organization in seen if organization.name == wanted]
    alike = [organization for organization in seen if _folded(organization.name) == _folded(wanted)]
    return _only(by_id or by_name or alike, f'Several organizations are named "{wanted}"', seen, wanted)


def _only(
    found: Sequence[Organization], several: str, seen: Sequence[Organization], wanted: str | None = None
) -> Organization:
    if len(found) == 1:
        return found[0]
    if not seen:
        raise UnknownOrganization(
            "The login sees no organization of Zoho Books",
            what_to_do="Connect with a user who belongs to the organization, in the region of its data center.",
        )
    listed = ", ".join(f"{organization.organization_id} ({organization.name})" for organization in seen)
    problem = several if found else f'The login sees no organization "{wanted}"'
    raise UnknownOrganization(
        problem, what_to_do=f"Set zoho.organization in mlc.yaml to the id of one of: {listed}."
    )


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
