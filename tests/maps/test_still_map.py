"""The still map around a facility."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import Point

from geomap.maps.boundaries import boundary_arcs, land_polygons
from geomap.maps.context import ContextIndex, hospital_points, place_points
from geomap.maps.still_map import Spot, still_map

SVG = "{http://www.w3.org/2000/svg}"
HERE = (121.45, 31.23)
EVIL = [
    "<img src=x onerror=alert(1)>",
    "</title><script>alert(1)</script>",
    "`;alert(1);`",
    "${alert(1)}",
    '" onload="alert(1)',
    "\\';alert(1)//",
    "javascript:alert(1)",
    "{{7*7}}",
    "<svg/onload=alert(1)>]]><!--",
]


def index_of(names: list[str]) -> ContextIndex:
    """Places in a row north of the middle, hospitals south of it, two counties side by side."""
    middle = len(names) // 2
    spots = [(HERE[0] + 0.03 * (n - middle), HERE[1] + 0.015) for n in range(len(names))]
    places = pd.DataFrame(
        {
            "name": names, "name_en": names, "kind": "county", "rank": 3, "precision": "county",
            "lon": [x for x, _ in spots], "lat": [y for _, y in spots],
        }
    )  # fmt: skip
    hospitals = gpd.GeoDataFrame(
        {"name": names, "kind": "hospital"},
        geometry=[Point(x, y - 0.028) for x, y in spots],
        crs="EPSG:4326",
    )
    boxes = [shapely.box(119, 29, 121.46, 33), shapely.box(121.46, 29, 124, 33)]
    counties = gpd.GeoDataFrame({"adcode": ["310106", "310115"]}, geometry=boxes)
    points = {
        "places": place_points(places, language="zh"),
        "hospitals": hospital_points(hospitals),
    }
    return ContextIndex(boundary_arcs(counties), points, land_polygons(counties))


def picture(names: list[str], **options) -> ET.Element:
    spot = Spot(*HERE, "nursing_home", options.pop("name", "颐养院"), **options.pop("spot", {}))
    drawn = still_map(index_of(names), spot, language=options.pop("language", "zh"), **options)
    return ET.fromstring(drawn)


def texts(root: ET.Element) -> list[str]:
    return [each.text for each in root.iter(f"{SVG}text")]


def test_it_is_one_document_without_scripts_styles_or_addresses():
    root = picture(["静安区"])
    assert root.tag == f"{SVG}svg"
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in {
            "svg", "g", "defs", "clipPath", "title", "text", "rect", "path", "circle",
        }  # fmt: skip
        for name in element.attrib:
            assert name not in {"href", "style", "class"}
            assert not name.startswith("on")


@pytest.mark.parametrize("evil", EVIL)
def test_names_stay_texts(evil):
    root = picture(["浦西", evil, "静安区"], name=evil)
    assert root.find(f"{SVG}title").text == evil
    assert evil in texts(root)
    plain = picture(["浦西", "某", "静安区"], name="x")
    assert {each.tag for each in root.iter()} == {each.tag for each in plain.iter()}


def test_what_xml_cannot_write_is_left_out():
    root = picture(["浦东", "静\x0b安区", "浦西"], name="颐\x00养院\ufffe")
    assert "静安区" in texts(root)
    assert root.find(f"{SVG}title").text == "颐养院"


def test_the_symbol_stands_in_the_middle():
    inner = picture(["静安区"]).find(f"{SVG}svg")
    middle = float(inner.get("x")) + float(inner.get("width")) / 2
    assert middle == 320
    assert float(inner.get("y")) + float(inner.get("height")) / 2 == 180


def test_the_scale_is_true():
    root = picture(["静安区"])
    label = next(each for each in texts(root) if re.fullmatch(r"[\d.]+ (?:米|公里)", each))
    number, unit = label.split()
    metres = float(number) * (1000 if unit == "公里" else 1)
    bar = [each.get("d") for each in root.iter(f"{SVG}path") if each.get("d").startswith("M12 14")]
    px = float(re.search(r"H([\d.]+)", bar[0])[1]) - 12
    zooms = [metres / px / (40_075_016.686 * math.cos(math.radians(HERE[1])) / 256 / 2**z)
             for z in (10, 11, 12, 13)]  # fmt: skip
    assert min(abs(each - 1) for each in zooms) < 0.01


def test_no_words_stand_on_others_or_on_the_symbol():
    root = picture([f"第{n}号很长很长的医院" for n in range(9)])
    boxes = []
    for each in root.iter(f"{SVG}text"):
        x, y, size = (float(each.get(name)) for name in ("x", "y", "font-size"))
        if y > 360 or each.get("stroke"):  # the edge of words lies under them
            continue
        width = sum(size if sign > "\u2e7f" else size * 0.6 for sign in each.text)
        left = x - {"middle": width / 2, "end": width}.get(each.get("text-anchor"), 0)
        boxes.append((left, y - size * 0.8, left + width, y + size * 0.2))
    boxes.append((300, 160, 340, 200))
    assert len(boxes) >= 6  # of the places and hospitals, scale, north and the symbol
    for n, one in enumerate(boxes):
        for other in boxes[n + 1 :]:
            apart = one[2] <= other[0] or other[2] <= one[0]
            assert apart or one[3] <= other[1] or other[3] <= one[1], (one, other)


def test_land_water_and_boundaries_are_drawn_and_named():
    root = picture(["静安区"])
    fills = [each.get("fill") for each in root.iter(f"{SVG}path")]
    assert "#E9EEEC" in fills
    assert "行政区界线" in texts(root)
    assert "水面或国外，没有资料" not in texts(root)
    far = still_map(index_of(["静安区"]), Spot(0.0, 0.0, "other", "x"), language="en")
    assert "Water or abroad: no data" in texts(ET.fromstring(far))
    assert "Boundaries" not in texts(ET.fromstring(far))


def test_a_rough_place_is_shown_from_farther_away():
    def scale(root: ET.Element) -> str:
        return next(each for each in texts(root) if each.endswith("公里"))

    near = picture([f"第{n}处" for n in range(12)])
    far = picture([f"第{n}处" for n in range(12)], spot={"rough": True})
    assert float(scale(far).split()[0]) > float(scale(near).split()[0])


def test_grey_has_the_same_shapes():
    def shapes(root: ET.Element) -> list[tuple[str, str | None]]:
        return [(each.tag, each.get("d")) for each in root.iter()]

    colour, grey = picture(["静安区"]), picture(["静安区"], grey=True)
    assert shapes(colour) == shapes(grey)
    greys = re.findall(
        r"#([0-9A-F]{2})([0-9A-F]{2})([0-9A-F]{2})", ET.tostring(grey, encoding="unicode")
    )
    assert np.ptp(np.array([[int(v, 16) for v in each] for each in greys]), axis=1).max() == 0
