"""Receipts: the files behind posted expenses, attached to their documents in Zoho Books, each once."""
