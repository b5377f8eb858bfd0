"""The one error of these commands."""


class MappingRefused(Exception):
    """A mapping cannot be shown or changed as asked; the text says what, in which line, and how to mend it."""
