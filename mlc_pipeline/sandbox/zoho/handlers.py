"""Which function answers which operation."""

from __future__ import annotations

from collections.abc import Mapping

from mlc_pipeline.sandbox.zoho import bills, contacts, journals, reference_data, vendor_credits
from mlc_pipeline.sandbox.zoho.call import Handler

#: By operationId; each function is called like its operation.
HANDLERS: Mapping[str, Handler] = {
    handler.__name__: handler
    for handler in (
        bills.add_bill_attachment,
        bills.create_bill,
        bills.delete_bill,
        bills.get_bill,
        bills.list_bill_payments,
        bills.list_bills,
        bills.mark_bill_open,
        bills.mark_bill_void,
        bills.update_bill,
        contacts.create_contact,
        contacts.get_contact,
        contacts.list_contacts,
        journals.add_journal_attachment,
        journals.create_journal,
        journals.delete_journal,
        journals.get_journal,
        journals.list_journals,
        journals.mark_journal_published,
        journals.reverse_journal,
        reference_data.all_tag_options,
        reference_data.get_all_tag_options,
        reference_data.get_chart_of_account,
        reference_data.get_current_user,
        reference_data.get_organization,
        reference_data.get_tags,
        reference_data.get_transaction_lock,
        reference_data.list_chart_of_accounts,
        reference_data.list_currencies,
        reference_data.list_exchange_rates,
        reference_data.list_locations,
        reference_data.list_organizations,
        reference_data.list_projects,
        reference_data.list_taxes,
        reference_data.list_transaction_locks,
        vendor_credits.create_vendor_credit,
        vendor_credits.get_vendor_credit,
        vendor_credits.list_vendor_credits,
    )
}
