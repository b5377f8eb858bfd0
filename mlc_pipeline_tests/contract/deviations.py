"""Where the OpenAPI files are known to differ from the wire, each with its reason.

The sections named are those of the Zoho Books reference the product is built on.
"""

from __future__ import annotations

from dataclasses import dataclass

from mlc_pipeline.sandbox.zoho.conformity import Difference, Finding


@dataclass(frozen=True, slots=True)
class Deviation:
    """A difference of an answer that is right although the files do not have it.

    `path` is the property without indexes; a property below it is meant too.
    """

    operations: tuple[str, ...]
    path: str
    difference: Difference
    reason: str

    def explains(self, operation: str, finding: Finding) -> bool:
        """Say whether this is the deviation that was found."""
        found = "".join(part.partition("]")[2] or part for part in finding.path.split("["))
        below = found == self.path or found.startswith(f"{self.path}.")
        return operation in self.operations and finding.difference is self.difference and below


BILLS = ("create_bill", "get_bill", "update_bill")
JOURNALS = ("create_journal", "get_journal", "reverse_journal", "update_journal")
VENDOR_CREDITS = ("create_vendor_credit", "get_vendor_credit", "update_vendor_credit")
WITHOUT_PAGE_CONTEXT = ("list_chart_of_accounts", "list_currencies", "list_journals", "list_vendor_credits")

DEVIATIONS = (
    Deviation(
        WITHOUT_PAGE_CONTEXT,
        "page_context",
        Difference.UNKNOWN,
        "Section 0: several list answers omit page_context in the files although clients read it.",
    ),
    Deviation(
        ("list_projects",),
        "page_context",
        Difference.TYPE,
        "Section 3 describes one object for all lists; the file of projects alone types it as an array.",
    ),
    Deviation(
        ("get_tags",),
        "code",
        Difference.UNKNOWN,
        "Section 3: every answer has the envelope {code, message}; this one file leaves it out.",
    ),
    Deviation(
        ("get_tags",),
        "message",
        Difference.UNKNOWN,
        "Section 3: every answer has the envelope {code, message}; this one file leaves it out.",
    ),
    Deviation(
        ("get_tags",),
        "reporting_tags.multi_preference_entities",
        Difference.UNKNOWN,
        "Section 6: where a tag is enabled; the files show it in the answers to changes of a tag only.",
    ),
    Deviation(
        ("get_all_tag_options",),
        "options.children.children",
        Difference.UNKNOWN,
        "Section 6: options have up to five levels; the file describes two.",
    ),
    Deviation(
        ("list_organizations", "get_organization"),
        "organizations.version",
        Difference.UNKNOWN,
        "Section 6: seen live as the edition.",
    ),
    Deviation(
        ("get_organization",),
        "organization.version",
        Difference.UNKNOWN,
        "Section 6: seen live as the edition.",
    ),
    Deviation(
        ("list_organizations",),
        "organizations.fiscal_year_start_month",
        Difference.TYPE,
        "Section 6: documented as a number, seen live as a month's name.",
    ),
    Deviation(
        ("get_organization",),
        "organization.fiscal_year_start_month",
        Difference.TYPE,
        "Section 6: documented as a number, seen live as a month's name.",
    ),
    Deviation(
        BILLS,
        "bill.taxes.tax_id",
        Difference.UNKNOWN,
        "Section 4.4: seen live in the tax split of a bill.",
    ),
    Deviation(
        VENDOR_CREDITS,
        "vendor_credit.line_items",
        Difference.TYPE,
        "Section 0: the files type loosely; the request of the same operation has an array of lines.",
    ),
    Deviation(
        JOURNALS,
        "journal.documents",
        Difference.UNKNOWN,
        "Section 5.3: the way to read attachments back, not in the file.",
    ),
)


def is_documented(operation: str, finding: Finding) -> bool:
    """Say whether a difference is one of those above."""
    return any(deviation.explains(operation, finding) for deviation in DEVIATIONS)
