"""Areas joined to the divisions above them, with the figures that can be added up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geomap.web.plan.outlines import finest_seen, simple_coverage

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

_CODE: Final = 6
_SUMS: Final = ("people", "covered", "uncovered")


def joined_by_code(
    areas: gpd.GeoDataFrame, digits: int, names: Mapping[str, str]
) -> gpd.GeoDataFrame:
    """Join areas by the first digits of their codes.

    Parameters
    ----------
    areas : (k,) areas of an answer.
    digits : of the division above: 4 for a city, 2 for a province.
    names : of divisions, by their codes of six digits.

    Returns
    -------
    (j,) frame with ``name adcode geometry``, its outlines as fine as the first view shows; and,
    where `areas` has them, the sums ``people covered uncovered`` and their ``share``. An area
    without a code of its own stays alone.
    """
    import geopandas as gpd
    import pandas as pd

    codes = areas["adcode"].astype("str").where(areas["adcode"].notna())
    key = codes.str[:digits].str.ljust(_CODE, "0").fillna(areas["id"].astype("str"))
    shapes = simple_coverage(areas.geometry.to_numpy(), finest_seen(areas))
    groups = pd.Series(np.arange(len(areas)), index=areas.index).groupby(key.to_numpy(), sort=True)
    rows = {str(code): each.to_numpy() for code, each in groups}
    table = pd.DataFrame({"adcode": list(rows)})
    alone = areas["name"].to_numpy()
    table["name"] = [names.get(code) or str(alone[own[0]]) for code, own in rows.items()]
    for each in _SUMS:
        if each in areas:
            values = areas[each].to_numpy(dtype=np.float64)
            table[each] = [np.nansum(values[own]) for own in rows.values()]
    if "people" in table:
        told = table["people"].where(table["people"] > 0)
        table["share"] = table["covered"] / told
    ground = [shapely.union_all(shapely.make_valid(shapes[own])) for own in rows.values()]
    return gpd.GeoDataFrame(table, geometry=ground, crs=areas.crs)
