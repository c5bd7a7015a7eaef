"""Gaps: laws of ground and people, real holes, slivers, and Taipei against plain geopandas."""

from __future__ import annotations

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
from geomap.errors import DataError, ParameterError
from geomap.model.area import AREAS
from geomap.model.demand import DEMAND
from geomap.plan.gaps import find_gaps
from tests.plan.geodesic_discs import geodesic_discs

GEOD = Geod(ellps="WGS84")
ALBERS = "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +datum=WGS84 +units=m"
LON, LAT = 116.4, 39.9


def frame(shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs="EPSG:4326")


def block(west, south, east, north):
    """A box so many hundredths of a degree from (LON, LAT)."""
    corners = LON + west / 100, LAT + south / 100, LON + east / 100, LAT + north / 100
    return shapely.box(*corners)


def flattened(areas):
    """Areas in the plane of the oracles, their edges straight in longitude and latitude."""
    return areas.set_geometry(areas.geometry.segmentize(0.02)).to_crs(ALBERS).geometry


@pytest.fixture
def home():
    return frame([shapely.Point(LON, LAT)], id=["F"])


def test_a_home_in_the_middle_leaves_a_gap_with_a_real_hole(home):
    (gap,) = gm.gaps(frame([block(-3, -3, 3, 3)]), home, standard_m=1000).geometry
    assert len(gap.interiors) == 1
    hole_m2 = abs(GEOD.geometry_area_perimeter(shapely.Polygon(gap.interiors[0]))[0])
    assert hole_m2 == pytest.approx(np.pi * 1000**2, rel=1e-4)


def test_a_gap_tells_its_nearest_home_and_how_far_it_is_from_a_point_inside(home):
    homes = frame([*home.geometry, shapely.Point(LON + 0.1, LAT)], id=["F", "G"])
    found = gm.gaps(frame([block(3, 0, 4, 1), block(7, 0, 8, 1)]), homes, standard_m=1000)
    assert sorted(found["nearest_id"]) == ["F", "G"]
    for row in found.itertuples():
        assert row.geometry.contains(shapely.Point(row.lon, row.lat))
        at = homes.set_index("id").geometry[row.nearest_id]
        far_m = GEOD.inv(row.lon, row.lat, at.x, at.y)[2]
        assert row.distance_m == pytest.approx(far_m, abs=1e-6)


def test_gaps_come_worst_first_by_people_then_by_size_and_unknown_last(home):
    areas = frame(
        [block(5, 0, 6, 1), block(7, 0, 8, 1), block(9, 0, 11, 1), block(12, 0, 13, 1)],
        id=list("abcd"), name=list("ABCD"), adcode=list("1234"),
        population=[5.0, 9.0, 5.0, np.nan],
    )  # fmt: skip
    found = gm.gaps(areas, home, standard_m=1000)
    assert found["area_id"].tolist() == ["b", "c", "a", "d"]
    assert found["area_name"].tolist() == ["B", "C", "A", "D"]
    assert found["adcode"].tolist() == ["2", "3", "1", "4"]
    assert found["population"].tolist()[:3] == [9, 5, 5]
    assert found["unknown_rows"].tolist() == [0, 0, 0, 1]


def test_people_in_a_gap_are_those_at_points_and_on_ground_in_it(home):
    demand = frame(
        [shapely.Point(LON + 0.05, LAT), shapely.Point(LON, LAT), block(4, -1, 5, 0),
         block(-0.1, -0.1, 0, 0), shapely.Point(LON + 0.051, LAT), None],
        aged_80=[7.0, 100.0, 10.0, 1000.0, np.nan, 3.0],
    )  # fmt: skip
    found = gm.gaps(frame([block(-6, -6, 6, 6)]), home, standard_m=1000, demand=demand,
                    weight="aged_80")  # fmt: skip
    assert found["population"].tolist() == [pytest.approx(17)]
    assert found["unknown_rows"].tolist() == [1]


def test_no_facility_makes_the_areas_gaps_and_nothing_near(home):
    areas = frame([block(0, 0, 1, 1)], population=[3.0])
    for homes in (home.iloc[:0], home.assign(status="building")):
        found = gm.gaps(areas, homes, standard_m=1000)
        assert found["population"].tolist() == [3]
        assert found["distance_m"].isna().all()
        assert found["nearest_id"].isna().all()


def test_what_is_served_whole_has_no_gap_and_no_area_none(home):
    assert gm.gaps(frame([block(0, 0, 0.1, 0.1)]), home, standard_m=1000).empty
    assert gm.gaps(frame([]), home, standard_m=1000).empty
    none = find_gaps(frame([None, shapely.Polygon()]), home, standard_m=1000)
    assert none.listed.empty
    assert none.without_geometry.tolist() == [0, 1]
    assert none.by_area.isna().all(axis=None)


def test_slivers_stay_in_the_totals_not_in_the_list(home):
    thread = shapely.box(LON + 0.05, LAT, LON + 0.2, LAT + 0.00005)  # 13 km by 6 m
    speck = block(5, 2, 5.05, 2.05)
    found = find_gaps(frame([thread, speck, block(5, 5, 6, 6)]), home, standard_m=1000)
    assert found.listed["area"].tolist() == [2]
    assert found.by_area["gap_km2"].round(3).tolist() == [0.071, 0.002, 0.949]
    assert found.by_area["sliver_km2"].round(3).tolist() == [0.071, 0.002, 0.0]


def test_a_large_gap_with_many_homes_in_it_is_no_sliver():
    x, y = (each.ravel() for each in np.meshgrid(np.arange(20), np.arange(20)))
    homes = frame(shapely.points(LON + 0.03 * x, LAT + 0.03 * y))
    found = find_gaps(frame([block(-2, -2, 59, 59)]), homes, standard_m=1000)
    assert len(found.listed.geometry[0].interiors) == 400
    assert found.by_area["sliver_km2"].tolist() == [0]


def test_overlapping_areas_are_told(home):
    areas = frame([block(0, 0, 2, 1), block(1, 0, 3, 1), block(5, 0, 6, 1)])
    overlap = find_gaps(areas, home, standard_m=1000).overlap_m2
    shared = abs(GEOD.geometry_area_perimeter(block(1, 0, 2, 1))[0])
    assert overlap.tolist() == [pytest.approx(shared, rel=1e-4)] * 2 + [0]


def test_broken_areas_are_mended_and_lines_refused(home):
    bow_tie = shapely.Polygon([(116.5, 39.9), (116.6, 40.0), (116.6, 39.9), (116.5, 40.0)])
    assert gm.gaps(frame([bow_tie]), home, standard_m=1000).is_valid.all()
    with pytest.raises(DataError, match="areas must be polygons, got LineString"):
        gm.gaps(frame([shapely.LineString([(0, 0), (1, 1)])]), home, standard_m=1000)
    with pytest.raises(ParameterError, match="standard_m must be"):
        gm.gaps(frame([bow_tie]), home, standard_m=1e6)


def test_service_areas_may_take_the_place_of_circles(home):
    street = frame([block(0, 0, 1, 2), block(0.5, 0, 1.5, 2), None])
    areas = frame([block(0, 0, 2, 2)])
    found = gm.gaps(areas, home, service_areas=street)
    rest = abs(GEOD.geometry_area_perimeter(block(1.5, 0, 2, 2))[0])
    assert found["area_km2"].tolist() == [pytest.approx(rest / 1e6, rel=1e-4)]
    assert found["nearest_id"].tolist() == ["F"]
    assert gm.gaps(areas, None, service_areas=street)["distance_m"].isna().all()


def test_work_is_told_of_and_may_be_stopped(home):
    areas, told = frame([block(-3, -3, 3, 3), block(-3, 3, 3, 6)]), []
    gm.gaps(areas, home, standard_m=1000, progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 2), (2, 2)]

    def stop(_done, _of):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gm.gaps(areas, home, standard_m=1000, progress=stop)


def test_a_comb_of_4_000_teeth_is_cut_whole():
    teeth = 4_000
    x = LON + np.arange(2 * teeth + 1) * 1e-5
    y = np.where(np.arange(2 * teeth + 1) % 2, LAT + 0.01, LAT)
    comb = shapely.Polygon([*zip(x, y, strict=True), (x[-1], LAT - 0.001), (x[0], LAT - 0.001)])
    homes = frame(shapely.points(LON + np.linspace(0, 0.08, 9), LAT + 0.006), id=list("abcdefghi"))
    demand = frame(shapely.points(x[1:-1:50], LAT + 0.0005), population=np.ones(160))
    found = find_gaps(frame([comb]), homes, standard_m=400, demand=demand)
    row = found.by_area.iloc[0]
    flat = flattened(frame([comb]))[0]
    discs = geodesic_discs(homes, 400).to_crs(ALBERS).union_all()
    assert row["served_km2"] * 1e6 == pytest.approx(flat.intersection(discs).area, rel=1e-6)
    assert row["gap_km2"] * 1e6 == pytest.approx(flat.difference(discs).area, rel=1e-6)
    assert found.listed.is_valid.all()


def test_areas_that_there_is_no_time_for_are_named_and_cut_the_next_time(home):
    areas = frame([block(west, 0, west + 1, 1) for west in range(4)]).set_axis(list("abcd"))
    looks = iter([False, False, True])
    part = find_gaps(areas, home, standard_m=500, out_of_time=lambda: next(looks))
    assert (part.recut.tolist(), part.uncut.tolist()) == (["a", "b"], ["c", "d"])
    whole = find_gaps(areas, home, standard_m=500)
    assert part.by_area.loc[["c", "d"]].isna().all(axis=None)
    pd.testing.assert_frame_equal(part.by_area[:2], whole.by_area[:2])
    assert set(part.listed["area"]) == {"a", "b"}
    after = find_gaps(areas, home, standard_m=500, previous=part)
    assert (after.recut.tolist(), after.uncut.tolist()) == (["c", "d"], [])
    pd.testing.assert_frame_equal(after.by_area, whole.by_area)


def town(seed):
    """Bent districts that part a square, some with holes, and clustered homes around them too."""
    random = np.random.default_rng(seed)
    spots = random.uniform(0, 12, (9, 2))
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(spots), extend_to=shapely.box(0, 0, 12, 12))
    )
    cells = shapely.intersection(cells, shapely.box(0, 0, 12, 12))
    cells[0] = cells[0].difference(cells[0].centroid.buffer(0.4))
    cells = shapely.transform(cells, lambda xy: xy / 100 + (LON, LAT))
    middles = random.uniform(-1, 13, (6, 2))
    homes = middles[random.integers(0, 6, 80)] + random.normal(0, 0.9, (80, 2))
    homes[::20] = homes[1]
    points = shapely.points(homes / 100 + (LON, LAT))
    people = shapely.points(random.uniform(0, 12, (300, 2)) / 100 + (LON, LAT))
    demand = frame(people, population=random.integers(0, 9, 300).astype(float))
    return frame(cells, id=[f"a{i}" for i in range(9)]), frame(points, id=range(80)), demand


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000), standard_m=st.sampled_from([150.0, 500.0, 1000.0, 2500.0]))
def test_gaps_and_served_ground_make_up_each_area(seed, standard_m):
    areas, homes, demand = town(seed)
    found = find_gaps(areas, homes, standard_m=standard_m, demand=demand)
    served = geodesic_discs(homes, standard_m).to_crs(ALBERS).union_all()
    flat = flattened(areas)
    table = found.by_area
    assert np.allclose(table["served_km2"] * 1e6, flat.intersection(served).area, atol=0.01)
    assert np.allclose(table["gap_km2"] * 1e6, flat.difference(served).area, atol=0.01)
    assert np.allclose(table["area_km2"] * 1e6, flat.area, rtol=1e-12)
    listed = found.listed
    assert listed.is_valid.all()
    assert (listed.geom_type == "Polygon").all()
    told = listed.groupby("area")["area_km2"].sum().reindex(areas.index, fill_value=0)
    assert np.allclose(told + table["sliver_km2"], table["gap_km2"])
    # The list and the overlay are one another: nothing listed is served, slivers aside.
    assert listed.to_crs(ALBERS).geometry.intersection(served).area.sum() < 1
    inside = demand[demand.intersects(areas.union_all())]
    cover = gm.coverage(inside, homes, standard_m=standard_m)
    assert table["population"].sum() == pytest.approx(cover.uncovered, abs=demand.population.max())


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), gone=st.integers(0, 79), x=st.floats(-2, 14))
def test_an_edit_cuts_only_the_areas_near_it_and_gives_the_whole_answer(seed, gone, x):
    areas, homes, demand = town(seed)
    before = find_gaps(areas, homes, standard_m=500, demand=demand)
    came = frame([shapely.Point(LON + x / 100, LAT + 0.05)], id=[99])
    edited = pd.concat([homes.drop(index=gone), came], ignore_index=True)
    after = find_gaps(areas, edited, standard_m=500, demand=demand, previous=before)
    whole = find_gaps(areas, edited, standard_m=500, demand=demand)
    pd.testing.assert_frame_equal(after.by_area, whole.by_area, rtol=1e-9)
    columns = ["area", "area_km2", "population", "nearest_id", "distance_m"]
    pd.testing.assert_frame_equal(after.listed[columns], whole.listed[columns], rtol=1e-9)
    flat = flattened(areas)
    changed = pd.concat([homes.loc[[gone]], came]).to_crs(ALBERS).geometry.buffer(510).union_all()
    assert set(after.recut) <= set(areas.index[flat.intersects(changed)])


def test_another_question_is_not_answered_from_an_earlier_one(home):
    areas = frame([block(-3, -3, 3, 3), block(20, 0, 21, 1)])
    before = find_gaps(areas, home, standard_m=1000)
    assert find_gaps(areas, home, standard_m=1000, previous=before).recut.empty
    assert len(find_gaps(areas, home, standard_m=900, previous=before).recut) == 2
    assert len(find_gaps(areas[:1], home, standard_m=1000, previous=before).recut) == 1
    assert len(find_gaps(areas, home, standard_m=1000, demand=home.assign(population=1),
                         previous=before).recut) == 2  # fmt: skip
    counted = find_gaps(areas.assign(population=[0.0, 7.0]), home, standard_m=1000, previous=before)
    assert counted.by_area["population"].tolist() == [0, 7]


@pytest.mark.parametrize(
    "nowhere",
    [shapely.box(100, 85, 110, 95), shapely.Polygon([(0, 0), (1, np.inf), (1, 1)])],
)
def test_areas_that_lie_nowhere_on_earth_are_refused_by_position(home, nowhere):
    with pytest.raises(DataError, match=r"areas must lie on earth, .* at position 1, 2:"):
        gm.gaps(frame([block(0, 0, 1, 1), nowhere, nowhere]), home, standard_m=1000)


@pytest.mark.parametrize(
    "wide",
    [(-180, -90, 180, 90), (-180, 85, 180, 90), (-180, 0, 0, 50)],
)
def test_an_area_across_the_end_of_the_plane_is_refused(home, wide):
    with pytest.raises(DataError, match=r"one side of 75 W, .* got position 1 on both: divide it"):
        gm.gaps(frame([block(0, 0, 1, 1), shapely.box(*wide)]), home, standard_m=1000)


def test_an_area_divided_at_the_antimeridian_is_whole(home):
    sides = [shapely.box(179.9, -17, 180, -16.9), shapely.box(-180, -17, -179.9, -16.9)]
    area = frame([shapely.multipolygons(sides)])
    expected = sum(abs(GEOD.geometry_area_perimeter(each)[0]) for each in sides)
    found = gm.gaps(area, home, standard_m=1000)["area_km2"].sum()
    assert found * 1e6 == pytest.approx(expected, rel=1e-4)


def test_areas_far_from_china_are_cut_as_well():
    for lon, lat in ((-46.6, -23.5), (9.5, 47.1), (179.99, 10.0), (-75.0, 40.0)):
        area = frame([shapely.box(lon, lat, lon + 0.05, lat + 0.05)])
        home = frame([shapely.Point((lon + 0.025 + 180) % 360 - 180, lat + 0.025)])
        found = find_gaps(area, home, standard_m=1000)
        assert found.by_area["served_km2"].tolist() == [pytest.approx(np.pi, rel=1e-4)]
        assert found.listed.is_valid.all()
        assert found.listed["distance_m"].between(1000, 5000).all()


@pytest.fixture(scope="module")
def taipei(data_folder):
    folder = data_folder / "taipei"
    homes = gm.read_facilities(folder / "homes.csv")
    villages = read_table(folder / "villages_population.geojson", DEMAND).frame
    return homes, villages, read_table(folder / "districts.geojson", AREAS).frame


@pytest.mark.parametrize("standard_m", [300, 500, 720, 1000])
def test_gaps_of_taipei_are_as_plain_geopandas_says(taipei, data_folder, standard_m):
    folder = data_folder / "taipei"
    homes, villages, districts = taipei
    found = find_gaps(districts, homes, standard_m=standard_m, demand=villages, weight="aged_65")
    served = geodesic_discs(homes, standard_m).to_crs(ALBERS).union_all()
    raw = gpd.read_file(folder / "districts.geojson").to_crs(ALBERS).geometry
    assert np.allclose(found.by_area["gap_km2"] * 1e6, raw.difference(served).area, rtol=1e-6)
    assert np.allclose(found.by_area["served_km2"] * 1e6, raw.intersection(served).area, rtol=1e-6)
    assert found.listed["population"].is_monotonic_decreasing
    people = gpd.read_file(folder / "villages_population.geojson").to_crs(ALBERS)
    worst = found.listed.iloc[:1].to_crs(ALBERS).geometry.iloc[0]
    inside = people.geometry.intersection(worst).area / people.geometry.area
    aged = float(people["A65UP_CNT"] @ inside)
    assert found.listed["population"].iloc[0] == pytest.approx(aged, rel=1e-6)
