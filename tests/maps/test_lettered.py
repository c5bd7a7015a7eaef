"""The map of a comparison: every home on the picture, none covering another."""

from __future__ import annotations

import math
from itertools import combinations
from xml.etree import ElementTree as ET

import shapely
from hypothesis import given
from hypothesis import strategies as st

from geomap.maps.context import ContextIndex
from geomap.maps.drawing import MAP_HEIGHT, SIZES, SYMBOL_PX, WIDTH, Box
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


def symbol_and_letter(x: float, y: float) -> shapely.Polygon:
    """The ground of a symbol, and of the disc with its letter at the upper right corner."""
    half = SYMBOL_PX / 2
    disc = shapely.box(x + half - 14, y - half - 14, x + half + 14, y - half + 14)
    return shapely.union(shapely.box(x - half, y - half, x + half, y + half), disc)


#: Symbols with room for four and the searched place move no farther, px.
FARTHEST = 4 * SYMBOL_PX


def crowds(size: str):
    """Up to four homes and a searched place on a map, close together more often than not."""
    width, height = SIZES[size]
    middle = st.tuples(st.floats(64, width - 64), st.floats(64, height - 64))
    near = st.lists(st.tuples(*[st.integers(-90, 90)] * 2), min_size=1, max_size=len(LETTERS))
    return st.tuples(middle, near).map(
        lambda drawn: [
            (min(max(drawn[0][0] + x, 64), width - 64), min(max(drawn[0][1] + y, 64), height - 64))
            for x, y in [(0, 0), *drawn[1]]
        ]
    )


@given(
    st.sampled_from(["wide", "small"]).flatmap(lambda name: crowds(name).map(lambda c: (name, c)))
)
def test_symbols_keep_apart_and_off_the_searched_place_near_where_they_belong(drawn):
    name, ((x, y), *homes) = drawn
    size, mark = SIZES[name], Box(x - 20, y - 20, x + 20, y + 20)
    found = apart(homes, size=size, taken=[mark])
    drawn = [shapely.box(*mark), *(symbol_and_letter(*each) for each in found)]
    for one, other in combinations(drawn, 2):
        assert not one.intersects(other)
    for each in drawn[1:]:
        assert shapely.box(0, 0, *size).covers(each)
    assert all(math.dist(*each) <= FARTHEST for each in zip(homes, found, strict=True))
    assert found == apart(homes, size=size, taken=[mark])


def test_a_symbol_that_can_stay_does_so_and_others_move_to_the_nearest_side():
    first, second, third = apart([(300.0, 150.0), (310.0, 150.0), (400.0, 150.0)])
    assert (first, third) == ((300.0, 150.0), (400.0, 150.0))
    assert math.dist(second, (310.0, 150.0)) < 80
    assert second[1] != 150  # beside the others there is no room
    above = apart([(300.0, 330.0)] * 2)[1]
    assert above[1] <= 330


def test_four_homes_of_one_place_stand_around_it_joined_to_it():
    root = ET.fromstring(
        lettered_map(
            ContextIndex({}, {}),
            {each: Spot(121.5, 25.0, "other", "x") for each in LETTERS},
            language="en",
        )
    )
    assert len([each for each in root.findall(f"{SVG}circle") if each.get("r") == "5"]) == 3


def test_the_map_for_phones_is_narrower_with_signs_as_large():
    homes = {"A": Spot(121.5, 25.0, "other", "x"), "B": Spot(121.6, 25.1, "other", "y")}
    root = ET.fromstring(
        lettered_map(ContextIndex({}, {}), homes, language="zh", size=SIZES["small"])
    )
    assert root.get("width") == "400"
    assert {each.get("width") for each in root.findall(f"{SVG}svg")} == {str(SYMBOL_PX)}
