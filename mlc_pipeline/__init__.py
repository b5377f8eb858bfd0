"""Approved Expensify reports become Zoho Books documents, once, to the cent."""
