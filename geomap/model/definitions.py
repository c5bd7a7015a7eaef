"""Which accepted coordinate system a definition means, by its parameters or by its code.

A ``.prj`` file, a GeoPackage or a GeoParquet file may write its coordinate system out and say no
code; then its numbers are compared with those of the accepted systems. Where it says both, they
must agree.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from geomap.errors import CRSError
from geomap.model.crs import describe
from geomap.model.definition_reader import Definition, of_projjson, plain_name, read_definition
from geomap.model.epsg import ACCEPTED, DATUM_NAMES, accepted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: How far two numbers may be apart and mean the same: about 10 cm on the ground.
_TOLERANCE = {"lat_0": 1e-6, "lon_0": 1e-6, "lat_1": 1e-6, "lat_2": 1e-6, "k": 1e-8} | {
    "x": 0.02,
    "y": 0.02,
}
_AXIS_M, _FLATTENING = 1.0, 0.01
#: Datums so near to WGS-84 that their names are mixed up without harm: within about 1 m.
_NEAR_M = 1.0


def resolve_definition(text: str) -> str:
    r"""Name the accepted coordinate system that a definition means.

    Parameters
    ----------
    text : WKT (of ESRI, GDAL or ISO 19162) or PROJJSON.

    Returns
    -------
    A text for :func:`geomap.model.crs.parse_crs`, such as ``EPSG:2326``.

    Raises
    ------
    CRSError : if it is no definition, or means no accepted system; names what came. Also if it
        states a code whose numbers are not its own: then one of them is wrong.

    Examples
    --------
    >>> degrees = 'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,' \
    ... '298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
    >>> resolve_definition(degrees)
    'EPSG:4326'
    >>> resolve_definition(
    ...     f'PROJCS["CGCS2000_3_Degree_GK_CM_117E",{degrees.replace("WGS_1984", "China_2000")},'
    ...     'PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",500000.0],'
    ...     'PARAMETER["Central_Meridian",117.0],UNIT["Meter",1.0]]')
    'EPSG:4548'
    """
    definition = read_definition(text)
    wrong, code = contradicted_code(text), definition.code
    if wrong is not None:
        raise CRSError(
            f"the code and the numbers of a coordinate system must agree, got EPSG:{wrong} with "
            f"those of {definition.name[:80]!r}: name the right EPSG code"
        )
    if code is not None and code in ACCEPTED and bool(definition.method) == _is_projected(code):
        return f"EPSG:{code}"
    for candidate in _candidates(definition):
        if _same(definition, _accepted(candidate)):
            return f"EPSG:{candidate}"
    raise CRSError(
        f"the coordinate system must be one of the accepted ones, got {definition.name[:80]!r}: "
        "name its EPSG code, or reproject the file to WGS-84"
    )


def contradicted_code(text: str, code: int | None = None) -> int | None:
    """Give the code that goes with a definition though its numbers are those of another system.

    Parameters
    ----------
    text : the definition.
    code : EPSG code that the file states beside it; its own if not given.

    Returns
    -------
    The code of an accepted system of the same kind; None if they agree, if there is no such code,
    or if the definition cannot be read, so that nothing speaks against the code.
    """
    try:
        definition = read_definition(text)
    except CRSError:
        return None
    code = definition.code if code is None else code
    if code is None or code not in ACCEPTED or bool(definition.method) != _is_projected(code):
        return None
    near = _is_near(_datum(definition.datums), code)
    return None if near and _same(definition, _accepted(code)) else code


def _is_near(datum: int | None, code: int) -> bool:
    """Whether a datum, if its name is known, may be called that of an accepted system."""
    other = accepted(code).datum
    return datum in (None, other) or (_as_wgs84(datum) and _as_wgs84(other))


def definition_name(text: str) -> str:
    """Give what a definition calls itself; its beginning where it cannot be read.

    Examples
    --------
    >>> definition_name('LOCAL_CS["Site grid",UNIT["metre",1]]'), definition_name("+proj=utm ")
    ('Site grid', '+proj=utm')
    """
    match = re.match(r'\s*[A-Za-z_0-9]+\s*[\[(]\s*"([^"]{1,200})"', text)
    return match[1] if match else " ".join(text.split())[:80]


def _candidates(definition: Definition) -> Iterator[int]:
    """Give the codes that may be meant: of its own datum first, then of one as good as it."""
    own = _datum(definition.datums)
    if own is None:
        return
    alike = [own]
    if definition.method and _as_wgs84(own):
        alike += [code for code in DATUM_NAMES if code != own and _as_wgs84(code)]
    for datum in alike:
        yield from (code for code, each in ACCEPTED.items() if each.datum == datum)


def _as_wgs84(datum: int) -> bool:
    """Whether a datum is WGS-84 within a metre, so that offices mix their names up: SVY21."""
    off_m = accepted(datum).accuracy_m
    return off_m is not None and off_m <= _NEAR_M and not DATUM_NAMES[datum].shifted


def _datum(names: Iterable[str]) -> int | None:
    """Tell the datum by its name, whichever dialect it is written in."""
    for name in names:
        plain = plain_name(re.sub(r"^(?:D|GCS)_", "", name))
        for code, known in DATUM_NAMES.items():
            if plain in known.names:
                return code
    return None


def _same(one: Definition, other: Definition) -> bool:
    """Whether two definitions mean the same place by the same numbers."""
    axis = abs(one.semi_major_m - other.semi_major_m) <= _AXIS_M
    shape = abs(one.inverse_flattening - other.inverse_flattening) <= _FLATTENING
    return (
        axis
        and shape
        and one.method == other.method
        and all(
            abs(value - other.parameters[name]) <= _TOLERANCE[name]
            for name, value in one.parameters.items()
        )
    )


@cache
def _accepted(code: int) -> Definition:
    """Give an accepted system as a definition; its own numbers always can be read, or none is."""
    try:
        return of_projjson(describe(code))
    except CRSError:
        return Definition(str(code), (), 0.0, 0.0, "none")


def _is_projected(code: int) -> bool:
    """Whether the coordinates of an accepted system are metres."""
    return accepted(code).datum != code
