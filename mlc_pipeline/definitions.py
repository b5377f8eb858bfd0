"""The front door: what Dagster loads."""

import gc

from mlc_pipeline.build import build_defs

# Definitions are many objects that live as long as the process: Python need not look for garbage among them, now or
# later.
gc.disable()
try:
    defs = build_defs()
finally:
    gc.freeze()
    gc.enable()
