"""What the sandbox refuses with: Zoho's own codes and sentences, and ours where the reference knows none."""

from __future__ import annotations


class Refusal(Exception):
    """An answer that is not success: HTTP status, Zoho's code and the sentence."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


#: Codes of ours start here: the reference marks Zoho's own code for these cases as unknown.
UNKNOWN_IN_THE_REFERENCE = 990000


def not_authenticated() -> Refusal:
    """No or a malformed Authorization header (code 14)."""
    return Refusal(
        401,
        14,
        "The request could not be authenticated as the authentication value you entered is invalid. "
        "Enter a valid authentication value and try again.",
    )


def not_authorized() -> Refusal:
    """A dead token, a missing scope or a missing role: Zoho says the same for all (code 57)."""
    return Refusal(401, 57, "You are not authorized to perform this operation")


def wrong_organization(organization_id: str) -> Refusal:
    """An organization this token does not see (code 6041)."""
    return Refusal(400, 6041, f"This user is not associated with the CompanyID/CompanyName:{organization_id}.")


def invalid_value(name: str) -> Refusal:
    """A missing, malformed, unknown or unavailable field (code 4; code 2 for `filter_by`)."""
    return Refusal(400, 2 if name == "filter_by" else 4, f"Invalid value passed for {name}")


def too_long(name: str, limit: int) -> Refusal:
    """A text beyond its length (code 15)."""
    return Refusal(400, 15, f'Please ensure that the "{name}" has less than {limit} characters.')


def url_not_found() -> Refusal:
    """No such path."""
    return Refusal(404, 5, "Invalid URL Passed")


def does_not_exist(what: str) -> Refusal:
    """No record of this id (code 1002, with the module's own word)."""
    return Refusal(404, 1002, f"{what} does not exist.")


def account_missing() -> Refusal:
    """A bill line without an account (code 13009)."""
    return Refusal(400, 13009, "The account field cannot be empty")


def duplicate_bill_number() -> Refusal:
    """A second bill with the number at this vendor (code 13011)."""
    return Refusal(
        400,
        13011,
        "A bill with this number has already been created for this vendor. Please check and try again.",
    )


def duplicate_contact_name(name: str) -> Refusal:
    """A second contact of this name (code 3062)."""
    return Refusal(400, 3062, f'The customer "{name}" already exists. Please specify a different name.')


def tax_not_supported() -> Refusal:
    """A tax on a journal line (code 110942)."""
    return Refusal(400, 110942, "Tax not supported.")


def internal_error() -> Refusal:
    """Zoho's own failure (code 1000)."""
    return Refusal(500, 1000, "Internal error")


def refused(offset: int, message: str) -> Refusal:
    """A refusal whose code the reference does not know; `offset` keeps ours apart."""
    return Refusal(400, UNKNOWN_IN_THE_REFERENCE + offset, message)


def transaction_locked(lock_date: str) -> Refusal:
    """A date within a locked period."""
    return refused(1, f"Transactions dated on or before {lock_date} are locked.")


def account_inactive(name: str) -> Refusal:
    """An account that is not active."""
    return refused(2, f"The account {name} is inactive.")


def account_not_allowed(name: str, where: str) -> Refusal:
    """An account of a type that does not belong there."""
    return refused(3, f"The account {name} cannot be used in {where}.")


def contact_inactive(name: str) -> Refusal:
    """A vendor who is not active."""
    return refused(4, f"The vendor {name} is inactive.")


def not_a_vendor(name: str) -> Refusal:
    """A contact of another type."""
    return refused(5, f"The contact {name} is not a vendor.")


def other_currency(vendor: str, currency: str) -> Refusal:
    """A currency other than the vendor's, where the organization has not allowed several for each contact."""
    return refused(6, f"The currency of the transaction differs from {currency}, the currency of {vendor}.")


def negative_total() -> Refusal:
    """A document whose total is below zero."""
    return refused(7, "The total cannot be negative.")


def negative_line() -> Refusal:
    """A negative line, where the setting refuses them."""
    return refused(8, "The rate of a line item cannot be negative.")


def unbalanced_journal() -> Refusal:
    """Debits that differ from credits."""
    return refused(9, "The debits and credits of the journal must be equal.")


def mandatory_tag_missing(name: str) -> Refusal:
    """A reporting tag that must be given."""
    return refused(10, f"Select an option for the reporting tag {name}.")


def contact_missing(name: str) -> Refusal:
    """A payable or receivable journal line without its contact."""
    return refused(11, f"Select a contact for the account {name}.")


def cannot_change(what: str) -> Refusal:
    """A document whose state does not allow the change."""
    return refused(12, f"{what} cannot be changed in its present status.")


def line_items_missing() -> Refusal:
    """A document without lines."""
    return refused(13, "Add at least one line item.")


def customer_missing() -> Refusal:
    """A billable line without a customer."""
    return refused(14, "Select a customer for the billable line item.")


def adjustment_description_missing() -> Refusal:
    """An adjustment without its reason."""
    return refused(15, "Describe the adjustment.")


def duplicate_vendor_credit_number() -> Refusal:
    """A second vendor credit of this number (the text is Zoho's, its code is not known)."""
    return refused(16, "The vendor credit# specified already exists.")


def attachment_refused(message: str) -> Refusal:
    """A file of another type or too large."""
    return refused(17, message)


def tag_not_enabled(name: str, where: str) -> Refusal:
    """A reporting tag that is not meant for this document, or not for this place on it."""
    return refused(18, f"The reporting tag {name} cannot be used in {where}.")


def option_not_usable(tag: str) -> Refusal:
    """A reporting tag that is a draft or inactive, or an option of it that is."""
    return refused(19, f"The option selected for the reporting tag {tag} is not active.")


def project_not_usable(name: str, why: str) -> Refusal:
    """A project that is inactive or belongs to another customer."""
    return refused(20, f"The project {name} {why}.")


def not_a_customer(name: str) -> Refusal:
    """A contact of another type, where a line names a customer."""
    return refused(21, f"The contact {name} is not a customer.")


def bound_account(name: str, currency: str) -> Refusal:
    """An account that is kept in one foreign currency."""
    return refused(22, f"The account {name} takes only transactions in {currency}.")


def too_many_decimals(currency: str, price_precision: int) -> Refusal:
    """An amount that the currency cannot express."""
    return refused(23, f"An amount in {currency} has {price_precision} decimals.")


def interstate_needs_igst() -> Refusal:
    """India: a tax of the state on a purchase from another state (code 3032)."""
    return Refusal(400, 3032, "IGST has to be applied as this is an interstate transaction")


def intrastate_takes_no_igst() -> Refusal:
    """India: the interstate tax on a purchase within the state (code 3032)."""
    return Refusal(400, 3032, "IGST cannot be applied as this is an intrastate transaction")


def tax_and_reverse_charge() -> Refusal:
    """India: both at once (code 71510; the reference has no text for it)."""
    return Refusal(400, 71510, "A line item cannot have both a tax and a reverse charge tax.")


def reverse_charge_missing() -> Refusal:
    """India: a purchase from an unregistered vendor (code 71512; the reference has no text for it)."""
    return Refusal(400, 71512, "Apply reverse charge, as the vendor is not registered under GST.")


def tax_not_enabled() -> Refusal:
    """A tax is made before taxes were switched on (code 110817; the reference has the start of the text)."""
    return Refusal(400, 110817, "You have to enable Sales Tax before you add a tax.")
