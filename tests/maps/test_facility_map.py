"""gm.facility_map: a real folium map that needs no network and runs nobody's text."""

from __future__ import annotations

import json
import re

import folium
import geopandas as gpd
import pytest
from shapely import Point

import geomap as gm
from geomap.errors import CRSError, ParameterError
from geomap.maps.facility_map import MOST_DETAILED
from geomap.model.facility import FACILITIES

PAYLOAD = "</script><script>window.pwned=1</script>{{7*191}}${1}`\\"


def homes(n: int = 2, **columns) -> gpd.GeoDataFrame:
    spots = gpd.points_from_xy([121.4 + i / 1000 for i in range(n)], [31.2] * n, crs="EPSG:4326")
    own = {"name": [f"颐养院 {i}" for i in range(n)], "type": ["nursing_home"] * n}
    return gpd.GeoDataFrame(own | columns, geometry=spots)


def html_of(chart: folium.Map) -> str:
    return chart.get_root().render()


def config_of(html: str) -> dict:
    return json.loads(json.loads(re.search(r'"geomap": (".*"),\n', html)[1]))


def features_of(html: str) -> list[dict]:
    return json.loads(re.search(r"geo_json_\w+_add\((\{.*\})\);", html)[1])["features"]


def test_it_is_a_folium_map_and_takes_folium_layers():
    chart = gm.facility_map(homes())
    folium.CircleMarker([31.2, 121.4]).add_to(chart)
    assert isinstance(chart, folium.Map)
    assert "L.circleMarker" in html_of(chart)


def test_nothing_is_loaded_from_elsewhere():
    html = html_of(gm.facility_map(homes()))
    head = re.sub(r"<(script|style)>.*?</\1>", "", html, flags=re.DOTALL)
    assert re.findall(r"(?:src|href)=[\"']?([^\"' >]+)", head) == re.findall(
        r'href="(#[^"]+)"', head
    )


def test_a_small_map_is_a_small_document():
    assert len(html_of(gm.facility_map(homes(94))).encode()) < 600_000


def test_names_full_of_markup_are_data():
    frame = homes(1, name=[PAYLOAD], address=[PAYLOAD], source=[PAYLOAD], id=[PAYLOAD])
    html = html_of(gm.facility_map(frame))
    (found,) = features_of(html)
    assert found["properties"]["name"] == PAYLOAD
    assert ["地址", PAYLOAD] in found["properties"]["details"]
    assert config_of(html)["attribution"].startswith(PAYLOAD)
    assert "window.pwned=1</script>" not in html
    assert "1337" not in html


def test_rows_without_a_place_are_counted_in_a_note():
    frame = homes(2)
    frame.geometry = [Point(121.4, 31.2), None]
    html = html_of(gm.facility_map(frame))
    assert len(features_of(html)) == 1
    assert config_of(html)["note"] == "有 1 家没有位置，不在图上。"


def test_no_facilities_at_all_still_make_a_map():
    html = html_of(gm.facility_map(FACILITIES.empty()))
    assert config_of(html)["note"] == "没有机构。"
    assert config_of(html)["bounds"] is None


def test_unknown_values_are_left_out_and_known_ones_have_their_unit():
    frame = FACILITIES.conform(homes(1, id=["a"], beds_total=[120], accepts=[["dementia"]]))
    (found,) = features_of(html_of(gm.facility_map(frame, language="en")))
    assert found["properties"]["details"] == [["Beds", "120 beds"], ["Accepts", "Dementia"]]


def test_closed_and_planned_homes_have_their_own_look():
    found = features_of(html_of(gm.facility_map(homes(2, status=["planned", "open"]))))
    assert [each["properties"]["closed"] for each in found] == [True, False]


def test_many_facilities_travel_as_columns():
    html = html_of(gm.facility_map(homes(MOST_DETAILED + 1)))
    columns = config_of(html)["columns"]
    assert columns["lon"][:2] == [12140000, 12140100]
    assert len(columns["name"]) == MOST_DETAILED + 1
    assert "L.geoJson" not in html.split("geo_json")[0].rsplit("</script>", 1)[-1]


def test_projected_facilities_are_put_in_the_same_place():
    flat = homes().to_crs("EPSG:3857")
    one, other = (features_of(html_of(gm.facility_map(frame))) for frame in (homes(), flat))
    assert [f["geometry"] for f in one] == [f["geometry"] for f in other]


def test_folium_options_pass_through():
    html = html_of(gm.facility_map(homes(), location=[30, 120], zoom_start=7, height=400))
    assert re.search(r"center: \[30\.0, 120\.0\]", html)
    assert '"zoom": 7' in html
    assert re.search(r"height:\s*400\.0px", html)
    assert config_of(html)["keepView"] is True


def test_street_tiles_of_others_take_the_place_of_our_boundaries():
    config = config_of(html_of(gm.facility_map(homes(), tiles="OpenStreetMap")))
    assert (config["lines"], config["labels"], config["streets"]) == (None, None, True)


@pytest.mark.parametrize(
    ("frame", "error", "said"),
    [
        (homes().drop(columns="type"), ParameterError, r"missing: \['type'\]"),
        (homes(2, type=["hotel", "other"]), ParameterError, r"got \['hotel'\]"),
        (homes().drop(columns="geometry"), ParameterError, "GeoDataFrame"),
        (
            homes().set_geometry([Point(121, 31).buffer(1)] * 2, crs="EPSG:4326"),
            ParameterError,
            "points",
        ),
        (homes().set_crs(None, allow_override=True), CRSError, "set_crs"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(frame, error, said):
    with pytest.raises(error, match=said):
        gm.facility_map(frame)


def test_homes_far_from_every_county_are_drawn_too():
    far = homes().set_geometry(gpd.points_from_xy([0, 0.01], [31.2, 31.2], crs="EPSG:4326"))
    assert len(features_of(html_of(gm.facility_map(far)))) == 2


def test_officials_are_people_and_stay_out_of_the_map():
    assert "王某" not in html_of(gm.facility_map(homes(steward_name=["王某"] * 2)))
