"""The console that people read."""

from __future__ import annotations

from rich.console import Console

_WIDTH_OF_A_FILE = 160


def console(widest: int | None = None) -> Console:
    """As wide as the terminal, but no wider than `widest` columns.

    What people typed into Expensify is shown as it is: brackets in it are no markup of ours, colons no emoji.
    """
    terminal = Console(markup=False, highlight=False, emoji=False)
    width = terminal.width if terminal.is_terminal else widest or _WIDTH_OF_A_FILE
    return Console(markup=False, highlight=False, emoji=False, width=min(width, widest or width))
