"""What is written fast is what is written slowly, for any table."""

from __future__ import annotations

import json

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from geomap.model.crs import OFFERED
from geomap.web import feature_writer
from geomap.web.feature_writer import FeatureWriter
from geomap.web.records import features

texts = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
sources = st.dictionaries(st.text(max_size=3), st.text(max_size=3))
rows = st.fixed_dictionaries(
    {"name": st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)},
    optional={
        "name_en": texts,
        "address": texts,
        "type": st.sampled_from(["nursing_home", "other"]),
        "beds_total": st.none() | st.integers(0, 500),
        "price_min": st.none() | st.floats(0, 1e9),
        "fire_cert": st.none() | st.booleans(),
        "beds_updated": st.sampled_from([None, "2025-07-01", "1999-12-31"]),
        "accepts": st.none() | st.lists(st.sampled_from(["dementia", "disabled"]), unique=True),
        "provenance": st.none() | sources.map(json.dumps),
        "lon": st.floats(-180, 180),
    },
)


def frame_of(facilities_of, homes):
    placed = [{**home, "lat": 31.0} if "lon" in home else home for home in homes]
    return facilities_of(
        [{"type": "other", **home, "id": f"f{n}"} for n, home in enumerate(placed)]
    )


def read(written):
    return json.loads(orjson.dumps(written))


@pytest.fixture(params=["few values", "many values"])
def numbering(request, monkeypatch):
    """Columns are numbered, or read where they lie."""
    if request.param == "many values":
        monkeypatch.setattr(feature_writer, "_MOST_SEEN", -1)


@given(homes=st.lists(rows, min_size=1, max_size=6), data=st.data())
@settings(deadline=None, max_examples=25)
@pytest.mark.usefixtures("numbering")
def test_features_are_those_of_the_records(facilities_of, homes, data):
    frame = frame_of(facilities_of, homes)
    picked = np.array(
        data.draw(st.lists(st.integers(0, len(homes) - 1), max_size=8)), dtype=np.intp
    )
    distance_m = picked * 1.005
    writer = FeatureWriter(frame)
    assert read(writer.features(picked)) == read(features(frame.iloc[picked]))
    with_distance = frame.iloc[picked].assign(distance_m=distance_m)
    assert read(writer.features(picked, distance_m=distance_m)) == read(features(with_distance))
    assert_ready_is_the_same(writer, picked, distance_m)


def assert_ready_is_the_same(writer, picked, distance_m):
    def all_ways():
        return [
            orjson.dumps([writer.features(picked), writer.features(picked, distance_m=distance_m)]),
            orjson.dumps(writer.features(picked, system=OFFERED[3])),
            *(orjson.dumps(writer.feature(row)) for row in picked),
            *writer.each(picked), *writer.each(picked, distance_m=distance_m),
        ]  # fmt: skip

    before = all_ways()
    writer.warm_up()
    assert writer._ready is not None
    assert all_ways() == before


def test_no_facilities_are_ready_too(facilities_of):
    frame = frame_of(facilities_of, [{"name": "x"}]).iloc[:0]
    assert_ready_is_the_same(FeatureWriter(frame), np.array([], dtype=np.intp), np.array([]))


def test_they_are_not_written_beforehand_where_they_would_fill_the_disk(facilities_of, monkeypatch):
    writer = FeatureWriter(frame_of(facilities_of, [{"name": "颐养院"}]))
    size = len(writer.each(np.array([0]))[0])
    for room, ready in ((4 * size - 1, False), (4 * size, True)):
        monkeypatch.setattr(feature_writer, "room_bytes", lambda room=room: room)
        writer.warm_up()
        assert (writer._ready is not None) == ready


def test_a_disk_that_is_full_nevertheless_leaves_all_as_it_was(facilities_of, monkeypatch, caplog):
    def full(_):
        raise OSError(28, "No space left on device")

    writer = FeatureWriter(frame_of(facilities_of, [{"name": "颐养院"}]))
    monkeypatch.setattr(feature_writer, "written_in_file", full)
    writer.warm_up()
    assert "No space left" in caplog.text
    assert read(writer.feature(0))["properties"]["name"] == "颐养院"


def test_one_feature_is_that_of_its_record(facilities_of):
    frame = frame_of(facilities_of, [{"name": "颐养院", "lon": 121.5}, {"name": '"\\\n'}])
    assert read(FeatureWriter(frame).feature(1)) == read(features(frame.iloc[[1]])[0])


def test_keys_stand_in_the_order_of_the_table(facilities_of):
    frame = frame_of(facilities_of, [{"name": "颐养院"}])
    (fast,), (slow,) = read(FeatureWriter(frame).features(np.array([0]))), features(frame)
    assert list(fast) == list(slow)
    assert list(fast["properties"]) == list(slow["properties"])


@given(homes=st.lists(rows, min_size=1, max_size=6))
@settings(deadline=None, max_examples=25)
def test_another_system_changes_the_coordinates_only(facilities_of, homes):
    frame = frame_of(facilities_of, homes)
    writer, all_rows = FeatureWriter(frame), np.arange(len(homes))
    plain = read(writer.features(all_rows))
    metres = Transformer.from_crs(4326, 3857, always_xy=True).transform
    for system, place in ((OFFERED[1], lambda lon, lat: (lat, lon)), (OFFERED[3], metres)):
        moved = read(writer.features(all_rows, system=system))
        for before, after in zip(plain, moved, strict=True):
            assert {**before, "geometry": None} == {**after, "geometry": None}
            if before["geometry"] is None:
                assert after["geometry"] is None
            else:
                expected = list(place(*before["geometry"]["coordinates"]))
                # Rounded twice: 1e-7 of a degree is a centimetre.
                assert after["geometry"]["coordinates"] == pytest.approx(expected, abs=2e-2)


def test_where_a_system_has_no_place_for_a_point_the_geometry_is_null(facilities_of, monkeypatch):
    frame = frame_of(facilities_of, [{"name": "x", "lon": 121.5}])
    monkeypatch.setattr(feature_writer, "offered_points", lambda *_: (np.array([np.inf]),) * 2)
    (feature,) = read(FeatureWriter(frame).features(np.array([0]), system=OFFERED[3]))
    assert feature["geometry"] is None
