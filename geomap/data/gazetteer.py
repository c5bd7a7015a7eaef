"""The gazetteer of the layers that ship, loaded when an address first needs it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from geomap.data.layers import read_layer
from geomap.model.gazetteer import Gazetteer
from geomap.settings import layers_dir

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

#: Layers whose names tell a place of their own.
_NAMED = ("residential", "hospitals", "facilities")


@cache
def shipped_gazetteer() -> Gazetteer:
    """Give the divisions, places and streets that ship: about a second of work, once."""
    import pandas as pd

    folder = layers_dir()
    named = pd.concat([_points(read_layer(folder, each)) for each in _NAMED], ignore_index=True)
    streets = read_layer(folder, "streets")
    return Gazetteer.of(
        pd.DataFrame(read_layer(folder, "places").drop(columns="geometry")),
        named,
        _points(streets).assign(number=streets["number"]),
    )


def _points(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Take names and points."""
    import pandas as pd

    points = pd.DataFrame({"name": frame["name"], "adcode": frame["adcode"]})
    return points.assign(lon=frame.geometry.x, lat=frame.geometry.y)
