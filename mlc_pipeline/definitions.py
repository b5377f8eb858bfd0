"""The front door: what Dagster loads."""

import gc

from mlc_pipeline.build import build_defs

# Many objects that live as long as the process: garbage is not looked for among them, now or later.
gc.disable()
try:
    defs = build_defs()
finally:
    gc.freeze()
    gc.enable()
