from __future__ import annotations

import pytest

from geomap.data.files.findings.report import RefusedError
from geomap.data.files.formats.raw import read_raw
from geomap.data.files.table import read_in_process
from geomap.model.facility import FACILITIES

POINT = '"geometry": {"type": "Point", "coordinates": [121, 31]}'


def write(folder, *features, sep=": "):
    text = '{"type": "FeatureCollection", "features": [' + ", ".join(features) + "]}"
    path = folder / "a.geojson"
    path.write_text(text.replace(": ", sep))
    return path


def feature(properties, place=POINT):
    return f'{{"type": "Feature", {place}, "properties": {properties}}}'


@pytest.mark.parametrize("sep", [": ", ":", " : "])
def test_a_key_that_stands_twice_is_told_with_the_value_used(tmp_path, sep):
    good = feature('{"name": "甲院\\":x", "beds": 1}')
    twice = feature('{"name": "乙院", "beds": 1, "beds": 2}')
    deep = feature('{"name": "丙院", "a": {"b": 1, "b": 2}}')
    raw = read_raw(write(tmp_path, good, twice, deep, sep=sep), FACILITIES)
    told = [(each.code, each.row, each.values) for each in raw.findings]
    assert told == [
        ("duplicate_key", 2, {"came": "beds", "expected": "2"}),
        ("duplicate_key", 3, {"came": "b", "expected": "2"}),
    ]


def test_features_without_anything_are_lost_rows(tmp_path):
    empty = feature("{}", '"geometry": null')
    path = write(tmp_path, feature('{"name": "甲院"}'), empty, feature("null"))
    raw = read_raw(path, FACILITIES)
    assert (raw.rows.tolist(), raw.lost) == ([1, 3], 1)
    assert [(each.code, each.row) for each in raw.findings] == [("empty_feature", 2)]
    report = read_in_process(path, FACILITIES).report
    assert (report.rows, report.accepted, report.outcome) == (3, 1, "partial")


def test_json_cut_short_is_refused_with_its_line(tmp_path):
    path = write(tmp_path, feature('{"name": "甲院"}'))
    path.write_text(path.read_text()[:-20])
    with pytest.raises(RefusedError) as caught:
        read_raw(path, FACILITIES)
    assert caught.value.finding.code == "invalid_json"


def test_a_pipeline_of_another_program_is_refused(tmp_path):
    path = tmp_path / "a.geojson"
    path.write_text(
        '{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read x"}'
    )
    with pytest.raises(RefusedError) as caught:
        read_raw(path, FACILITIES)
    assert caught.value.finding.code == "not_geojson"


def test_absurd_values_are_unknown_and_told(tmp_path):
    long = "长" * 2001
    path = write(
        tmp_path,
        feature(f'{{"name": "甲院", "address": "{long}", "beds_total": 100001}}'),
        feature(f'{{"name": "{long}", "address": "一号", "beds_total": 100000}}'),
        feature(f'{{"name": "丙院", "address": "{long[1:]}", "beds_total": 5}}'),
    )
    reading = read_in_process(path, FACILITIES)
    assert reading.frame["beds_total"].astype(object).where(lambda x: x.notna(), None).tolist() == [
        None,
        5,
    ]
    assert reading.frame["address"].isna().tolist() == [True, False]
    told = {(each.code, each.row, each.field) for each in reading.report.findings}
    assert {
        ("text_too_long", 1, "address"), ("bad_range", 1, "beds_total"),
        ("text_too_long", 2, "name"), ("missing_name", 2, "name"),
    } <= told  # fmt: skip
