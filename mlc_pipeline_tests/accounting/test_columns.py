"""Numbers of combinations, whatever would come of multiplying how many values each column has."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mlc_pipeline.accounting.columns import combined

FEW_OF_MANY = st.sampled_from([0, 1, 2, 2**31, 2**32 - 1])
ROWS = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.tuples(*[FEW_OF_MANY] * width), min_size=1, max_size=20)
)


@given(ROWS)
def test_combinations_are_told_apart_also_where_their_product_leaves_64_bits(rows: list[tuple[int, ...]]) -> None:
    columns = [(np.array(column, dtype=np.int64), 2**32) for column in zip(*rows, strict=True)]
    numbers, firsts = combined(columns, len(rows))
    distinct = sorted(set(rows))
    assert numbers.tolist() == [distinct.index(row) for row in rows]
    assert firsts.tolist() == [rows.index(one) for one in distinct]
