"""The marks on a run that was stopped for a while: its step leaves them, and the sensors go by them."""

GOES_ON_AT = "goes_on_at"
"""Metadata of a failure that passes by itself: from when on its run can go on."""

GOES_ON_AS = "goes_on_as"
"""Metadata beside it: how many times in a row it will have gone on by itself then."""

NOT_READ = "not_read"
"""Metadata of a failure in a run of several periods: those that are missing, oldest first."""

GONE_ON = "mlc/gone_on"
"""The tag of a run that went on by itself: how many times in a row that was."""
