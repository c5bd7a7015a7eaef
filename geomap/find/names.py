"""Everything on the map that has a name, as one table, the most important first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geomap.find.points import lon_lat
from geomap.model.divisions import LEVELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
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


def named_places(
    places: pd.DataFrame,
    hospitals: gpd.GeoDataFrame | None = None,
    residential: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Gather all places that have a name, ordered by kind, population and id.

    Parameters
    ----------
    places : ``id name name_en kind adcode lon lat precision path population aliases``.
    hospitals, residential : ``id name adcode`` and Point geometry.

    Returns
    -------
    (n,) frame of ``COLUMNS``; ``importance`` is the position of its kind in ``KINDS``.
    """
    points = {"hospital": hospitals, "residential": residential}
    given = [_of_points(each, kind) for kind, each in points.items() if each is not None]
    return _in_order([_of_places(places), *given])


def named_facilities(facilities: gpd.GeoDataFrame) -> pd.DataFrame:
    """Gather the facilities that have a name, ordered by id.

    Parameters
    ----------
    facilities : facility frame.

    Returns
    -------
    (n,) frame, as :func:`named_places` gives it.
    """
    return _in_order([_of_facilities(facilities)])


def _in_order(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put things with a name one below the other, the most important first."""
    import pandas as pd

    texts = dict.fromkeys(COLUMNS[: COLUMNS.index("lon")], "str") | {"precision": "str"}
    things = pd.concat([each.reindex(columns=list(COLUMNS)) for each in parts], ignore_index=True)
    things = things.astype(texts)
    order = (
        things.loc[things["name"].notna(), ["id", "importance", "population"]]
        .sort_values("id", kind="stable")
        .sort_values(["importance", "population"], ascending=[True, False], kind="stable")
    )
    return things.loc[order.index].reset_index(drop=True)


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
