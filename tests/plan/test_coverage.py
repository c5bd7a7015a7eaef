"""Covered people: a town checked by hand, laws, and Taipei against plain geopandas."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

import geomap as gm
from geomap.data.reading import read_table
from geomap.errors import CRSError, DataError, ParameterError
from geomap.model.area import AREAS
from geomap.model.demand import DEMAND
from tests.plan.geodesic_discs import geodesic_discs

GEOD = Geod(ellps="WGS84")
#: The equal-area plane of the oracles.
ALBERS = "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +datum=WGS84 +units=m"
LON, LAT = 116.4, 39.9


def east(*metres):
    """Points on one parallel's geodesic, so many metres east of (LON, LAT)."""
    n = len(metres)
    return GEOD.fwd(np.full(n, LON), np.full(n, LAT), np.full(n, 90.0), np.array(metres, float))[:2]


def points(*metres, **columns):
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(*east(*metres), crs="EPSG:4326"))


#   F---1-------2---------------3     F home; people 1, 2, 3 at 1, 3, 7 km
@pytest.fixture
def home():
    return points(0, id=["F"])


@pytest.fixture
def people():
    return points(1000, 3000, 7000, population=[10.0, 20.0, 70.0]).set_axis(list("abc"))


def test_a_point_exactly_at_the_standard_is_covered(home, people):
    found = gm.coverage(people, home, standard_m=3000)
    assert found.fraction.to_dict() == {"a": 1, "b": 1, "c": 0}
    assert (found.covered, found.uncovered, found.share) == (30, 70, 0.3)


def test_unknown_people_shrink_the_base_and_are_counted(home, people):
    people.loc["b", "population"] = np.nan
    found = gm.coverage(people, home, standard_m=3000)
    assert (found.covered, found.uncovered, found.unknown_rows) == (10, 70, 1)
    assert found.by_area.loc["b", "unknown_rows"] == 1


def test_people_without_a_place_are_in_no_share_and_told(home, people):
    people.loc["c", "geometry"] = None
    found = gm.coverage(people, home, standard_m=3000)
    assert found.share == 1.0
    assert (found.without_place, found.without_place_rows) == (70, 1)
    assert np.isnan(found.fraction["c"])


def test_a_point_without_coordinates_is_no_uncovered_place(home, people):
    people.loc["c", "geometry"] = shapely.Point(np.nan, np.nan)
    found = gm.coverage(people, home, standard_m=3000)
    assert (found.share, found.uncovered, found.without_place) == (1.0, 0, 70)
    assert np.isnan(found.fraction["c"])


def test_nobody_gives_no_share(home, people):
    for frame in (people.assign(population=0.0), people.iloc[:0]):
        found = gm.coverage(frame, home, standard_m=1000)
        assert np.isnan(found.share)
        assert found.covered + found.uncovered == 0


def test_no_facility_and_closed_ones_cover_nobody(home, people):
    for homes in (home.iloc[:0], home.assign(status="closed"), home.assign(status="planned")):
        assert gm.coverage(people, homes, standard_m=3000).share == 0
    assert gm.coverage(people, home.assign(status=None), standard_m=3000).share == 0.3


def test_figures_come_by_the_code_of_the_demand(home, people):
    coded = people.assign(adcode=["110101", "110101", None])
    table = gm.coverage(coded, home, standard_m=1000).by_area
    assert table.loc["110101", ["population", "covered", "share"]].tolist() == [30, 10, 1 / 3]
    assert table["population"].sum() == 100


def test_figures_come_by_area_and_an_area_without_geometry_is_unknown(home, people):
    west = shapely.box(LON - 0.001, LAT - 0.01, LON + 0.04, LAT + 0.01)
    east_ = shapely.box(LON + 0.03, LAT - 0.01, LON + 0.2, LAT + 0.01)
    areas = gpd.GeoDataFrame(index=["w", "e", "?"], geometry=[west, east_, None], crs="EPSG:4326")
    table = gm.coverage(people, home, standard_m=1000, areas=areas).by_area
    assert table["population"].tolist()[:2] == [30, 90]
    assert table["covered"].tolist()[:2] == [10, 0]
    assert table.loc["?"].isna().all()


def test_a_polygon_is_covered_by_the_share_of_its_ground(home):
    (x0, x1), (y0, y1) = east(0, 4000)[0], (LAT, LAT + 0.02)
    block = gpd.GeoDataFrame(
        {"population": [100.0]}, geometry=[shapely.box(x0, y0, x1, y1)], crs="EPSG:4326"
    )
    found = gm.coverage(block, home, standard_m=1000)
    quarter_m2 = np.pi * 1000**2 / 4
    area_m2 = abs(GEOD.geometry_area_perimeter(block.geometry[0])[0])
    assert found.share == pytest.approx(quarter_m2 / area_m2, rel=2e-4)


def test_service_areas_may_take_the_place_of_circles(people):
    x, _ = east(2500, 8000)
    street = shapely.box(x[0], LAT - 0.001, x[1], LAT + 0.001)
    areas = gpd.GeoDataFrame(geometry=[street, None], crs="EPSG:4326")
    found = gm.coverage(people, None, service_areas=areas)
    assert (found.covered, found.uncovered) == (90, 10)
    block = gpd.GeoDataFrame({"population": [8.0]}, geometry=[street], crs="EPSG:4326")
    assert gm.coverage(block, None, service_areas=areas).covered == pytest.approx(8)


@pytest.mark.parametrize("standard_m", [0, -5, 1e6, float("nan"), float("inf"), "1000", True])
def test_a_standard_that_is_none_is_refused(home, people, standard_m):
    with pytest.raises(ParameterError, match="standard_m must be more than 0"):
        gm.coverage(people, home, standard_m=standard_m)


def test_neither_or_both_of_standard_and_service_areas_are_refused(home, people):
    with pytest.raises(ParameterError, match="either standard_m"):
        gm.coverage(people, home)
    with pytest.raises(ParameterError, match="either standard_m"):
        gm.coverage(people, home, standard_m=1, service_areas=home)
    with pytest.raises(ParameterError, match="needs facilities"):
        gm.coverage(people, None, standard_m=1000)


def test_bad_people_and_places_are_refused(home, people):
    with pytest.raises(DataError, match="must be 0 or more, got -1"):
        gm.coverage(people.assign(population=[1.0, -1.0, 2.0]), home, standard_m=1000)
    with pytest.raises(DataError, match="0 or more, got inf"):
        gm.coverage(people.assign(population=[1.0, np.inf, 2.0]), home, standard_m=1000)
    with pytest.raises(ParameterError, match="weight must name a column"):
        gm.coverage(people, home, standard_m=1000, weight="aged_80")
    with pytest.raises(ParameterError, match="must hold numbers, got bool"):
        gm.coverage(people.assign(population=[True, False, True]), home, standard_m=1000)
    with pytest.raises(ParameterError, match="must hold numbers, got text"):
        gm.coverage(people.assign(name=list("xyz")), home, standard_m=1000, weight="name")
    with pytest.raises(CRSError):
        gm.coverage(
            gpd.GeoDataFrame(people.drop(columns="geometry"), geometry=people.geometry.to_numpy()),
            home,
            standard_m=1,
        )
    line = people.set_geometry([shapely.LineString([(0, 0), (1, 1)])] * 3, crs="EPSG:4326")
    with pytest.raises(DataError, match="points or polygons, got LineString"):
        gm.coverage(line, home, standard_m=1000)


@pytest.mark.parametrize(
    ("told", "covered", "unknown"),
    [([None] * 3, 0, 3), (["1,000", "x", None], 1000, 2), (["x", "y", "z"], 0, 3)],
)
def test_a_number_that_cannot_be_read_is_unknown_and_counted(home, people, told, covered, unknown):
    found = gm.coverage(
        people.assign(population=pd.Series(told, people.index, dtype=object)), home, standard_m=1000
    )
    assert (found.covered, found.unknown_rows) == (covered, unknown)


@pytest.mark.parametrize(
    "nowhere",
    [shapely.Point(100, 95), shapely.Point(np.inf, 3), shapely.box(100, 85, 110, 95),
     shapely.Polygon([(0, 0), (1, np.inf), (1, 1)]), shapely.box(300, 85, 500, 95)],
)  # fmt: skip
def test_people_who_live_nowhere_on_earth_are_refused_by_position(home, people, nowhere):
    people = people.set_geometry([people.geometry.iloc[0], nowhere, None], crs="EPSG:4326")
    with pytest.raises(DataError, match="no place on earth at position 1:"):
        gm.coverage(people, home, standard_m=1000)
    with pytest.raises(DataError, match="no place on earth at position 1"):
        gm.accessibility(people, home.assign(beds_total=1), threshold_m=1000)


def test_what_is_no_layer_is_refused_by_its_name(home, people):
    table = pd.DataFrame(people.drop(columns="geometry"))
    for demand, homes in ((table, home), (people, table), (gpd.GeoDataFrame(table), home)):
        with pytest.raises(ParameterError, match=r"with geometry, got (Geo)?DataFrame"):
            gm.coverage(demand, homes, standard_m=1000)
    with pytest.raises(ParameterError, match="GeoDataFrame, got NoneType"):
        gm.coverage(None, home, standard_m=1000)
    with pytest.raises(ParameterError, match="GeoDataFrame with geometry, got list"):
        gm.coverage(people, [1], standard_m=1000)


def test_people_of_a_comb_that_leans_are_covered_as_by_the_ground_of_its_teeth(home):
    comb, teeth = leaning_comb(500)
    cells = gpd.GeoDataFrame(
        {"population": 1.0}, index=range(len(teeth)), geometry=teeth, crs="EPSG:4326"
    )
    apart = gm.coverage(cells, home, standard_m=1000)
    whole = gpd.GeoDataFrame({"population": [1.0]}, geometry=[comb], crs="EPSG:4326")
    assert gm.coverage(whole, home, standard_m=1000).share == pytest.approx(apart.share, rel=1e-9)
    found = gm.coverage(cells, home, standard_m=1000, areas=whole).by_area
    assert found["share"].tolist() == [pytest.approx(apart.share, rel=1e-9)]


def leaning_comb(teeth):
    """A comb of teeth, whose back has no ground, and the teeth: in the plane they lean."""
    x = LON - 0.01 + 0.02 * np.arange(2 * teeth) / (2 * teeth)
    tooth = shapely.box(x[::2], LAT - 0.02, x[1::2], LAT + 0.02)
    return shapely.multipolygons(tooth), tooth


def test_frames_are_left_as_they_came(home, people):
    before = people.copy(), home.copy()
    gm.coverage(people, home, standard_m=1000)
    pd.testing.assert_frame_equal(people, before[0])
    pd.testing.assert_frame_equal(home, before[1])


def town(seed, homes=12, cells=6):
    """Homes, people at points, and people on the cells of a bent grid, some of them overlapping."""
    random = np.random.default_rng(seed)
    x, y = random.uniform(0, 0.06, (2, homes))
    x[0], y[0] = x[-1], y[-1]
    at = gpd.points_from_xy(LON + x, LAT + y, crs="EPSG:4326")
    facilities = gpd.GeoDataFrame(geometry=at)
    corner = np.array([(i, j) for i in range(cells) for j in range(cells)]) * 0.01
    low = corner + random.uniform(-0.002, 0.002, corner.shape) + (LON, LAT)
    boxes = shapely.box(*low.T, *(low + 0.009).T)
    boxes[::5] = shapely.difference(boxes[::5], shapely.buffer(shapely.centroid(boxes[::5]), 0.002))
    spots = shapely.points(*np.add(random.uniform(0, 0.06, (cells**2, 2)), (LON, LAT)).T)
    shapes = np.concatenate([boxes, spots])
    population = random.integers(0, 500, len(shapes)).astype(float)
    demand = gpd.GeoDataFrame({"population": population}, geometry=shapes, crs="EPSG:4326")
    return demand, facilities


def plain_fraction(demand, facilities, standard_m):
    """The covered share of each row: geodesics for points, plain overlay for ground."""
    served = geodesic_discs(facilities, standard_m).to_crs(ALBERS).union_all()
    flat = demand.to_crs(ALBERS).geometry
    share = flat.intersection(served).area / flat.area.where(flat.area > 0)
    fraction = share.to_numpy(copy=True)
    for row in np.flatnonzero(demand.geom_type == "Point"):
        spot = demand.geometry.iloc[row]
        n = len(facilities)
        far_m = GEOD.inv(
            np.full(n, spot.x),
            np.full(n, spot.y),
            *facilities.geometry.get_coordinates().to_numpy().T.copy(),
        )[2]
        fraction[row] = np.min(far_m) <= standard_m
    return fraction


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), standard_m=st.sampled_from([100.0, 700.0, 1000.0, 3000.0]))
def test_each_row_is_covered_as_plain_overlay_says(seed, standard_m):
    demand, facilities = town(seed)
    found = gm.coverage(demand, facilities, standard_m=standard_m)
    oracle = plain_fraction(demand, facilities, standard_m)
    assert np.allclose(found.fraction, oracle, rtol=0, atol=1e-9)
    people = demand["population"].to_numpy()
    assert found.covered + found.uncovered == pytest.approx(people.sum(), rel=1e-12)
    assert found.covered == pytest.approx(people @ oracle, rel=1e-9)


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), steps=st.lists(st.floats(10, 5000), min_size=2, max_size=4))
def test_growing_the_standard_never_shrinks_coverage(seed, steps):
    demand, facilities = town(seed)
    shares = [gm.coverage(demand, facilities, standard_m=each) for each in sorted(steps)]
    for less, more in pairwise(shares):
        assert (more.fraction - less.fraction).min() >= -1e-9


@settings(max_examples=10)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_rows_does_not_matter(seed):
    demand, facilities = town(seed)
    found = gm.coverage(demand, facilities, standard_m=800)
    turned = gm.coverage(demand[::-1], facilities[::-1], standard_m=800)
    assert np.allclose(turned.fraction[::-1], found.fraction, rtol=0, atol=1e-9)


@settings(max_examples=10)
@given(seed=st.integers(0, 10_000))
def test_areas_that_part_the_ground_add_up_to_the_whole(seed):
    demand, facilities = town(seed)
    cuts = np.linspace(LON - 0.01, LON + 0.08, 5)
    strips = shapely.box(cuts[:-1], LAT - 0.01, cuts[1:], LAT + 0.08)
    areas = gpd.GeoDataFrame(geometry=strips, crs="EPSG:4326")
    found = gm.coverage(demand, facilities, standard_m=800, areas=areas)
    sums = found.by_area.sum()
    assert sums["covered"] == pytest.approx(found.covered, rel=1e-7)
    assert sums["uncovered"] == pytest.approx(found.uncovered, rel=1e-7)


def test_a_neighbours_home_counts(home):
    # The home stands in the western area; the people live just east of the border.
    people = points(100, population=[5.0])
    border = east(50)[0][0]
    eastern = gpd.GeoDataFrame(
        geometry=[shapely.box(border, LAT - 0.01, border + 0.1, LAT + 0.01)], crs="EPSG:4326"
    )
    table = gm.coverage(people, home, standard_m=1000, areas=eastern).by_area
    assert table["share"].tolist() == [1.0]


@pytest.fixture(scope="module")
def taipei(data_folder):
    folder = data_folder / "taipei"
    homes = gm.read_facilities(folder / "homes.csv")
    villages = read_table(folder / "villages_population.geojson", DEMAND).frame
    districts = read_table(folder / "districts.geojson", AREAS).frame
    return homes, villages, districts


@pytest.mark.parametrize("standard_m", [300, 500, 720, 1000])
def test_taipei_is_covered_as_plain_geopandas_says(taipei, data_folder, standard_m):
    homes, villages, districts = taipei
    found = gm.coverage(villages, homes, standard_m=standard_m, weight="aged_65", areas=districts)
    assert found.covered + found.uncovered == pytest.approx(574_458, rel=1e-12)
    raw = gpd.read_file(data_folder / "taipei/villages_population.geojson")
    aged = raw["A65UP_CNT"].to_numpy()
    served = geodesic_discs(homes, standard_m).to_crs(ALBERS).union_all()
    flat = raw.to_crs(ALBERS).geometry
    fraction = (flat.intersection(served).area / flat.area).to_numpy()
    assert np.abs(found.fraction.to_numpy() - fraction).max() < 1e-9
    assert found.share == pytest.approx(aged @ fraction / aged.sum(), rel=1e-9)
    assert found.by_area["covered"].sum() == pytest.approx(found.covered, rel=2e-3)

    buffers = homes.to_crs("EPSG:3826").geometry.buffer(standard_m).union_all()
    flat = raw.to_crs("EPSG:3826").geometry
    planar = aged @ (flat.intersection(buffers).area / flat.area) / aged.sum()
    assert found.share == pytest.approx(planar, rel=3e-3)
