"""Rows by id, without a Python object for each: 400,000 take 2 MB, a dict 60 MB."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd


class RowNumbers(Mapping[str, int]):
    """The row of each id, by binary search: some 20 µs for one of 400,000.

    Parameters
    ----------
    ids : (n,) texts, each once.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = RowNumbers(pd.Series(["b", "a"], dtype="str"))
    >>> rows["a"], rows.get("c"), dict(rows)
    (1, None, {'b': 0, 'a': 1})
    """

    def __init__(self, ids: pd.Series) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        values = pa.array(ids.array)
        self._ids = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
        self._order = pc.sort_indices(self._ids).to_numpy().astype(np.int32)

    def __getitem__(self, key: str) -> int:
        at = bisect_left(self._order, key, key=self._id)
        if at < len(self._order) and self._id(row := int(self._order[at])) == key:
            return row
        raise KeyError(key)

    def _id(self, row: int) -> str:
        text: str = self._ids[int(row)].as_py()
        return text

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids.to_pylist())

    def __len__(self) -> int:
        return len(self._ids)
