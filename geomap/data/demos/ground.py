"""Where invented things stand: townships as centres, points around them, inside real counties.

Most townships of the gazetteer stand on the point of their county; those get a place of their
own here: streets around the county's seat, the others anywhere in the county. Such places are
invented like everything that is put there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geomap.data.divisions import locate, read_areas
from geomap.data.layers import read_layer
from geomap.settings import layers_dir

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: One in so many degrees; a kilometre, nearly.
KM = 0.01
_STREET = "街道"
_ROUNDS = 12


@dataclass(frozen=True, eq=False)
class Ground:
    """The townships of some counties.

    Parameters
    ----------
    counties : (c,) area frame of the counties, with polygons.
    townships : (t,) code (nine digits), name, county (six digits), path, lon, lat, homes (how
        many residential areas are nearest to it).
    """

    counties: gpd.GeoDataFrame
    townships: pd.DataFrame

    def scatter(
        self, rows: NDArray[np.intp], rng: np.random.Generator, *, spread_km: float
    ) -> tuple[Floats, Floats]:
        """Put points around townships, each inside the county of its township.

        Parameters
        ----------
        rows : (n,) rows of `townships`.
        spread_km : standard deviation of the distance, north and east.

        Returns
        -------
        Longitudes and latitudes, (n,) degrees each, with six decimals.
        """
        some = self.townships.iloc[rows]
        centre = np.column_stack([some["lon"], some["lat"]])
        found = centre.copy()
        open_ = np.arange(len(rows))
        codes = some["county"].to_numpy(dtype=object)
        for attempt in range(_ROUNDS):
            spread = spread_km * KM * 0.7**attempt
            tried = centre[open_] + rng.normal(0.0, spread, (len(open_), 2))
            tried = tried.round(6)
            inside = locate(*tried.T) == codes[open_]
            found[open_[inside]] = tried[inside]
            open_ = open_[~inside]
            if not len(open_):
                break
        return found[:, 0], found[:, 1]


def read_ground(prefixes: tuple[str, ...], *, seed: int) -> Ground:
    """Read the counties and townships whose code begins with one of the prefixes.

    Parameters
    ----------
    prefixes : beginnings of six-digit codes; ``""`` is the whole country.
    seed : gives the same invented places again.

    Raises
    ------
    DataError, NotFoundError : if the layers that ship or the county polygons are missing.
    """
    areas = read_areas("county")
    counties = areas[areas["adcode"].str.startswith(prefixes)].reset_index(drop=True)
    places = read_layer(layers_dir(), "places")
    townships = _townships(places, counties)
    seats = places[places["kind"] == "county"].drop_duplicates("adcode").set_index("adcode")
    rng = np.random.default_rng(seed)
    lon, lat = _centres(townships, seats, counties, rng)
    townships = townships.assign(lon=lon, lat=lat)
    return Ground(counties, townships.assign(homes=_homes(townships)))


def _townships(places: gpd.GeoDataFrame, counties: gpd.GeoDataFrame) -> pd.DataFrame:
    """List the townships by code; a county without any stands for itself."""
    found = places[places["kind"] == "township"]
    columns = {
        "code": found["adcode"],
        "name": found["name"],
        "county": found["adcode"].str.slice(0, 6),
        "path": found["path"],
        "lon": found["lon"],
        "lat": found["lat"],
        "own": found["precision"] == "township",
    }
    known = pd.DataFrame(columns)
    known = known[known["county"].isin(counties["adcode"])]
    bare = counties[~counties["adcode"].isin(known["county"])]
    alone = pd.DataFrame({"code": bare["adcode"], "name": bare["name"], "county": bare["adcode"]})
    alone = alone.assign(path=bare["name"], lon=np.nan, lat=np.nan, own=False)
    return pd.concat([known, alone]).sort_values("code", ignore_index=True)


def _centres(
    townships: pd.DataFrame,
    seats: pd.DataFrame,
    counties: gpd.GeoDataFrame,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Keep the townships' own places that lie in their county, and invent the others."""
    codes = townships["county"].to_numpy(dtype=object)
    place = townships[["lon", "lat"]].to_numpy(dtype=np.float64).copy()
    done = townships["own"].to_numpy(dtype=bool) & (locate(*place.T) == codes)
    polygons = counties.set_index("adcode").geometry.reindex(codes).to_numpy()
    seat = seats[["lon", "lat"]].reindex(codes).to_numpy(dtype=np.float64)
    near = townships["name"].str.endswith(_STREET).to_numpy(dtype=bool) & np.isfinite(seat[:, 0])
    bounds = shapely.bounds(polygons)
    for attempt in range(3 * _ROUNDS):
        open_ = np.flatnonzero(~done)
        low, high = bounds[open_, :2], bounds[open_, 2:]
        tried = rng.uniform(low, high)
        around = near[open_] & (attempt < _ROUNDS)
        tried[around] = seat[open_][around] + rng.normal(0.0, 2.5 * KM, (int(around.sum()), 2))
        inside = locate(*tried.T) == codes[open_]
        place[open_[inside]] = tried[inside]
        done[open_[inside]] = True
    left = ~done
    inner = shapely.point_on_surface(polygons[left])
    place[left] = np.column_stack([shapely.get_x(inner), shapely.get_y(inner)])
    return place[:, 0].round(6), place[:, 1].round(6)


def _homes(townships: pd.DataFrame) -> NDArray[np.int64]:
    """Count the residential areas that are nearest to each township of their county."""
    from scipy.spatial import cKDTree

    homes = read_layer(layers_dir(), "residential")
    counties = pd.Index(townships["county"].unique())
    of_homes = counties.get_indexer(homes["adcode"].astype("str"))
    homes, of_homes = homes[of_homes >= 0], of_homes[of_homes >= 0]
    of_townships = counties.get_indexer(townships["county"])
    # The third axis keeps counties a thousand degrees apart.
    tree = cKDTree(np.column_stack([townships["lon"], townships["lat"], of_townships * 1e3]))
    _, nearest = tree.query(np.column_stack([homes.geometry.x, homes.geometry.y, of_homes * 1e3]))
    counts: NDArray[np.int64] = np.bincount(nearest, minlength=len(townships)).astype(np.int64)
    return counts
