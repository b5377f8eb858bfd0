"""What Dagster gives to an asset or check: the frames of other assets, and the resources of the run.

Dagster looks at these types when it loads the definitions. It sees stand-ins, since the real ones bring all that a
run needs with them.
"""

from typing import TYPE_CHECKING, Any, TypeAlias

import dagster as dg

if TYPE_CHECKING:
    import pandas as pd

    from mlc_pipeline.io_managers import ParquetIOManager
    from mlc_pipeline.resources import ExpensifyAccess, PostingAccess, ZohoAccess

    Frame: TypeAlias = pd.DataFrame
    Frames: TypeAlias = dg.ResourceParam[ParquetIOManager]
    Expensify: TypeAlias = dg.ResourceParam[ExpensifyAccess]
    Zoho: TypeAlias = dg.ResourceParam[ZohoAccess]
    Posting: TypeAlias = dg.ResourceParam[PostingAccess]
else:

    def _is_frame(_context: dg.TypeCheckContext, value: object) -> bool:
        import pandas as pd

        return isinstance(value, pd.DataFrame)

    Frame = dg.DagsterType(_is_frame, name="DataFrame", description="A pandas DataFrame.")
    Frames = Expensify = Zoho = Posting = dg.ResourceParam[Any]
