"""The command line, `mlc ...`: what a person can mend is one sentence on standard error, with exit code 2."""

from mlc_pipeline.cli.root import cli, main

__all__ = ["cli", "main"]
