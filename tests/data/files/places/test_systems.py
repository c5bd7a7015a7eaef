"""What a file states of its coordinate system: a code, a definition, or two that fight."""

from __future__ import annotations

import pytest
import shapely

from geomap.data.files.findings.report import RefusedError
from geomap.data.files.places.coordinates import stated_frame
from geomap.data.files.places.systems import first_coordinates, stated_system

WGS = (
    'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
CGCS_117 = (
    f'PROJCS["CGCS2000_117E",{WGS.replace("WGS_1984", "China_2000")},PROJECTION["Gauss_Kruger"],'
    'PARAMETER["False_Easting",500000.0],PARAMETER["Central_Meridian",117.0],UNIT["Meter",1.0]]'
)


def coded(definition, code):
    return f'{definition[:-1]},AUTHORITY["EPSG","{code}"]]'


@pytest.mark.parametrize(
    ("definition", "code", "system"),
    [
        (CGCS_117, None, "EPSG:4548"),
        (CGCS_117, "EPSG:4548", "EPSG:4548"),
        (CGCS_117, "EPSG:4526", "contradictory:CGCS2000_117E / EPSG:4526"),
        (CGCS_117, "EPSG:999999", "EPSG:4548"),
        (coded(CGCS_117, 4548), None, "EPSG:4548"),
        (coded(CGCS_117, 4547), None, "contradictory:CGCS2000_117E / EPSG:4547"),
        (coded(CGCS_117, 4547), "EPSG:4548", "EPSG:4548"),
        ("undefined", "EPSG:4548", "EPSG:4548"),
        ("undefined", None, None),
        ('PROJCS["4548"]', None, "“4548”"),
    ],
)
def test_the_code_counts_unless_the_numbers_are_others(definition, code, system):
    assert stated_system(definition, code=code) == system


def test_what_fights_is_refused_until_the_office_decides():
    stated = stated_system(coded(CGCS_117, 4547))
    with pytest.raises(RefusedError) as error:
        stated_frame("wgs84", None, stated)
    assert error.value.finding.code == "crs_contradictory"
    for language in ("zh", "en"):
        assert "CGCS2000_117E / EPSG:4547" in error.value.finding.message(language)
    frame = stated_frame("wgs84", "EPSG:4548", stated)
    assert frame.crs == "EPSG:4548"
    (finding,) = frame.findings
    assert finding.values["came"] == "CGCS2000_117E / EPSG:4547"


def test_the_first_coordinates_are_those_of_the_first_place_that_there_is():
    shapes = [None, shapely.Point(), shapely.LineString([(500000.5, 3450000), (0, 0)])]
    assert first_coordinates(shapes) == "500000.5, 3450000"
    assert first_coordinates([None]) == ""
