"""Runs every measurement and prints ratios; absolute times are of this machine and this minute only."""

from __future__ import annotations

from benchmarks import documents, startup


def main() -> None:
    """Print one table row a measurement."""
    print("| what | against | ratio |")
    print("|---|---|---|")
    for row in (*startup.measure(), *documents.measure()):
        print(f"| {row.what} | {row.against} | {row.ratio:.2f} |")


if __name__ == "__main__":
    main()
