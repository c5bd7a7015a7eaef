from __future__ import annotations

import pytest
import shapely

from geomap.data.files.findings.report import RefusedError
from geomap.data.files.formats.raw import read_raw
from geomap.data.files.table import read_in_process
from geomap.model.area import AREAS
from geomap.model.candidate import CANDIDATES
from geomap.model.demand import DEMAND
from geomap.model.exclusion import EXCLUSIONS
from geomap.model.facility import FACILITIES


def tags(**values):
    return "".join(f'<tag k="{k.replace("_", ":")}" v="{v}"/>' for k, v in values.items())


def node(number, lon, lat, inside=""):
    return f'<node id="{number}" version="1" lat="{lat}" lon="{lon}">{inside}</node>'


def way(number, refs, inside=""):
    nodes = "".join(f'<nd ref="{ref}"/>' for ref in refs)
    return f'<way id="{number}" version="1">{nodes}{inside}</way>'


def relation(number, ways, inside=""):
    parts = "".join(f'<member type="way" ref="{ref}" role="outer"/>' for ref in ways)
    return f'<relation id="{number}" version="1">{parts}{inside}</relation>'


CORNERS = [node(nth, x, y) for nth, (x, y) in enumerate([(0, 0), (2, 0), (2, 2), (0, 2)], 1)]
HOME = '<tag k="amenity" v="nursing_home"/>'
SOCIAL = '<tag k="amenity" v="social_facility"/>'
ADMIN = '<tag k="boundary" v="administrative"/><tag k="type" v="boundary"/>'


def write(folder, *objects):
    path = folder / "a.osm"
    path.write_text(f'<?xml version="1.0"?><osm version="0.6">{"".join(objects)}</osm>')
    return path


def test_care_homes_are_those_tagged_so_and_those_named_so(tmp_path):
    senior = '<tag k="social_facility:for" v="senior"/>'
    child = '<tag k="social_facility:for" v="child"/>'
    path = write(
        tmp_path,
        node(1, 121, 31, HOME + tags(name="甲")),
        node(2, 121, 31, SOCIAL + senior + tags(name="乙")),
        node(3, 121, 31, SOCIAL + child + tags(name="儿童")),
        node(4, 121, 31, '<tag k="social_facility" v="assisted_living"/>' + tags(name="丁")),
        node(5, 121, 31, tags(name="戊敬老院", building="yes")),
        node(6, 121, 31, tags(name="己敬老院", highway="bus_stop")),
        node(7, 121, 31, tags(name="庚小学", amenity="school")),
    )
    raw = read_raw(path, FACILITIES)
    assert raw.cells[0].tolist() == ["osm-n1", "osm-n2", "osm-n4", "osm-n5"]
    assert [(each.code, each.row) for each in raw.findings] == [("osm_by_name", 4)]
    frame = read_in_process(path, FACILITIES).frame
    types = ["nursing_home", "other", "nursing_home", "rural_welfare_home"]
    assert frame["type"].tolist() == types


def test_tags_become_the_columns_of_a_facility(tmp_path):
    told = {
        "name": "乐颐养老院", "name:en": "Leyi", "addr:city": "上海市", "addr:street": "人民路",
        "addr:housenumber": "12", "phone": "+86 21 62581234; 1", "website": "https://a.cn",
        "capacity": "120", "operator": "甲公司", "operator:type": "private_non_profit",
        "start_date": "2001-05-01", "check_date": "2024-01-01",
    }  # fmt: skip
    inside = HOME + "".join(f'<tag k="{key}" v="{value}"/>' for key, value in told.items())
    home = read_in_process(write(tmp_path, node(1, 121, 31, inside)), FACILITIES).frame.iloc[0]
    assert (home["name_en"], home["address"]) == ("Leyi", "上海市人民路12号")
    assert (home["beds_total"], home["ownership"]) == (120, "nonprofit")
    assert home["website"] == "https://a.cn"
    assert home["phone"].endswith("62581234")
    assert str(home["opened_on"].date()) == "2001-05-01"
    assert home["source_url"] == "https://www.openstreetmap.org/node/1"
    assert (home["source"], home["licence"]) == ("OpenStreetMap", "ODbL-1.0")


def test_a_building_is_an_outline_and_one_cut_off_at_the_edge_has_no_place(tmp_path):
    path = write(
        tmp_path,
        *CORNERS,
        way(1, [1, 2, 3, 4, 1], HOME + tags(name="甲")),
        way(2, [1, 2, 99, 1], HOME + tags(name="乙")),
    )
    raw = read_raw(path, FACILITIES)
    assert shapely.area(raw.geometry[0]) == 4
    assert raw.geometry[1] is None
    assert [(each.code, each.row) for each in raw.findings] == [("bad_geometry", 2)]


def test_boundaries_are_put_together_from_their_ways(tmp_path):
    level = '<tag k="admin_level" v="6"/>'
    path = write(
        tmp_path,
        *CORNERS,
        way(1, [1, 2, 3]),
        way(2, [3, 4, 1]),
        relation(7, [1, 2], ADMIN + level + tags(name="甲县", population="1200")),
        relation(8, [1, 5], ADMIN + level + tags(name="乙县")),
    )
    areas = read_in_process(path, AREAS).frame
    assert areas["name"].tolist() == ["甲县", "乙县"]
    assert areas["level"].tolist() == ["county", "county"]
    assert shapely.area(areas.geometry.to_numpy()).tolist()[0] == 4
    assert areas.geometry.isna().tolist() == [False, True]
    assert areas["population"].tolist()[0] == 1200


def test_demand_is_where_people_live_and_candidates_are_what_stands_empty(tmp_path):
    path = write(
        tmp_path,
        node(1, 121, 31, tags(name="甲村", place="village")),
        node(2, 121, 31, tags(name="乙市", place="city")),
        *[node(nth, x, y) for nth, (x, y) in enumerate([(0, 0), (2, 0), (2, 2)], 11)],
        way(3, [11, 12, 13, 11], tags(name="丙小区", landuse="residential")),
        way(4, [11, 12, 13, 11], tags(disused_amenity="school")),
    )
    assert read_in_process(path, DEMAND).frame["name"].tolist() == ["甲村", "丙小区"]
    assert read_in_process(path, CANDIDATES).frame["kind"].tolist() == ["disused:amenity=school"]


def test_nothing_is_built_on_water_nor_on_protected_or_military_ground(tmp_path):
    ring = [11, 12, 13, 11]
    path = write(
        tmp_path,
        node(1, 121, 31, tags(name="甲泉", natural="water")),  # a point has no ground
        *[node(nth, x, y) for nth, (x, y) in enumerate([(0, 0), (2, 0), (2, 2)], 11)],
        way(3, ring, tags(name="乙湖", natural="water")),
        way(4, ring, tags(landuse="military")),
        way(5, ring, tags(name="丙里", landuse="residential")),
        way(6, [11, 12, 13], tags(natural="water")),  # open: a line has none either
        relation(7, [3], tags(type="multipolygon", leisure="nature_reserve")),
    )
    found = read_in_process(path, EXCLUSIONS).frame
    kinds = ["natural=water", "landuse=military", "leisure=nature_reserve"]
    assert found["kind"].tolist() == kinds
    assert set(found.geometry.geom_type) == {"Polygon"}
    assert found["name"].tolist()[0] == "乙湖"


def test_a_file_without_any_says_what_it_holds(tmp_path):
    path = write(tmp_path, node(1, 121, 31, tags(name="甲", shop="yes")), node(2, 121, 31))
    with pytest.raises(RefusedError) as caught:
        read_raw(path, FACILITIES)
    assert "1 tagged objects but no care homes" in caught.value.finding.message("en")


@pytest.mark.parametrize(
    "text",
    [
        '<osm version="0.6"><node id="1" lat="x" lon="1" version="1"/></osm>',
        '<osm version="0.6"><node id="1"',
        '<osm version="0.6"><node id="99999999999999999999" lat="1" lon="1"/></osm>',
    ],
)
def test_a_damaged_file_is_refused_in_a_sentence(tmp_path, text):
    path = tmp_path / "a.osm"
    path.write_text(text)
    with pytest.raises(RefusedError) as caught:
        read_raw(path, FACILITIES)
    assert caught.value.finding.code == "invalid_file"


def test_an_entity_is_refused(tmp_path):
    path = tmp_path / "a.osm"
    path.write_text(
        '<!DOCTYPE osm [<!ENTITY a SYSTEM "file:///etc/passwd">]><osm version="0.6">'
        '<node id="1" lat="1" lon="1" version="1"><tag k="name" v="&a;"/></node></osm>'
    )
    with pytest.raises(RefusedError) as caught:
        read_raw(path, FACILITIES)
    assert caught.value.finding.code == "unsafe_xml"
