"""Land and sea told from coastlines; x eastward, y downward, land on the left as one goes."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geomap.data.basemap.coast import land_and_sea

BOX = (0.0, 0.0, 8.0, 8.0)


def cut(*lines):
    land, sea = land_and_sea(np.array([shapely.LineString(each) for each in lines]), BOX)
    return shapely.area(land).sum(), shapely.area(sea).sum()


def ring(x, y, half, *, land_inside):
    """A round coast; on the screen it runs anticlockwise around land."""
    corners = [
        (x - half, y - half),
        (x - half, y + half),
        (x + half, y + half),
        (x + half, y - half),
    ]
    path = [*corners, corners[0]]
    return path if land_inside else path[::-1]


def test_without_coast_all_is_land():
    assert cut() == (64, 0)


def test_an_island_is_land_in_the_sea_and_a_bay_without_way_out_sea_in_the_land():
    assert cut(ring(4, 4, 1, land_inside=True)) == (4, 60)
    assert cut(ring(4, 4, 1, land_inside=False)) == (60, 4)


def test_a_coast_across_the_box_parts_it_whichever_pieces_it_is_in():
    assert cut([(4, 9), (4, -1)]) == (32, 32)
    assert cut([(4, 9), (4, 5)], [(4, 5), (4, -1)]) == (32, 32)
    assert cut([(2, -1), (2, 9)], [(6, 9), (6, -1)]) == (32, 32)  # a strait


def test_a_coast_that_ends_in_the_box_leaves_it_neither():
    assert cut([(4, 9), (4, 3)]) == (0, 0)


def test_coasts_that_contradict_each_other_leave_the_cell_between_them_neither():
    land, sea = cut([(2, 9), (2, -1)], [(6, 9), (6, -1)])
    assert (land, sea) == (16, 16)


@given(st.floats(0.5, 7.5), st.floats(0.5, 7.5), st.floats(0.1, 0.4), st.booleans())
def test_land_and_sea_fill_the_box(x, y, half, land_inside):
    land, sea = cut(ring(x, y, half, land_inside=land_inside))
    assert land + sea == pytest.approx(64)
    assert min(land, sea) == pytest.approx(4 * half * half)
