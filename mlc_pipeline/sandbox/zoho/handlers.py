"""Which function answers which operation."""

from __future__ import annotations

from collections.abc import Mapping

from mlc_pipeline.sandbox.zoho import (
    attachments,
    bills,
    contacts,
    dimensions,
    journals,
    reference_data,
    reporting_tags,
    taxes,
    transaction_locks,
    vendor_credits,
)
from mlc_pipeline.sandbox.zoho.call import Handler

#: By operationId; each function is called like its operation.
HANDLERS: Mapping[str, Handler] = {
    handler.__name__: handler
    for handler in (
        attachments.add_bill_attachment,
        attachments.add_journal_attachment,
        attachments.delete_bill_attachment,
        attachments.get_bill_attachment,
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
        contacts.update_contact,
        dimensions.get_current_user,
        dimensions.get_project,
        dimensions.list_locations,
        dimensions.list_projects,
        dimensions.list_users,
        journals.create_journal,
        journals.delete_journal,
        journals.get_journal,
        journals.list_journals,
        journals.mark_journal_published,
        journals.reverse_journal,
        journals.update_journal,
        reference_data.get_chart_of_account,
        reference_data.get_currency,
        reference_data.get_organization,
        reference_data.list_chart_of_accounts,
        reference_data.list_currencies,
        reference_data.list_exchange_rates,
        reference_data.list_organizations,
        reporting_tags.all_tag_options,
        reporting_tags.get_all_tag_options,
        reporting_tags.get_tags,
        taxes.create_tax,
        taxes.get_tax,
        taxes.get_tax_group,
        taxes.list_taxes,
        transaction_locks.get_accounting_period_transaction_lock,
        transaction_locks.get_transaction_lock,
        transaction_locks.list_transaction_locks,
        vendor_credits.create_vendor_credit,
        vendor_credits.delete_vendor_credit,
        vendor_credits.get_vendor_credit,
        vendor_credits.list_vendor_credits,
        vendor_credits.mark_vendor_credit_open,
        vendor_credits.mark_vendor_credit_void,
        vendor_credits.update_vendor_credit,
    )
}
