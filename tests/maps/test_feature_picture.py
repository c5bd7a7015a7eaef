"""Pictures of features: each drawn where it stands, and nothing drawn of nothing."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pytest
import shapely

from geomap.maps.context import ContextIndex
from geomap.maps.feature_picture import SIZE, feature_picture

SVG = "{http://www.w3.org/2000/svg}"
HOME = ("other", False)


@pytest.fixture(scope="module")
def draw():
    index = ContextIndex({}, {})

    def drawn(shapes, kinds=(), *, gaps=False):
        picture = feature_picture(
            index, np.array(shapes, dtype=object), kinds=kinds, gaps=gaps, title="<b>&",
            language="en",
        )  # fmt: skip
        root = ET.fromstring(picture)
        assert root.get("viewBox") == f"0 0 {SIZE.width} {SIZE.height}"
        return root

    return drawn


def test_a_home_stands_as_its_symbol_in_the_middle(draw):
    root = draw([shapely.Point(121.5, 31.2)], [HOME])
    (symbol,) = root.findall(f"{SVG}svg")
    middle = float(symbol.get("x")) + float(symbol.get("width")) / 2
    assert middle == pytest.approx(SIZE.width / 2, abs=0.5)
    assert root.findtext(f"{SVG}title") == "<b>&"


def test_many_homes_are_dots_inside_the_picture_one_for_each_place(draw):
    spots = [shapely.Point(121 + n / 100, 31 + n / 200) for n in range(20)]
    root = draw([*spots, spots[0], None], [HOME] * 22)
    dots = root.findall(f".//{SVG}circle")
    assert len(dots) == 20
    assert all(0 <= float(each.get("cx")) <= SIZE.width for each in dots)
    assert all(0 <= float(each.get("cy")) <= SIZE.height for each in dots)


def test_gaps_are_hatched_and_areas_are_outlines(draw):
    square = shapely.box(121, 31, 122, 32)
    holed = square.difference(shapely.box(121.4, 31.4, 121.6, 31.6))
    for gaps, filled in ((True, "url(#gap)"), (False, "#FFFFFF")):
        (path,) = draw([holed], gaps=gaps).findall(f"{SVG}g/{SVG}path")
        assert path.get("fill") == filled
        assert path.get("d").count("M") == 2


def test_nothing_is_drawn_of_nothing(draw):
    for shapes in ([], [None], [shapely.Polygon()]):
        assert draw(shapes).findall(f"{SVG}g") == []
