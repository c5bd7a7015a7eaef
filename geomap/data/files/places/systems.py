"""What a file's own words say about its coordinate system, as later steps take it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from geomap.data.files.places.coordinates import CONTRADICTORY
from geomap.errors import CRSError
from geomap.model.crs import parse_crs
from geomap.model.definition_reader import read_definition
from geomap.model.definitions import contradicted_code, definition_name, resolve_definition

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: How programs write that they do not know.
_UNDEFINED = re.compile(
    r"""\s*(?:(?:LOCAL_CS|ENGCRS|ENGINEERINGCRS)\s*\[\s*"(?:undefined|unknown)"""
    r"|(?:undefined|unknown)?\s*$)",
    re.IGNORECASE,
)


def stated_system(definition: str, *, code: str | None = None) -> str | None:
    """Name the system that a file states: by its code if that is accepted, else by its definition.

    Parameters
    ----------
    definition : WKT or PROJJSON, as the file has it; it never reaches PROJ.
    code : such as "EPSG:4490", where the file states one.

    Returns
    -------
    The code of an accepted system, else what the file calls it, to be refused by that name or
    overruled by the office; None where the definition only says that it is undefined. Where the
    code is one system and the numbers are another, both, after ``CONTRADICTORY``.

    Examples
    --------
    >>> stated_system("undefined", code="EPSG:4490"), stated_system('LOCAL_CS["Site grid"]')
    ('EPSG:4490', 'Site grid')
    """
    stated = None if code is None else _accepted_code(code)
    wrong = contradicted_code(definition, stated)
    if wrong is not None:
        return f"{CONTRADICTORY}{read_definition(definition).name} / EPSG:{wrong}"
    if code is not None and stated is not None:
        return code
    if _UNDEFINED.match(definition):
        return None
    try:
        return resolve_definition(definition)
    except CRSError:
        name = definition_name(definition)
        # the mere name of an unknown system must not be taken for an accepted one
        return code if code is not None else name if _accepted_code(name) is None else f"“{name}”"


def first_coordinates(geometry: NDArray[np.object_]) -> str:
    """Write the first coordinates of geometries, for whoever is asked what they mean; "" if none.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> first_coordinates(np.array([None, shapely.Point(500000.5, 3450000)]))
    '500000.5, 3450000'
    """
    import shapely

    for each in geometry:
        if each is not None and not shapely.is_empty(each):
            x, y = shapely.get_coordinates(each)[0]
            return f"{x:.10g}, {y:.10g}"
    return ""


def _accepted_code(text: str) -> int | None:
    """Give the number of an accepted system's code; None for any other text."""
    try:
        return parse_crs(text).to_epsg()
    except CRSError:
        return None
