"""Definitions without a code, as ArcGIS, QGIS and PROJ write them; pyproj is the oracle."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from geomap.errors import CRSError
from geomap.model.crs import transform_points
from geomap.model.definitions import definition_name, resolve_definition
from geomap.model.epsg import ACCEPTED

GREENWICH = 'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]'


def esri(name, geogcs, method, unit="Meter", **parameters):
    """Write a .prj as ArcGIS does."""
    given = "".join(f',PARAMETER["{key}",{value}]' for key, value in parameters.items())
    return f'PROJCS["{name}",{geogcs},PROJECTION["{method}"]{given},UNIT["{unit}",1.0]]'


def geographic(name, datum, spheroid, axis, flattening):
    return (
        f'GEOGCS["{name}",DATUM["{datum}",SPHEROID["{spheroid}",{axis},{flattening}]],{GREENWICH}]'
    )


def tm(easting, northing, meridian, scale, origin):
    return {
        "False_Easting": easting, "False_Northing": northing, "Central_Meridian": meridian,
        "Scale_Factor": scale, "Latitude_Of_Origin": origin,
    }  # fmt: skip


CGCS = geographic(
    "GCS_China_Geodetic_Coordinate_System_2000", "D_China_2000", "CGCS2000",
    6378137.0, 298.257222101,
)  # fmt: skip
XIAN = geographic("GCS_Xian_1980", "D_Xian_1980", "Xian_1980", 6378140.0, 298.257)
BEIJING = geographic("GCS_Beijing_1954", "D_Beijing_1954", "Krasovsky_1940", 6378245.0, 298.3)
HK = geographic("GCS_Hong_Kong_1980", "D_Hong_Kong_1980", "International_1924", 6378388.0, 297.0)
TWD97 = geographic("GCS_TWD_1997", "D_TWD_1997", "GRS_1980", 6378137.0, 298.257222101)
TWD67 = geographic("GCS_TWD_1967", "D_TWD_1967", "GRS_1967_Truncated", 6378160.0, 298.25)
WGS = geographic("GCS_WGS_1984", "D_WGS_1984", "WGS_1984", 6378137.0, 298.257223563)
SVY = geographic("GCS_SVY21", "D_SVY21", "WGS_1984", 6378137.0, 298.257223563)
JGD2000 = geographic("GCS_JGD_2000", "D_JGD_2000", "GRS_1980", 6378137.0, 298.257222101)
JGD2011 = geographic("GCS_JGD_2011", "D_JGD_2011", "GRS_1980", 6378137.0, 298.257222101)
TOKYO = geographic("GCS_Tokyo", "D_Tokyo", "Bessel_1841", 6377397.155, 299.1528128)
KOREA = geographic("GCS_Korea_2000", "D_Korea_2000", "GRS_1980", 6378137.0, 298.257222101)
GK, TMERC = "Gauss_Kruger", "Transverse_Mercator"
SINGAPORE = tm(28001.642, 38744.572, 103.8333333333333, 1.0, 1.366666666666667)
TAIPEI, PENGHU = tm(250000.0, 0.0, 121.0, 0.9999, 0.0), tm(250000.0, 0.0, 119.0, 0.9999, 0.0)


def gk(name, base, easting, meridian):
    """Write a Gauss-Krüger zone as ArcGIS does."""
    return esri(name, base, GK, **tm(easting, 0.0, meridian, 1.0, 0.0))


def utm(name, northing, meridian):
    return esri(name, WGS, TMERC, **tm(500000.0, northing, meridian, 0.9996, 0.0))


def japan(name, base, meridian):
    return esri(name, base, TMERC, **tm(0.0, 0.0, meridian, 0.9999, 36.0))


HK_GRID = tm(836694.05, 819069.8, 114.1785555555556, 1.0, 22.31213333333334)
UNIFIED = tm(1000000.0, 2000000.0, 127.5, 0.9996, 38.0)
DATA_GOV_SG = WGS.replace("GCS_WGS_1984", "SVY21[WGS84]")
WEB = ("False_Easting", "False_Northing", "Central_Meridian", "Standard_Parallel_1")
MERCATOR = esri(
    "WGS_1984_Web_Mercator_Auxiliary_Sphere", WGS, "Mercator_Auxiliary_Sphere",
    **dict.fromkeys((*WEB, "Auxiliary_Sphere_Type"), 0.0),
)  # fmt: skip

#: Definition, code, and a place within it (longitude, latitude).
PRJ = {
    "CGCS2000 3° zone": (
        gk("CGCS2000_3_Degree_GK_Zone_39", CGCS, 39500000.0, 117.0),
        4527,
        (117.2, 32),
    ),
    "CGCS2000 3° meridian": (
        gk("CGCS2000_3_Degree_GK_CM_120E", CGCS, 500000.0, 120.0),
        4549,
        (121, 31),
    ),
    "CGCS2000 6° zone": (gk("CGCS2000_GK_Zone_20", CGCS, 20500000.0, 117.0), 4498, (117.2, 32)),
    "CGCS2000 6° meridian": (gk("CGCS2000_GK_CM_117E", CGCS, 500000.0, 117.0), 4548, (117.2, 32)),
    "CGCS2000 degrees": (CGCS, 4490, (117.2, 32)),
    "Xi'an 80 3° zone": (
        gk("Xian_1980_3_Degree_GK_Zone_38", XIAN, 38500000.0, 114.0),
        2362,
        (114, 30),
    ),
    "Xi'an 80 3° meridian": (
        gk("Xian_1980_3_Degree_GK_CM_114E", XIAN, 500000.0, 114.0),
        2383,
        (114, 30),
    ),
    "Xi'an 80 6° zone": (gk("Xian_1980_GK_Zone_19", XIAN, 19500000.0, 111.0), 2333, (111, 30)),
    "Beijing 54 3° zone": (
        gk("Beijing_1954_3_Degree_GK_Zone_39", BEIJING, 39500000.0, 117.0),
        2415,
        (117, 40),
    ),
    "Beijing 54 3° meridian": (
        gk("Beijing_1954_3_Degree_GK_CM_117E", BEIJING, 500000.0, 117.0),
        2436,
        (117, 40),
    ),
    "Beijing 54 6° zone": (
        gk("Beijing_1954_GK_Zone_20", BEIJING, 20500000.0, 117.0),
        21420,
        (117, 40),
    ),
    "Hong Kong 1980": (esri("Hong_Kong_1980_Grid", HK, TMERC, **HK_GRID), 2326, (114.17, 22.3)),
    "TWD97 121": (esri("TWD_1997_TM_Taiwan", TWD97, TMERC, **TAIPEI), 3826, (121.5, 25)),
    "TWD97 119": (esri("TWD_1997_TM_Penghu", TWD97, TMERC, **PENGHU), 3825, (119.5, 23.5)),
    "TWD97 by the name of WGS 84": (esri("TWD97", WGS, TMERC, **TAIPEI), 3826, (121.5, 25)),
    "TWD67 121": (esri("TWD_1967_TM_Taiwan", TWD67, TMERC, **TAIPEI), 3828, (121.5, 25)),
    "SVY21": (esri("SVY21", SVY, TMERC, **SINGAPORE), 3414, (103.8, 1.35)),
    "SVY21 of data.gov.sg": (esri("SVY21", DATA_GOV_SG, TMERC, **SINGAPORE), 3414, (103.8, 1.35)),
    "Japan IX, JGD2011": (
        japan("JGD_2011_Japan_Zone_9", JGD2011, 139.8333333333333),
        6677,
        (139.7, 35.7),
    ),
    "Japan VI, JGD2000": (japan("JGD_2000_Japan_Zone_6", JGD2000, 136.0), 2448, (135.5, 34.7)),
    "Japan IX, Tokyo": (japan("Japan_Zone_9", TOKYO, 139.8333333333333), 30169, (139.7, 35.7)),
    "Korea": (
        esri("Korea_2000_Korea_Unified_Coordinate_System", KOREA, TMERC, **UNIFIED),
        5179,
        (127, 37.5),
    ),
    "UTM 50N": (utm("WGS_1984_UTM_Zone_50N", 0.0, 117.0), 32650, (117, 40)),
    "UTM 23S": (utm("WGS_1984_UTM_Zone_23S", 10000000.0, -45.0), 32723, (-46.6, -23.5)),
    "Web Mercator": (MERCATOR, 3857, (121, 31)),
    "WGS 84": (WGS, 4326, (121, 31)),
}


@pytest.mark.parametrize(("text", "code", "place"), PRJ.values(), ids=PRJ)
def test_a_prj_of_arcgis_is_the_system_of_its_parameters(text, code, place):
    assert resolve_definition(text) == f"EPSG:{code}"
    # The projection itself, by PROJ's own reading of the text: the datum has its own tests.
    oracle = CRS.from_wkt(text)
    x, y = Transformer.from_crs(oracle.geodetic_crs, oracle, always_xy=True).transform(*place)
    mine = CRS.from_epsg(code)
    back = Transformer.from_crs(mine, mine.geodetic_crs, always_xy=True).transform(x, y)
    assert np.allclose(back, place, atol=1e-8)
    assert np.isfinite(transform_points(x, y, f"EPSG:{code}")).all()


def without_codes(text):
    """Take every code out of WKT, and what GDAL adds."""
    while True:
        shorter = re.sub(r",\s*(?:AUTHORITY|ID|EXTENSION|USAGE|AREA|BBOX)\[[^\[\]]*\]", "", text)
        if shorter == text:
            return text
        text = shorter


@pytest.mark.parametrize("dialect", ["WKT1_ESRI", "WKT1_GDAL", "WKT2_2019", "WKT2_2015_SIMPLIFIED"])
def test_every_accepted_system_is_known_by_its_parameters_in_every_dialect(dialect):
    wrong = []
    for code in ACCEPTED:
        oracle = CRS.from_epsg(code)
        if (dialect, code) == ("WKT1_GDAL", 3857):
            continue  # without its extension it is another projection
        found = resolve_definition(without_codes(oracle.to_wkt(dialect)))
        same = found == f"EPSG:{code}" or _same_plane(CRS.from_user_input(found), oracle)
        wrong += [] if same else [(code, found)]
    assert wrong == []


def _same_plane(one, other):
    """Whether two systems give the same numbers: 6° and 3° zones share some meridians."""

    def numbers(crs):
        return [(each.name, each.value) for each in crs.coordinate_operation.params]

    return one.geodetic_crs == other.geodetic_crs and numbers(one) == numbers(other)


def test_projjson_is_read_by_its_parameters_too():
    document = CRS.from_epsg(2326).to_json_dict()
    del document["id"]
    assert resolve_definition(json.dumps(document)) == "EPSG:2326"
    bound = CRS.from_proj4("+proj=longlat +ellps=GRS80 +towgs84=0,0,0").to_json()
    with pytest.raises(CRSError):
        resolve_definition(bound)


def test_a_compound_and_a_bound_system_are_what_they_stand_on():
    assert resolve_definition(f'COMPD_CS["x",{WGS},VERT_CS["h",UNIT["m",1]]]') == "EPSG:4326"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+proj=utm +zone=50 +nadgrids=/etc/passwd",
        "+init=epsg:4326",
        "/etc/passwd",
        "http://127.0.0.1:9/crs",
        "EPSG:4326",
        'LOCAL_CS["site",UNIT["metre",1]]',
        WGS.replace("D_WGS_1984", "D_Unknown").replace("GCS_WGS_1984", "unknown"),
        WGS.replace("6378137.0", "6371000.0"),
        WGS.replace("0.0174532925199433", "0.0157079632679489"),
        WGS.replace('"Greenwich",0.0', '"Paris",2.33722917'),
        esri("x", CGCS, GK, **tm(500000.0, 0.0, 117.5, 1.0, 0.0)),
        esri("x", XIAN, TMERC, **TAIPEI),
        esri("x", WGS, "Hotine_Oblique_Mercator", False_Easting=0.0),
        esri("x", WGS, TMERC, **tm(500000.0, 0.0, 117.0, 0.9996, 0.0), Azimuth=5.0),
        PRJ["UTM 50N"][0].replace('UNIT["Meter",1.0]', 'UNIT["Foot",0.3048]'),
        WGS + WGS,
        WGS[:-1],
        "A[" * 60 + "]" * 60,
        WGS + " " * 60_000,
        "{" * 5000,
        '{"type": "GeographicCRS"}',
        '{"type": "BoundCRS", "source_crs": 5}',
        "[]",
    ],
)
def test_what_means_no_accepted_system_is_refused(text):
    with pytest.raises(CRSError):
        resolve_definition(text)


def test_what_a_definition_states_beyond_its_parameters_is_never_followed():
    linked = WGS[:-1] + ',EXTENSION["PROJ4_GRIDS","/etc/passwd"]]'
    assert resolve_definition(linked) == "EPSG:4326"


@pytest.mark.parametrize("code", [4326, 4490, 2326])
def test_the_code_that_a_definition_states_counts_if_it_is_of_the_same_kind(code):
    stated = WGS[:-1] + f',AUTHORITY["EPSG","{code}"]]'
    assert resolve_definition(stated) == f"EPSG:{code if code != 2326 else 4326}"


@pytest.mark.parametrize("dialect", ["WKT1_GDAL", "WKT2_2019", "PROJJSON"])
def test_every_accepted_system_agrees_with_its_own_code(dialect):
    wrong = []
    for code in ACCEPTED:
        oracle = CRS.from_epsg(code)
        if (dialect, code) == ("WKT1_GDAL", 3857):
            continue  # it is written as another projection, with an extension
        text = oracle.to_json() if dialect == "PROJJSON" else oracle.to_wkt(dialect)
        wrong += [] if resolve_definition(text) == f"EPSG:{code}" else [code]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (PRJ["CGCS2000 3° meridian"][0], 4547),  # the next zone, three degrees away
        (PRJ["CGCS2000 3° meridian"][0], 2414),  # another datum
        (PRJ["Hong Kong 1980"][0], 3826),
        (WGS, 4214),
    ],
)
def test_a_code_that_the_numbers_contradict_is_refused_and_both_are_named(text, code):
    with pytest.raises(CRSError) as error:
        resolve_definition(text[:-1] + f',AUTHORITY["EPSG","{code}"]]')
    assert f"EPSG:{code}" in str(error.value)
    assert definition_name(text) in str(error.value)


@given(st.text(max_size=80))
def test_any_text_is_resolved_or_refused(text):
    for each in (text, f'GEOGCS["{text}",{text}]', WGS[: len(text)] + text + WGS[len(text) :]):
        assert definition_name(each) is not None
        try:
            found = resolve_definition(each)
        except CRSError:
            continue
        assert found == "EPSG:4326"
