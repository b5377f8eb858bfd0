"""Accounting, pure: values and frames in, documents and problems out. No I/O, no Dagster, no HTTP."""
