"""What changed between two states of the facility list: opened, closed, beds, rating, risk list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geomap.plan.people import read_numbers
from geomap.plan.sites import out_of_service

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

#: Kinds of change, in the order in which they are told.
KINDS: Final = ("opened", "closed", "beds", "rating", "listed", "delisted")
_TOLD: Final = ("id", "name", "type", "adcode")
#: What is read of a facility, besides its geometry.
COLUMNS: Final = (*_TOLD, "status", "beds_total", "rating", "risk_listed")


def changes(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """List what changed between two facility frames, by id.

    Parameters
    ----------
    before, after : (m,), (n,) facility frames; ids are unique in each.

    Returns
    -------
    One row a change, with ``id name type adcode geometry`` as they are now (or were, where the
    facility is gone), ``kind`` of :data:`KINDS`, and ``was`` and ``now``: numbers of beds or
    levels, NaN elsewhere. Opened is in service now and was not, or was not listed; closed the
    other way round; an unstated status counts as in service. A value that became known, or
    unknown, is no change of beds or of the risk list; a first rating is a change.

    Examples
    --------
    >>> import geopandas as gpd
    >>> def homes(**columns):
    ...     rows = {"id": ["a", "b"], "name": ["甲", "乙"], "type": ["other"] * 2, **columns}
    ...     return gpd.GeoDataFrame(rows, geometry=[None, None], crs="EPSG:4326")
    >>> found = changes(homes(beds_total=[10, 20])[:1], homes(beds_total=[12, 20]))
    >>> found[["id", "kind", "was", "now"]].values.tolist()
    [['b', 'opened', nan, nan], ['a', 'beds', 10.0, 12.0]]
    """
    old, new = before.set_index("id"), after.set_index("id")
    ids = new.index.union(old.index, sort=False)
    then, now = old.reindex(ids), new.reindex(ids)
    served, serves = _serving(old, ids), _serving(new, ids)
    was_there, is_there = _places(old, ids) >= 0, _places(new, ids) >= 0
    both = was_there & is_there
    beds, rating = _pair("beds_total", then, now), _pair("rating", then, now)
    marked: dict[str, tuple[Mask, Any]] = {
        "opened": (serves & ~served, None),
        "closed": (served & ~serves, None),
        "beds": (both & _differ(*beds), beds),
        "rating": (both & _differ(*(np.nan_to_num(each, nan=-1.0) for each in rating)), rating),
        "listed": (both & _turned(then, now, to=True), None),
        "delisted": (both & _turned(then, now, to=False), None),
    }
    told = now.geometry.where(is_there, then.geometry)
    rows = [_rows(kind, mask, values, ids, then, now) for kind, (mask, values) in marked.items()]
    table = pd.concat(rows, ignore_index=True)
    import geopandas as gpd

    shapes = told.reindex(table["id"]).to_numpy()
    return gpd.GeoDataFrame(table, geometry=shapes, crs=after.crs)


def _rows(  # noqa: PLR0913, PLR0917 (what a row is made of)
    kind: str, mask: Mask, values: Any, ids: pd.Index, then: pd.DataFrame, now: pd.DataFrame  # noqa: ANN401 (two columns, or none)
) -> pd.DataFrame:  # fmt: skip
    """Write the changes of one kind."""
    found = pd.DataFrame({"id": ids[mask]})
    for name in _TOLD[1:]:
        if name in now:
            known = now[name][mask]
            if name in then:
                known = known.where(known.notna(), then[name][mask])
            found[name] = known.to_numpy()
    found["kind"] = kind
    nothing = np.full(int(mask.sum()), np.nan)
    was, is_now = (nothing, nothing) if values is None else (each[mask] for each in values)
    return found.assign(was=was, now=is_now)


def _serving(frame: pd.DataFrame, ids: pd.Index) -> Mask:
    """Mark the ids that are listed and in service."""
    places = _places(frame, ids)
    out = np.append(out_of_service(frame), False)  # the last stands for those not listed
    serving: Mask = (places >= 0) & ~out[places]
    return serving


def _places(frame: pd.DataFrame, ids: pd.Index) -> NDArray[np.intp]:
    """Give the row of each id, -1 where it is not listed; an index's `isin` takes seconds."""
    return np.asarray(frame.index.get_indexer(ids))


def _pair(name: str, *frames: pd.DataFrame) -> tuple[NDArray[np.float64], ...]:
    return tuple(_numbers(name, each) for each in frames)


def _numbers(name: str, frame: pd.DataFrame) -> NDArray[np.float64]:
    if name not in frame:
        return np.full(len(frame), np.nan)
    return np.asarray(read_numbers(frame[name]).to_numpy(dtype=np.float64, na_value=np.nan))


def _differ(was: NDArray[np.float64], now: NDArray[np.float64]) -> Mask:
    different: Mask = np.isfinite(was) & np.isfinite(now) & (was != now)
    return different


def _turned(then: pd.DataFrame, now: pd.DataFrame, *, to: bool) -> Mask:
    """Mark those whose place on the risk list is known at both times, and became so."""
    if "risk_listed" not in then or "risk_listed" not in now:
        return np.zeros(len(now), dtype=bool)
    was, is_now = (each["risk_listed"].astype("boolean") for each in (then, now))
    turned = (was == (not to)) & (is_now == to)
    marked: Mask = turned.fillna(value=False).to_numpy(dtype=bool)
    return marked
