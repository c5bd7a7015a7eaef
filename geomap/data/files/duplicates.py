"""Say which rows may be one thing twice; all of them are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geomap.data.files.headers import is_row_number
from geomap.data.files.report import Finding, on_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_NAMES_SHOWN = 3


def find_duplicates(
    cells: pd.DataFrame,
    names: Sequence[str],
    *,
    name: pd.Series,
    address: pd.Series,
    rows: NDArray[np.int64],
) -> list[Finding]:
    """Say which rows equal an earlier one, in every cell or in name and address.

    Columns that only number the rows do not count.

    Parameters
    ----------
    cells : (n, k) text cells.
    names : (k,) column names.
    name, address : (n,) values; a missing one equals nothing.
    rows : (n,) row numbers.
    """
    number = pd.Series(rows, index=cells.index)
    twice = name.notna() & name.duplicated(keep=False)
    if not twice.any():
        return []
    told = [place for place, each in enumerate(names) if not is_row_number(each)]
    some = cells.loc[twice, told].fillna("")
    again = pd.Series(data=False, index=cells.index)
    again.loc[some.index] = some.duplicated(keep="first")
    same = again.copy()
    same.loc[some.index] = some.duplicated(keep=False)
    group = some.groupby(list(some.columns), sort=False).ngroup()
    first = number.copy()
    first.loc[some.index] = number.loc[some.index].groupby(group).transform("first")
    findings = on_rows("duplicate_row", again, rows, expected=first)
    key = name.where(name.notna() & address.notna()) + "\x1f" + address
    nearly = key.notna() & key.duplicated(keep="first") & ~again
    earlier = number.groupby(key).transform("first").fillna(0).astype("int64")
    return findings + on_rows("possible_duplicate", nearly, rows, field="name", expected=earlier)


def find_shared_places(
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    *,
    name: pd.Series,
    rows: NDArray[np.int64],
) -> list[Finding]:
    """Say once for each place that rows of different names share."""
    located = np.flatnonzero(np.isfinite(lon))
    places = pd.DataFrame({"lon": lon[located], "lat": lat[located]})
    places["name"], places["row"] = name.iloc[located].to_numpy(), rows[located]
    shared = places[places.duplicated(["lon", "lat"], keep=False)]
    findings = []
    for _, group in shared.groupby(["lon", "lat"], sort=False):
        different = group["name"].dropna().unique()
        if len(different) > 1:
            values = {"came": len(different), "expected": list(different[:_NAMES_SHOWN])}
            numbers = tuple(int(row) for row in group["row"])
            findings.append(Finding("duplicate_location", None, "geometry", values, numbers))
    return findings
