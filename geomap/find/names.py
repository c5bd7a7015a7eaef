"""Everything on the map that has a name, as one table, the most important first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geomap.find.points import lon_lat
from geomap.model.divisions import LEVELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    import numpy.typing as npt
    import pandas as pd

#: Kinds of thing, the most important first; a place of any other kind ranks as a town.
KINDS = (*LEVELS, "facility", "town", "hospital", "residential", "village")
COLUMNS = (
    "kind",
    "subkind",
    "id",
    "name",
    "name_en",
    "aliases",
    "address",
    "adcode",
    "path",
    "lon",
    "lat",
    "precision",
    "population",
    "importance",
)
_BETWEEN_ALIASES = "|"
_TOWNSHIP = r"^(..+?)(?:街道|苏木|[镇乡])$"


def named_things(
    places: pd.DataFrame,
    *,
    facilities: gpd.GeoDataFrame | None = None,
    hospitals: gpd.GeoDataFrame | None = None,
    residential: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Gather all that has a name, ordered by kind, population and id.

    Parameters
    ----------
    places : ``id name name_en kind adcode lon lat precision path population aliases``.
    facilities : facility frame; the other two have ``id name adcode`` and Point geometry.

    Returns
    -------
    (n,) frame of ``COLUMNS``; ``importance`` is the position of its kind in ``KINDS``.
    """
    import pandas as pd

    parts = [_of_places(places)]
    if facilities is not None:
        parts.append(_of_facilities(facilities))
    if hospitals is not None:
        parts.append(_of_points(hospitals, "hospital"))
    if residential is not None:
        parts.append(_of_points(residential, "residential"))
    things = pd.concat([each.reindex(columns=list(COLUMNS)) for each in parts], ignore_index=True)
    order = (
        things.loc[things["name"].notna(), ["id", "importance", "population"]]
        .sort_values("id", kind="stable")
        .sort_values(["importance", "population"], ascending=[True, False], kind="stable")
    )
    return things.loc[order.index].reset_index(drop=True)


def spoken_names(things: pd.DataFrame) -> tuple[list[str], npt.NDArray[np.intp]]:
    """Give every text that a thing may be looked up by, and the row of the thing.

    Townships answer to their short name (江宁路 for 江宁路街道), divisions to their code as well;
    the short names of larger ones are among their aliases.
    """
    import pandas as pd

    divisions = things[things["importance"] < len(LEVELS)]
    townships = divisions[divisions["subkind"] == "township"]
    columns = [things[name].dropna() for name in ("name", "name_en", "address")]
    columns.append(townships["name"].str.replace(_TOWNSHIP, r"\1", regex=True))
    columns.append(divisions["adcode"].dropna())
    columns.append(things["aliases"].dropna().str.split(_BETWEEN_ALIASES, regex=False).explode())
    texts = pd.concat([each.astype("str") for each in columns])
    return texts.tolist(), texts.index.to_numpy(dtype=np.intp)


def located_names(frames: Sequence[gpd.GeoDataFrame]) -> pd.DataFrame:
    """Gather names and points, to find addresses by.

    Parameters
    ----------
    frames : frames with ``name adcode``, some with ``number``, and Point geometry or none.

    Returns
    -------
    (n,) frame ``name number adcode lon lat`` of what has a place.
    """
    import pandas as pd

    columns = ["name", "number", "adcode", "lon", "lat"]
    parts = []
    for frame in frames:
        lon, lat = lon_lat(frame)
        part = pd.DataFrame(frame.drop(columns=frame.geometry.name)).assign(lon=lon, lat=lat)
        parts.append(part.reindex(columns=columns).astype({"number": "Float64"}))
    if not parts:
        return pd.DataFrame({each: pd.Series(dtype="Float64") for each in columns}).astype(
            {"name": "str", "adcode": "str"}
        )
    return pd.concat(parts, ignore_index=True).dropna(subset=["name", "lon"])


def _of_places(places: pd.DataFrame) -> pd.DataFrame:
    order = {kind: position for position, kind in enumerate(KINDS)}
    importance = places["kind"].map(order).fillna(order["town"])
    return places.assign(kind="place", subkind=places["kind"], importance=importance)


def _of_facilities(facilities: gpd.GeoDataFrame) -> pd.DataFrame:
    return _of_points(facilities, "facility").assign(
        kind="facility",
        subkind=facilities["type"],
        name_en=facilities["name_en"],
        address=facilities["address"],
        precision=facilities["location_precision"],
    )


def _of_points(frame: gpd.GeoDataFrame, kind: str) -> pd.DataFrame:
    import pandas as pd

    lon, lat = lon_lat(frame)
    return pd.DataFrame(frame[["id", "name", "adcode"]]).assign(
        kind="place",
        subkind=kind,
        lon=lon,
        lat=lat,
        precision="point",
        importance=KINDS.index(kind),
    )
