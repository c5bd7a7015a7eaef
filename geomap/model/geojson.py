"""Shapes as RFC 7946 writes them: rounded, outer rings counter-clockwise, holes clockwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Seven decimals are 1 cm: nothing here is known better.
DECIMALS: Final = 7
#: Five are 1 m: enough for what is drawn, and for readers.
METRE_DECIMALS: Final = 5


def geojson_shapes(shapes: NDArray[np.object_], *, decimals: int = DECIMALS) -> NDArray[np.object_]:
    """Round shapes and wind their rings, so that they can be written as GeoJSON.

    Programs that draw on a sphere take a ring wound the other way for the rest of the earth
    (RFC 7946, 3.1.6).

    Parameters
    ----------
    shapes : (n,) shapes in degrees; None where there is none.
    decimals : of a degree.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> clockwise = shapely.from_wkt("POLYGON ((0 0, 0 1, 1.00000001 1, 0 0))")
    >>> shapely.to_wkt(geojson_shapes(np.array([clockwise, None])), rounding_precision=8).tolist()
    ['POLYGON ((0 0, 1 1, 0 1, 0 0))', None]
    """
    import shapely

    rounded = shapely.set_precision(shapes, 10**-decimals, mode="pointwise")
    wound: NDArray[np.object_] = shapely.orient_polygons(rounded)
    return wound
