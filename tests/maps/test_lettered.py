"""The map of a comparison: every home on the picture, none covering another."""

from __future__ import annotations

from itertools import combinations
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from geomap.maps.context import ContextIndex
from geomap.maps.drawing import MAP_HEIGHT, SYMBOL_PX, WIDTH
from geomap.maps.lettered import LETTERS, apart, lettered_map
from geomap.maps.still_map import Spot

SVG = "{http://www.w3.org/2000/svg}"
places = st.lists(
    st.tuples(st.floats(74, 134), st.floats(18, 53)), min_size=1, max_size=len(LETTERS)
)


def drawn(spots: list[tuple[float, float]]) -> list[tuple[float, float]]:
    homes = {
        letter: Spot(lon, lat, "nursing_home", "x")
        for letter, (lon, lat) in zip(LETTERS, spots, strict=False)
    }
    root = ET.fromstring(lettered_map(ContextIndex({}, {}), homes, language="zh"))
    symbols = [each for each in root.findall(f"{SVG}svg") if each.get("viewBox") == "0 0 44 44"]
    half = SYMBOL_PX / 2
    return [(float(each.get("x")) + half, float(each.get("y")) + half) for each in symbols]


@given(places)
def test_every_home_is_on_the_picture_and_covers_no_other(spots):
    found = drawn(spots)
    assert len(found) == len(spots)
    assert all(0 < x < WIDTH and 0 < y < MAP_HEIGHT for x, y in found)
    for (ax, ay), (bx, by) in combinations(found, 2):
        assert max(abs(ax - bx), abs(ay - by)) >= SYMBOL_PX


def test_four_homes_of_one_place_stand_side_by_side_joined_to_it():
    root = ET.fromstring(
        lettered_map(
            ContextIndex({}, {}),
            {each: Spot(121.5, 25.0, "other", "x") for each in LETTERS},
            language="en",
        )
    )
    assert len([each for each in root.findall(f"{SVG}circle") if each.get("r") == "4"]) == 3


def test_symbols_move_towards_the_middle():
    assert apart([(600.0, 10.0)] * 2)[1][0] < 600
    assert apart([(40.0, 10.0)] * 2)[1][0] > 40
