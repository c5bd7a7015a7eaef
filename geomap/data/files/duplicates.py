"""Say which rows may be one thing twice; all of them are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geomap.data.files.columns.headers import is_row_number
from geomap.data.files.findings.report import MOST_EACH, Finding, on_rows

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
    """Say once for each place that rows of different names share; of very many, once for most.

    Parameters
    ----------
    lon, lat : (n,) coordinates, NaN where unknown.
    name : (n,) values.
    rows : (n,) row numbers.
    """
    located = np.flatnonzero(np.isfinite(lon))
    places = pd.DataFrame({"lon": lon[located], "lat": lat[located]})
    places["name"], places["row"] = name.iloc[located].to_numpy(), rows[located]
    places = places[places.duplicated(["lon", "lat"], keep=False)]
    at = places.groupby(["lon", "lat"], sort=False)
    places["names"], places["place"] = at["name"].transform("nunique"), at.ngroup()
    shared = places[places["names"] > 1]
    each_told = shared["place"].unique()[:MOST_EACH]
    is_told = shared["place"].isin(each_told)
    findings = [_shared(group) for _, group in shared[is_told].groupby("place", sort=False)]
    rest = shared[~is_told]
    if len(rest):
        values = {"came": shared["place"].nunique(), "example": int(rest["row"].iloc[0])}
        numbers = tuple(rest["row"].tolist())
        findings.append(Finding("duplicate_locations", None, "geometry", values, numbers))
    return findings


def _shared(group: pd.DataFrame) -> Finding:
    """Say which rows share one place."""
    different = group["name"].dropna().unique()
    values = {"came": len(different), "expected": list(different[:_NAMES_SHOWN])}
    return Finding("duplicate_location", None, "geometry", values, tuple(group["row"].tolist()))
