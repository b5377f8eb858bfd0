"""What the assets and checks do when they run, one file each.

Only a running step loads these modules: with them come the frames, both clients and the posting ledger, which
Dagster does not need to read the definitions.
"""
