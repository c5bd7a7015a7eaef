"""Nearest facilities against a brute-force geodesic answer that knows nothing of geomap."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geomap.errors import CRSError, DataError, ParameterError
from geomap.find import nearest_index as module
from geomap.find.nearest import nearest
from geomap.find.nearest_index import NearestIndex

ELLIPSOID = Geod(ellps="WGS84")
PLACES = {
    "上海静安": (121.4484, 31.2286),
    "拉萨": (91.1322, 29.6603),
    "香港": (114.1577, 22.2849),
    "哈尔滨": (126.6424, 45.7567),
    "台北": (121.5654, 25.0330),
    "北京": (116.3974, 39.9093),
    "广州": (113.2644, 23.1291),
    "成都": (104.0668, 30.5728),
    "乌鲁木齐": (87.6168, 43.8256),
    "喀什": (75.9898, 39.4704),
    "三亚": (109.5119, 18.2528),
    "昆明": (102.8329, 24.8801),
    "西安": (108.9398, 34.3416),
    "武汉": (114.3054, 30.5931),
    "沈阳": (123.4315, 41.8057),
    "呼和浩特": (111.7492, 40.8426),
    "澳门": (113.5439, 22.1987),
    "漠河": (122.5386, 52.9720),
    "乌鲁木齐的对跖点附近": (-92.4, -43.8),
    "南极": (0.0, -90.0),
}


def brute_force(ids, lon, lat, at, *, k, max_distance_m=np.inf):
    """All distances on the ellipsoid, sorted by distance, then id."""
    distance_m = ELLIPSOID.inv(
        np.full(len(lon), at[0]), np.full(len(lon), at[1]), np.asarray(lon), np.asarray(lat)
    )[2]
    order = sorted(zip(distance_m, ids, strict=True))
    return [(name, far) for far, name in order if far <= max_distance_m][:k]


def homes_at(lon, lat, **columns):
    columns.setdefault("id", [f"h{row:05d}" for row in range(len(lon))])
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(lon, lat, crs="EPSG:4326"))


def answer(found):
    return list(zip(found["id"], found["distance_m"], strict=True))


def by_index(index, at, **options):
    rows, distance_m = index.query(*at, **options)
    return list(zip(index.frame["id"].iloc[rows], distance_m, strict=True))


@pytest.fixture(scope="module")
def sample():
    path = Path(__file__).parents[2] / "layers" / "facilities.parquet"
    if not path.is_file():
        pytest.skip("layers/facilities.parquet is not built: run layers/build_layers.py")
    return gpd.read_parquet(path)


@pytest.fixture(scope="module")
def taipei(data_folder):
    table = pd.read_csv(data_folder / "taipei" / "homes.csv")
    ids = [f"tp{number:03d}" for number in table["編號"]]
    return homes_at(table["lon"], table["lat"], id=ids)


@pytest.fixture
def many():
    """More points than are scanned, crowded in some places as people are."""
    random = np.random.default_rng(7)
    towns = random.uniform([73, 18], [135, 54], (400, 2))
    spots = towns[random.integers(0, 400, 12_000)] + random.normal(0, 0.05, (12_000, 2))
    return homes_at(spots[:, 0], spots[:, 1], type=random.choice([*"ab"], 12_000))


@pytest.fixture
def many_as_tree(many, monkeypatch):
    monkeypatch.setattr(module, "SCAN_ROWS", 0)
    return NearestIndex(many)


@pytest.mark.parametrize("at", PLACES.values(), ids=PLACES)
def test_nearest_10_of_the_sample_are_those_of_the_brute_force_answer(sample, at):
    located = sample[sample.geometry.notna()]
    expected = brute_force(located["id"], located.geometry.x, located.geometry.y, at, k=10)
    assert answer(nearest(sample, *at)) == expected
    assert by_index(NearestIndex(sample), at, k=10) == expected


@pytest.mark.parametrize("at", PLACES.values(), ids=PLACES)
def test_nearest_10_of_taipei_are_those_of_the_brute_force_answer(taipei, at):
    expected = brute_force(taipei["id"], taipei.geometry.x, taipei.geometry.y, at, k=10)
    assert answer(nearest(taipei, *at)) == expected
    assert by_index(NearestIndex(taipei), at, k=10) == expected


@pytest.mark.parametrize("at", PLACES.values(), ids=PLACES)
def test_the_tree_gives_the_brute_force_answer_with_and_without_a_filter(many_as_tree, at):
    many = many_as_tree.frame
    for wanted in (np.full(len(many), fill_value=True), many["type"] == "a", many.index % 700 == 0):
        some = many[wanted]
        expected = brute_force(some["id"], some.geometry.x, some.geometry.y, at, k=10)
        assert by_index(many_as_tree, at, k=10, among=wanted) == expected


@pytest.mark.parametrize("far_m", [0, 50_000.0, 1_500_000.0, 2.1e7])
def test_all_within_a_distance_are_those_of_the_brute_force_answer(many_as_tree, far_m):
    many = many_as_tree.frame
    for at in PLACES.values():
        every = brute_force(many["id"], many.geometry.x, many.geometry.y, at, k=len(many))
        expected = sorted(each for each in every if each[1] <= far_m)
        rows, distance_m = many_as_tree.within(*at, far_m)
        assert sorted(zip(many["id"].iloc[rows], distance_m, strict=True)) == expected


longitudes = st.floats(-180, 180) | st.sampled_from([-180.0, -179.9999, 0.0, 179.9999, 180.0])
latitudes = st.floats(-90, 90) | st.sampled_from([-90.0, -89.9999, 0.0, 89.9999, 90.0])
points = st.tuples(longitudes, latitudes)
# A coarse grid, so that points coincide and distances tie.
grid = st.tuples(
    st.integers(-4, 4).map(lambda n: n * 45.0), st.integers(-2, 2).map(lambda n: n * 45.0)
)


@settings(max_examples=200, deadline=None)
@given(
    spots=st.lists(points | grid, min_size=1, max_size=60),
    at=points | grid,
    asked=st.fixed_dictionaries(
        {"k": st.integers(1, 70), "max_distance_m": st.none() | st.floats(0, 2.1e7)}
    ),
    mixed=st.randoms(use_true_random=False),
    scanned=st.sampled_from([0, 5000]),
)
def test_any_points_on_earth_come_in_the_brute_force_order(spots, at, asked, mixed, scanned):
    ids = [f"h{row:02d}" for row in range(len(spots))]
    mixed.shuffle(ids)
    lon, lat = zip(*spots, strict=True)
    homes = homes_at(lon, lat, id=ids)
    reach = {key: value for key, value in asked.items() if value is not None}
    expected = brute_force(ids, lon, lat, at, **reach)
    assert answer(nearest(homes, *at, **asked)) == expected
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SCAN_ROWS", scanned)
        assert by_index(NearestIndex(homes), at, **asked) == expected


@settings(max_examples=300, deadline=None)
@given(start=points, end=points)
def test_the_bounds_between_chord_and_geodesic_hold_everywhere(start, end):
    chord_m = np.linalg.norm(np.subtract(*module.geodesy.ecef(*zip(start, end, strict=True))))
    geodesic_m = ELLIPSOID.inv(*start, *end)[2]
    assert geodesic_m <= module._longest_geodesic_m(chord_m) + 1e-6
    assert chord_m <= module._longest_chord_m(geodesic_m) + 1e-6


@settings(max_examples=50, deadline=None)
@given(at=points, k=st.integers(1, 40))
def test_the_nearest_k_begin_the_nearest_k_and_one(at, k):
    random = np.random.default_rng(k)
    homes = homes_at(random.uniform(100, 101, 40), random.uniform(30, 31, 40).round(1))
    shorter, longer = (answer(nearest(homes, *at, k=each)) for each in (k, k + 1))
    assert longer[:k] == shorter


@settings(max_examples=50, deadline=None)
@given(at=points, order=st.permutations(range(12)))
def test_the_order_of_rows_does_not_matter(at, order):
    homes = homes_at(np.repeat([100.0, 101.0, 102.0], 4), np.tile([30.0, 31.0], 6))
    assert answer(nearest(homes.iloc[list(order)], *at)) == answer(nearest(homes, *at))


def test_filtering_by_type_is_filtering_first(many):
    at = PLACES["西安"]
    first = many[many["type"] == "a"]
    assert answer(nearest(many, *at, types=["a"])) == answer(nearest(first, *at))
    assert answer(nearest(many, *at, types="a")) == answer(nearest(first, *at))


def test_an_empty_choice_of_types_is_no_filter(many):
    assert answer(nearest(many, 105, 35, types=())) == answer(nearest(many, 105, 35))


def test_rows_without_geometry_never_appear():
    homes = homes_at([0.0, 1.0, 2.0], [0.0, 0.0, 0.0])
    homes.geometry = [None, shapely.Point(), homes.geometry.iloc[2]]
    assert nearest(homes, 0, 0)["id"].tolist() == ["h00002"]
    rows, _ = NearestIndex(homes).query(0, 0, among=[0, 1, 2])
    assert rows.tolist() == [2]


def test_a_facility_exactly_at_the_greatest_distance_is_found():
    homes = homes_at([0.0, 0.5], [0.0, 0.0])
    edge_m = ELLIPSOID.inv(0, 0, 0.5, 0)[2]
    assert len(nearest(homes, 0, 0, max_distance_m=edge_m)) == 2
    assert len(nearest(homes, 0, 0, max_distance_m=np.nextafter(edge_m, 0))) == 1
    assert len(nearest(homes, 0, 0, max_distance_m=0)) == 1


def test_equal_distances_are_ordered_by_id():
    homes = homes_at([1.0, -1.0, 1.0, -1.0], [0.0] * 4, id=[*"dbca"])
    assert nearest(homes, 0, 0)["id"].tolist() == [*"abcd"]
    assert nearest(homes, 0, 0, k=2)["id"].tolist() == [*"ab"]


def test_equal_distances_without_ids_keep_the_order_of_the_frame():
    homes = homes_at([1.0, -1.0, 0.5], [0.0] * 3).drop(columns="id")
    assert nearest(homes, 0, 0).index.tolist() == [2, 0, 1]


def test_the_index_columns_and_system_of_the_caller_are_kept():
    homes = homes_at([121.4, 121.5], [31.2, 31.2], note=["西", "东"]).set_index(pd.Index([70, 30]))
    found = nearest(homes.rename_geometry("spot").to_crs("EPSG:32651"), 121.51, 31.2)
    assert found.index.tolist() == [30, 70]
    assert found["note"].tolist() == ["东", "西"]
    assert found.crs == "EPSG:32651"
    assert found.geometry.name == "spot"
    expected = ELLIPSOID.inv([121.51] * 2, [31.2] * 2, [121.5, 121.4], [31.2] * 2)[2]
    assert found["distance_m"].tolist() == pytest.approx(expected, abs=1e-3)


def test_the_date_line_does_not_part_neighbours():
    homes = homes_at([179.999, -179.0], [10.0, 10.0])
    assert nearest(homes, -179.999, 10.0)["id"].tolist() == ["h00000", "h00001"]


def test_no_rows_give_no_answer():
    empty = homes_at([], [])
    assert nearest(empty, 0, 0)["distance_m"].tolist() == []
    assert NearestIndex(empty).query(0, 0)[0].tolist() == []


def test_more_is_asked_for_than_there_is(many_as_tree):
    rows, distance_m = many_as_tree.query(105, 35, k=10**9)
    assert len(rows) == len(many_as_tree.frame)
    assert (np.diff(distance_m) >= 0).all()


def test_a_filter_may_be_a_mask_or_positions(many_as_tree):
    chosen = np.arange(0, 12_000, 11)
    mask = np.zeros(12_000, dtype=bool)
    mask[chosen] = True
    one, other = (many_as_tree.query(105, 35, among=each)[0] for each in (chosen, mask))
    assert one.tolist() == other.tolist()
    assert many_as_tree.query(105, 35, among=[])[0].tolist() == []


@pytest.mark.parametrize("one_of", [1, 2, 7, 40, 10_000])
@pytest.mark.parametrize("scanned", [0, 10_000])
def test_rows_made_ready_give_the_answer_of_their_mask(many, monkeypatch, one_of, scanned):
    monkeypatch.setattr(module, "SCAN_ROWS", scanned)
    index = NearestIndex(many)
    mask = np.arange(len(many)) % one_of == 0
    ready = index.among(mask)
    assert (ready.tree is not None) == (one_of >= 7 and scanned == 0)
    for at in PLACES.values():
        for options in ({"k": 10}, {"k": 3, "max_distance_m": 200_000.0}, {"k": 9_999}):
            expected = by_index(index, at, among=mask, **options)
            assert by_index(index, at, among=ready, **options) == expected


def test_wanted_rows_that_stand_together_far_away_are_found(many_as_tree):
    west = (many_as_tree.frame.geometry.x < 85).to_numpy()
    some = many_as_tree.frame[west]
    expected = brute_force(some["id"], some.geometry.x, some.geometry.y, (134, 48), k=10)
    assert by_index(many_as_tree, (134, 48), among=west) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lon": 180.5}, r"lon must be from -180 to 180 degrees, got 180\.5"),
        ({"lat": -91}, "lat must be from -90 to 90"),
        ({"lon": float("nan")}, "lon must be from -180 to 180 degrees, got nan"),
        ({"lat": "31"}, "lat must be a number, got '31'"),
        ({"k": 0}, "k must be a whole number of at least 1, got 0"),
        ({"k": 2.5}, "k must be a whole number"),
        ({"k": True}, "k must be a whole number"),
        ({"max_distance_m": -1}, "max_distance_m must be 0 or more metres, got -1"),
        ({"max_distance_m": float("nan")}, "max_distance_m must be 0 or more metres, got nan"),
    ],
)
def test_bad_numbers_are_refused_with_what_was_expected_and_what_came(options, message):
    asked = {"lon": 0, "lat": 0, **options}
    homes = homes_at([0.0], [0.0])
    with pytest.raises(ParameterError, match=message):
        nearest(homes, **asked)
    with pytest.raises(ParameterError, match=message):
        NearestIndex(homes).query(**asked)


def test_an_unknown_type_is_refused_and_the_known_ones_named():
    homes = homes_at([0.0], [0.0], type=["nursing_home"])
    with pytest.raises(ParameterError, match=r"nursing_home, community_center.*got hotel"):
        nearest(homes, 0, 0, types=["hotel"])


def test_types_need_a_column_of_types():
    with pytest.raises(ParameterError, match="types needs a column 'type'"):
        nearest(homes_at([0.0], [0.0]), 0, 0, types=["nursing_home"])


@pytest.mark.parametrize("among", [[True], [5], [-1], [0.5], np.ones((2, 2), dtype=bool)])
def test_a_filter_that_does_not_fit_the_frame_is_refused(among):
    index = NearestIndex(homes_at([0.0, 1.0], [0.0, 0.0]))
    with pytest.raises(ParameterError, match="among must be a mask"):
        index.query(0, 0, among=among)


def test_a_frame_without_coordinate_system_is_refused():
    homes = homes_at([0.0], [0.0]).set_crs(None, allow_override=True)
    with pytest.raises(CRSError):
        nearest(homes, 0, 0)


@pytest.mark.parametrize("odd", [shapely.box(0, 0, 1, 1), shapely.Point(0, 91)])
def test_what_is_no_point_on_earth_is_refused_by_its_position(odd):
    homes = homes_at([0.0, 1.0], [0.0, 0.0])
    homes.geometry = [homes.geometry.iloc[0], odd]
    with pytest.raises(DataError, match="position 1"):
        nearest(homes, 0, 0)
