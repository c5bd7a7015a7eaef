"""Tables of changes as offices write them: what is read, and every fault with its row."""

from __future__ import annotations

import json

import pytest

from geomap.data.changes import read_changes
from geomap.errors import DataError
from geomap.model.scenario import Change

STANDING = {"n1", "n2", "n3"}


@pytest.fixture
def read(tmp_path):
    def reading(text, *, name="plan.csv", encoding="utf-8", **more):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return read_changes(path, standing=STANDING, **more)

    return reading


def test_headings_and_kinds_may_be_chinese_and_stand_in_any_order_and_encoding(read):
    text = (
        "床位数,改动类型,机构编号,机构类型,经度,纬度,费用（元）,备注\n"
        '60,新建,,养老院,121.5,25,"1,200",急\n,关停,n1,,,,,\n120,扩建,n2,,,,,\n'
    )
    found = read(text, encoding="gb18030")
    assert found.changes == (
        Change("add", "", type="nursing_home", lon=121.5, lat=25.0, beds=60, cost=1200.0),
        Change("close", "n1"),
        Change("enlarge", "n2", beds=120),
    )
    assert found.notes[-1].zh == "没有用到的列：备注"


def test_what_our_own_export_guards_from_spreadsheets_is_taken_as_it_was(read):
    (change,) = read("kind,facility_id,name,type,lon,lat\nadd,'-7,'=苑,other,1,2\n").changes
    assert (change.facility_id, change.name) == ("-7", "=苑")


def test_a_place_is_taken_from_the_geometry_where_no_column_states_it(read):
    def feature(lon_lat, **told):
        return {"type": "Feature", "properties": told,
                "geometry": lon_lat and {"type": "Point", "coordinates": lon_lat}}  # fmt: skip

    document = {
        "type": "FeatureCollection",
        "features": [
            feature([121.5, 25], kind="move", facility_id="n1"),
            feature([121.5, 25], kind="move", facility_id="n2", lon=120, lat=24),
            feature([121.5, 25], kind="close", facility_id="n3"),
        ],
    }
    found = read(json.dumps(document), name="plan.geojson").changes
    assert [(each.lon, each.lat) for each in found] == [(121.5, 25), (120, 24), (None, None)]


def test_places_in_another_system_are_taken_in_degrees(read):
    features = [{"type": "Feature", "properties": {"kind": "move", "facility_id": "n1"},
                 "geometry": {"type": "Point", "coordinates": [306_000, 2_770_000]}}]  # fmt: skip
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3826"}}
    document = {"type": "FeatureCollection", "crs": crs, "features": features}
    (change,) = read(json.dumps(document), name="plan.geojson").changes
    assert (change.lon, change.lat) == pytest.approx((121.555, 25.037), abs=0.002)


def test_rows_are_held_against_what_stands_and_what_was_changed_before(read):
    text = "kind,facility_id,type,lon,lat,beds\n" + "\n".join([
        "enlarge,new-1,,,,9", "close,n1,,,,", "enlarge,n3,,,,5", "close,n2,,,,", "move,n2,,1,2,",
        "add,new-2,other,1,2,", "move,new-2,,3,4,", "add,new-2,other,1,2,", "close,n9,,,,",
    ])  # fmt: skip
    before = [Change("add", "new-1", type="other", lon=1.0, lat=2.0), Change("close", "n1")]
    with pytest.raises(DataError) as refused:
        read(text, closed={"n3"}, before=before)
    assert str(refused.value).splitlines()[1:] == [
        "  row 3: 'n1' is closed before this row",
        "  row 4: 'n3' is closed before this row",
        "  row 6: 'n2' is closed before this row",
        "  row 9: the id 'new-2' is taken",
        "  row 10: no facility has the id 'n9'",
    ]
    assert "第 10 行：没有编号为 'n9' 的机构" in refused.value.said("zh")


def test_many_faults_are_told_up_to_a_number_and_the_rest_counted(read):
    with pytest.raises(DataError, match="and 30 more") as refused:
        read("kind,facility_id\n" + "close,\n" * 80)
    assert len(str(refused.value).splitlines()) == 52


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ("close,#REF!", "row 2"),
        ("enlarge,n1\ufffd", "row 2"),
        ("close,n1,more", "row 2: This row has 3 cells"),
    ],
)
def test_what_a_reader_would_lose_is_a_fault(read, cells, said):
    with pytest.raises(DataError, match=said):
        read(f"kind,facility_id\n{cells}\n")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plan.vrt", '<OGRVRTDataSource><OGRVRTLayer name="a"/></OGRVRTDataSource>'),
        ("plan.geojson", '<OGRVRTDataSource><OGRVRTLayer name="a"/></OGRVRTDataSource>'),
        ("plan.kml", '<kml xmlns="http://www.opengis.net/kml/2.2"><Document/></kml>'),
        ("plan.csv", ""),
        ("plan.xlsx", "kind,facility_id\nclose,n1\n"),
        ("plan.geojson", '{"type": "FeatureCollection", "features": [{'),
        ("plan.geojson", '{"type":"FeatureCollection","crs":{"type":"link","properties":'
         '{"href":"http://127.0.0.1:9/"}},"features":[{"type":"Feature","properties":'
         '{"kind":"move","facility_id":"n1"},"geometry":{"type":"Point","coordinates":[1,2]}}]}'),
    ],
)  # fmt: skip
def test_files_that_are_no_table_of_changes_are_refused_by_name(read, name, content):
    with pytest.raises(DataError, match=name) as refused:
        read(content, name=name)
    assert refused.value.zh is not None
