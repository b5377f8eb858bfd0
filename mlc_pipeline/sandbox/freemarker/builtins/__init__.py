"""The built-ins (`x?name`) the sandbox knows; one it does not know fails the template, as an unknown one would."""

from mlc_pipeline.sandbox.freemarker.builtins import collections, kinds, numeric, strings
from mlc_pipeline.sandbox.freemarker.builtins.table import Builtin

BUILTINS: dict[str, Builtin] = {**strings.TABLE, **numeric.TABLE, **collections.TABLE, **kinds.TABLE}

__all__ = ["BUILTINS", "Builtin"]
