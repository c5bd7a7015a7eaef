"""Distances on foot between demand and facilities, on a real network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.errors import ParameterError
from geomap.model.crs import to_geographic
from geomap.model.footholds import MOST_OFF_M, STATES, TOO_FAR, find_footholds
from geomap.model.network import Network
from geomap.model.walks import cut_at, require_limit, walk_from_all, walk_matrix
from geomap.plan.sites import homes_of, out_of_service, point_places

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from geomap.model.footholds import Footholds
    from geomap.plan.ground import Progress

    Floats = NDArray[np.float64]

#: The pace of older people: Asher et al. 2012, doi:10.1093/ageing/afs076.
SENIOR_MPS: Final = 0.8
#: Closed, planned or being built: such a facility serves nobody.
NOT_IN_SERVICE: Final = "not_in_service"
_GROUND: Final = 2


def nearest_on_foot(
    demand: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    network: Network,
    *,
    limit_m: float = np.inf,
    most_off_m: float = MOST_OFF_M,
) -> pd.DataFrame:
    """Find the nearest facility on foot for each demand row.

    Parameters
    ----------
    demand : (n,) points, polygons or cells; people are taken to live at a point inside.
    facilities : (m,) points; m may be 0. Those not in service are nobody's.
    network : the streets.
    limit_m : longer walks are not looked for.
    most_off_m : what is further from every street is not on the network.

    Returns
    -------
    (n,) frame on the index of `demand`: ``facility`` (an index label of `facilities`, missing
    where none is within the limit; of those equally near the first), ``walk_m`` (door to door,
    infinite where there is no way, NaN where the demand is not on the network) and ``network``
    (one of :data:`~geomap.model.footholds.STATES`).

    Raises
    ------
    ParameterError : if a limit is not positive.
    CRSError : if a frame states no accepted coordinate system.
    DataError : if a facility is not a Point.
    """
    import pandas as pd

    require_limit(limit_m)
    ends = find_footholds(network, *homes_of(demand), most_off_m=most_off_m)
    doors = find_doors(facilities, network, most_off_m=most_off_m)
    cut = cut_at(network, doors.footholds)
    place, walk_m = walk_from_all(cut, limit_m=limit_m).of(cut, ends, limit_m=limit_m)
    labels = pd.Series(facilities.index)
    if pd.api.types.is_integer_dtype(labels):
        labels = labels.astype("Int64")  # with missing ones numbers would become decimal
    labels = labels.reindex(place).set_axis(demand.index)
    walk_m[~ends.is_on] = np.nan
    return pd.DataFrame(
        {"facility": labels, "walk_m": walk_m, "network": ends.words}, index=demand.index
    )


def walks_within(  # noqa: PLR0913 (three limits)
    demand: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    network: Network,
    *,
    limit_m: float,
    most_off_m: float = MOST_OFF_M,
    progress: Progress | None = None,
) -> csr_array:
    """Measure the walk from each demand row to each facility within a limit.

    Parameters
    ----------
    demand, facilities, network, most_off_m : as for :func:`nearest_on_foot`.
    limit_m : longer walks are left out.
    progress : told how many facilities of how many are done; may raise to stop the work.

    Returns
    -------
    (n, m) sparse metres, door to door; absent is out of the limit, a stored 0 is no distance.

    Raises
    ------
    ParameterError, CRSError, DataError : as for :func:`nearest_on_foot`.
    """
    ends = find_footholds(network, *homes_of(demand), most_off_m=most_off_m)
    doors = find_doors(facilities, network, most_off_m=most_off_m)
    found = walk_matrix(network, doors.footholds, ends, limit_m=limit_m, progress=progress)
    return found.tocsr()


def off_network(
    frame: gpd.GeoDataFrame, network: Network, *, most_off_m: float = MOST_OFF_M
) -> NDArray[np.bool_]:
    """Mark the rows of which the network tells nothing: whether anybody can walk is unknown there.

    Parameters
    ----------
    frame : (n,) points, polygons or cells.
    network : the streets.
    most_off_m : a place further from every street is off the network.

    Returns
    -------
    (n,) bool: with a place, but no street near it; of polygons, no street near a point inside
    and no node of the network in them.

    Raises
    ------
    ParameterError : if the limit is not positive.
    CRSError : if the frame states no accepted coordinate system.
    """
    import shapely

    state = find_footholds(network, *homes_of(frame), most_off_m=most_off_m).state
    off: NDArray[np.bool_] = state == STATES.index(TOO_FAR)
    shapes = to_geographic(frame).geometry.to_numpy()
    ground = np.flatnonzero(off & (shapely.get_dimensions(shapes) == _GROUND))
    if ground.size:
        nodes = shapely.STRtree(np.asarray(shapely.points(*network.node_place)).ravel())
        off[ground[nodes.query(shapes[ground], predicate="intersects")[0]]] = False
    return off


@dataclass(frozen=True, eq=False)
class Doors:
    """Where the facilities of a frame stand to the network.

    Parameters
    ----------
    lon, lat : (m,) degrees, NaN where a facility is missing or not in service.
    footholds : (m,) on the network.
    words : (m,) one of :data:`~geomap.model.footholds.STATES`, or :data:`NOT_IN_SERVICE`.
    """

    lon: Floats
    lat: Floats
    footholds: Footholds
    words: NDArray[np.object_]


def find_doors(
    facilities: gpd.GeoDataFrame, network: Network, *, most_off_m: float = MOST_OFF_M
) -> Doors:
    """Put facilities on the network; one that is closed, planned or being built serves nobody.

    Raises
    ------
    ParameterError : if the network is none.
    CRSError : if the frame states no accepted coordinate system.
    DataError : if a geometry is not a Point, or no place on earth.
    """
    if not isinstance(network, Network):
        raise ParameterError(
            f"network must be what geomap.read_network gives, got {type(network).__name__}"
        )
    (lon, lat), _ = point_places(facilities)
    shut = out_of_service(facilities)
    lon, lat = np.where(shut, np.nan, lon), np.where(shut, np.nan, lat)
    footholds = find_footholds(network, lon, lat, most_off_m=most_off_m)
    words = footholds.words
    words[shut] = NOT_IN_SERVICE
    return Doors(lon, lat, footholds, words)
