"""Which area each thing lies in: by place, else by code; edges, overlaps, levels, slivers."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, box

from geomap.errors import CRSError
from geomap.plan.placing import place

WGS = "EPSG:4326"


def pairs(frame, areas):
    found = place(frame, areas)
    return sorted(zip(found.rows.tolist(), found.areas.tolist(), strict=True))


def frame(shapes, **columns):
    return gpd.GeoDataFrame(columns or None, geometry=shapes, crs=WGS)


def test_a_point_on_the_border_belongs_to_the_first_of_its_level_and_to_those_above():
    areas = frame(
        [box(0, 0, 1, 1), box(1, 0, 2, 1), box(0, 0, 2, 1)], level=["county", "county", "city"]
    )
    assert pairs(frame([Point(1, 0.5)]), areas) == [(0, 0), (0, 2)]
    assert pairs(frame([Point(1, 0.5)]), areas.iloc[[2, 1, 0]]) == [(0, 0), (0, 1)]


def test_overlapping_areas_both_hold_what_lies_in_both():
    areas = frame([box(0, 0, 2, 2), box(1, 0, 3, 2)])
    assert pairs(frame([Point(1.5, 1), Point(0.5, 1)]), areas) == [(0, 0), (0, 1), (1, 0)]


def test_a_point_on_the_edge_of_one_and_inside_another_is_in_the_other():
    areas = frame([box(0, 0, 1, 1), box(0.5, 0, 3, 1)])
    assert pairs(frame([Point(1, 0.5)]), areas) == [(0, 1)]


def test_ground_comes_before_the_code_and_the_code_where_there_is_no_ground():
    areas = frame([box(0, 0, 1, 1), None], adcode=["410102", "410103"])
    homes = frame(
        [Point(0.5, 0.5), Point(5, 5), None, None, None],
        adcode=["410103", "410102", "410102001", None, "4101"],
    )
    assert pairs(homes, areas) == [(0, 0), (0, 1), (2, 0)]
    assert place(homes, areas).nowhere.tolist() == [False, True, False, True, True]


def test_codes_hold_the_codes_of_the_levels_below_only():
    codes = ["410000", "410100", "410102", "410102001", "410102001003", "100000"]
    levels = ["province", "city", "county", "township", "community", "nation"]
    areas = frame([None] * 6, adcode=codes, level=levels)
    homes = frame([None] * 3, adcode=["410102001003", "410102", "420100"])
    assert pairs(homes, areas) == [
        *((0, area) for area in range(6)), (1, 0), (1, 1), (1, 2), (1, 5), (2, 5),
    ]  # fmt: skip


def test_a_polygon_counts_by_the_share_of_its_ground_and_slivers_do_not():
    areas = frame([box(0, 0, 1, 1), box(1, 0, 2, 1)])
    cells = frame([box(0.5, 0, 1.5, 1), box(0.1, 0, 1.1, 1), box(0.9, 0.2, 2.1, 0.4)])
    found = place(cells, areas)
    shares = {(r, a): s for r, a, s in zip(found.rows, found.areas, found.share, strict=True)}
    assert shares == pytest.approx({(0, 0): 0.5, (0, 1): 0.5, (1, 0): 1.0, (2, 1): 1.0})
    assert found.sums(np.array([10.0, np.nan, 6.0])).tolist() == pytest.approx([5, 11])


def test_empty_and_invalid_areas_hold_what_they_hold():
    bowtie = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    areas = frame([MultiPolygon(), None, bowtie])
    assert pairs(frame([Point(0.2, 1), Point(1, 0.2)]), areas) == [(0, 2)]


def test_nothing_lies_nowhere_and_nowhere_holds_nothing():
    some, none = frame([Point(0, 0)]), frame([])
    assert pairs(none, frame([box(0, 0, 1, 1)])) == []
    assert pairs(some, none) == []
    assert place(some, none).sums(np.array([1.0])).size == 0


def test_other_systems_are_turned_and_unstated_ones_refused():
    areas, homes = frame([box(121, 31, 122, 32)]), frame([Point(121.5, 31.5)])
    assert pairs(homes.to_crs("EPSG:32651"), areas.to_crs("EPSG:4490")) == [(0, 0)]
    with pytest.raises(CRSError):
        place(homes.set_crs(None, allow_override=True), areas)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 8)), min_size=1, max_size=30))
def test_tiles_of_a_level_hold_every_point_once(spots):
    tiles = frame([box(x, y, x + 3, y + 2) for x in range(0, 12, 3) for y in range(0, 8, 2)])
    homes = frame([Point(x, y) for x, y in spots])
    found = place(homes, tiles)
    assert np.bincount(found.rows, minlength=len(spots)).tolist() == [1] * len(spots)
