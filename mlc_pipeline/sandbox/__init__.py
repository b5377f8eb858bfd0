"""A local Expensify and a local Zoho Books, so that the whole path runs on one machine and in tests.

Only the command line and tests import it, and it imports none of the clients it stands in front of.
"""
