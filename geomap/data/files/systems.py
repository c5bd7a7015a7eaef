"""What a file's own words say about its coordinate system, as later steps take it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from geomap.errors import CRSError
from geomap.model.crs import parse_crs
from geomap.model.definitions import definition_name, resolve_definition

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
    overruled by the office; None where the definition only says that it is undefined.

    Examples
    --------
    >>> stated_system("undefined", code="EPSG:4490"), stated_system('LOCAL_CS["Site grid"]')
    ('EPSG:4490', 'Site grid')
    """
    if code is not None:
        try:
            parse_crs(code)
        except CRSError:
            pass  # the definition may mean an accepted one all the same
        else:
            return code
    if _UNDEFINED.match(definition):
        return None
    try:
        return resolve_definition(definition)
    except CRSError:
        name = definition_name(definition)
        return code if code is not None else name if not _is_code(name) else f"“{name}”"


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


def _is_code(name: str) -> bool:
    """Whether the mere name of an unknown system would be taken for an accepted one."""
    try:
        parse_crs(name)
    except CRSError:
        return False
    return True
