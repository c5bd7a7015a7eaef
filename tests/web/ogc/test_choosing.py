"""Which rows are found, against a plain look at each: boxes, days, properties, pages."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

ITEMS = "/ogc/collections/facilities/items"
ROOT = "http://www.opengis.net/def/crs"
LON = st.integers(-1800, 1800).map(lambda tenth: tenth / 10)
LAT = st.tuples(*[st.integers(-900, 900).map(lambda tenth: tenth / 10)] * 2).map(sorted)


def ids_in(rows, west, south, east, north) -> list[str]:
    def across(lon):
        return west <= lon <= east if west <= east else lon >= west or lon <= east

    return [
        each["id"] for each in rows
        if "lon" in each and across(each["lon"]) and south <= each["lat"] <= north
    ]  # fmt: skip


@settings(max_examples=50)
@given(west=LON, east=LON, lat=LAT)
def test_a_box_holds_its_edges_and_crosses_180_where_west_exceeds_east(
    scattered, found, west, east, lat
):
    south, north = lat
    expected = ids_in(scattered, west, south, east, north)
    assert found(bbox=f"{west},{south},{east},{north}") == expected
    assert found(bbox=f"{west},{south},-9,{east},{north},9") == expected
    for code in (4326, 4490):
        turned = {"bbox": f"{south},{west},{north},{east}", "bbox-crs": f"{ROOT}/EPSG/0/{code}"}
        assert found(**turned) == expected


@given(lon=st.tuples(LON, LON).map(sorted), lat=LAT)
def test_a_box_in_metres_holds_what_the_same_box_in_degrees_does(scattered, found, lon, lat):
    # Half a step beside the homes, so that no edge is decided by a rounding.
    west, east = (min(180, each + 0.05) for each in lon)
    south, north = (max(-85, min(85, each + 0.05)) for each in lat)
    into = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
    box = [*into.transform(west, south), *into.transform(east, north)]
    ids = found(**{"bbox": ",".join(map(repr, box)), "bbox-crs": f"{ROOT}/EPSG/0/3857"})
    edge = {each["id"] for each in scattered if each.get("lon") == 180}
    assert set(ids) - edge == set(ids_in(scattered, west, south, east, north)) - edge


@settings(max_examples=15)
@given(limit=st.integers(1, 400), start=st.integers(0, 400))
def test_pages_of_any_size_give_every_row_once_and_in_order(reader, scattered, limit, start):
    rows = [each["id"] for each in scattered if "lon" in each]
    address, ids = f"{ITEMS}?limit={limit}&offset={start}", []
    while address:
        answer = reader.get(address).json
        assert answer["numberMatched"] == len(rows)
        assert answer["numberReturned"] == len(answer["features"]) <= limit
        ids += [each["id"] for each in answer["features"]]
        links = {each["rel"]: each["href"] for each in answer["links"]}
        address = links.get("next")
    assert ids == rows[start:]
    steps = 0
    while "prev" in links:
        links = {each["rel"]: each["href"] for each in reader.get(links["prev"]).json["links"]}
        steps += 1
    last = max(start, start + ((len(ids) - 1) // limit) * limit)
    assert steps == -(-min(last, len(rows)) // limit)  # from beyond the end: to the last rows


def test_the_next_page_keeps_a_filter_that_is_called_as_a_part_of_the_path(reader, scattered):
    named = [each["id"] for each in scattered if each["name"] == "a,b" and "lon" in each]
    first = reader.get(ITEMS, query_string={"name": "a,b", "limit": 1}).json
    links = {each["rel"]: each["href"] for each in first["links"]}
    second = reader.get(links["next"]).json
    assert [page["features"][0]["id"] for page in (first, second)] == named[:2]
    assert reader.get(links["self"]).json["numberMatched"] == len(named)


def test_large_polygons_come_in_smaller_pages_that_hold_each_once(client, monkeypatch):
    whole = client.get("/ogc/collections/areas/items").json["features"]
    monkeypatch.setattr("geomap.web.ogc.collections._MOST_CORNERS", 40)
    address, sizes, ids = "/ogc/collections/areas/items", [], []
    while address:
        page = client.get(address).json
        sizes.append(page["numberReturned"])
        ids += [each["id"] for each in page["features"]]
        address = next((each["href"] for each in page["links"] if each["rel"] == "next"), None)
    assert ids == [each["id"] for each in whole]
    assert len(sizes) > 1
    assert min(sizes) >= 1


DAYS = st.dates(date(2024, 12, 20), date(2025, 4, 5))


def ids_of_days(rows, first, last) -> list[str]:
    """Those of the days, and those whose day is not known: so the standard wants it."""
    return [
        each["id"] for each in rows
        if "lon" in each and (
            "verified_on" not in each
            or (first or date.min) <= date.fromisoformat(each["verified_on"]) <= (last or date.max)
        )
    ]  # fmt: skip


@settings(max_examples=25)
@given(first=DAYS, length=st.integers(0, 60))
def test_days_hold_both_ends_and_are_open_where_nothing_or_two_dots_stand(
    scattered, found, first, length
):
    last = first + timedelta(days=length)
    assert found(datetime=f"{first}") == ids_of_days(scattered, first, first)
    assert found(datetime=f"{first}/{last}") == ids_of_days(scattered, first, last)
    for sign in ("", ".."):
        assert found(datetime=f"{first}/{sign}") == ids_of_days(scattered, first, None)
        assert found(datetime=f"{sign}/{last}") == ids_of_days(scattered, None, last)


@given(at=st.datetimes(datetime(2025, 1, 1), datetime(2025, 3, 28)), hours=st.integers(-12, 14))
def test_a_time_stands_for_its_day_in_utc(scattered, found, at, hours):
    day = (at - timedelta(hours=hours)).date()
    written = f"{at:%Y-%m-%dT%H:%M:%S}{'+' if hours >= 0 else '-'}{abs(hours):02}:00"
    assert found(datetime=written) == ids_of_days(scattered, day, day)


@pytest.mark.parametrize(
    "text",
    "2025 2025-02-30 ../.. / 2025-01-01/2025-01-02/.. 2025-02-01/2025-01-01 now 2025-01-01T10"
    " 2025-01-01T10:00:00 ２０２５-01-01 2025-01-01T25:00:00Z 9999-12-31T23:59:59-23:00 -1".split(),
)  # fmt: skip
def test_what_is_no_day_is_refused_by_name(reader, text):
    answer = reader.get(ITEMS, query_string={"datetime": text})
    assert answer.status_code == 400
    assert [each["parameter"] for each in answer.json["errors"]] == ["datetime"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("type", "x", "must be one of nursing_home, "),
        ("services", "x", "must be one of "),
        ("admits_private", "1", "must be true or false, got '1'"),
        ("name", "a" * 201, "must have 1 to 200 characters, got 201"),
        ("verified_on", "20260131", "must be a day such as 2026-01-31, got '20260131'"),
        ("verified_on", "2026-W05-1", "must be a day such as 2026-01-31, got '2026-W05-1'"),
        ("verified_on", "2026-02-30", "must be a day such as 2026-01-31, got '2026-02-30'"),
        ("bbox", "-180.0000001,-90,180,90", "within -180,-90,180,90, got -180.0000001,-90,180,90"),
    ],
)
def test_a_refusal_says_what_came_and_what_is_allowed(reader, name, value, said):
    answer = reader.get(ITEMS, query_string={name: value})
    assert answer.status_code == 400
    (fault,) = answer.json["errors"]
    assert fault["parameter"] == name
    assert said in fault["detail"]
    assert "got " in fault["detail"]


def test_a_box_in_metres_is_refused_with_the_metres_that_are_allowed(reader):
    asked = {"bbox": "-20037510,0,0,1", "bbox-crs": f"{ROOT}/EPSG/0/3857"}
    (fault,) = reader.get(ITEMS, query_string=asked).json["errors"]
    assert "within -20037508.34," in fault["detail"]
    assert fault["detail"].endswith("got -20037510,0,0,1")


@pytest.mark.parametrize(
    ("name", "value", "fits"),
    [
        ("type", "other", lambda row: row["type"] == "other"),
        ("beds_total", "2", lambda row: row.get("beds_total") == 2),
        ("beds_total", "0", lambda row: row.get("beds_total") == 0),
        ("price_min", "0", lambda row: row.get("price_min") == 0),
        ("price_min", "1500.5", lambda row: row.get("price_min") == 1500.5),
        ("admits_private", "false", lambda row: row.get("admits_private") is False),
        ("admits_private", "true", lambda row: row.get("admits_private") is True),
        ("services", "meals", lambda row: "meals" in row.get("services", [])),
        ("services", "home_care", lambda _: False),
        ("adcode", "310106", lambda row: row.get("adcode") == "310106"),
        ("verified_on", "2025-02-14", lambda row: row.get("verified_on") == "2025-02-14"),
        ("name", "a,b", lambda row: row["name"] == "a,b"),
        ("name", "</script>", lambda row: row["name"] == "</script>"),
        ("id", "r007", lambda row: row["id"] == "r007"),
        ("phone", "1", lambda _: False),
    ],
)
def test_a_property_finds_exactly_its_value_and_never_an_unknown_one(
    scattered, found, name, value, fits
):
    expected = [each["id"] for each in scattered if "lon" in each and fits(each)]
    assert found(**{name: value}) == found(**{name: value}) == expected


def test_several_questions_are_held_together(scattered, found):
    asked = {"type": "other", "admits_private": "true", "bbox": "170,-80,-170,80"}
    west_or_east = set(ids_in(scattered, 170, -80, -170, 80))
    fits = [e for e in scattered if e["type"] == "other" and e.get("admits_private") is True]
    assert found(**asked) == [each["id"] for each in fits if each["id"] in west_or_east]


def test_a_box_finds_the_polygons_that_it_touches_across_180_too(client):
    areas = client.get("/ogc/collections/areas/items").json["features"]
    assert len(areas) > 1

    def ids(box):
        answer = client.get("/ogc/collections/areas/items", query_string={"bbox": box})
        return [each["id"] for each in answer.json["features"]]

    assert ids("121.69,31.23,121.69,31.23") == ["310115"]
    assert ids("121.69,31,-170,32") == ["310115"]
    assert ids("-180,-90,180,90") == [each["id"] for each in areas]
    assert ids("10,10,11,11") == []


def test_gaps_are_found_by_their_area(client):
    gaps = client.get("/ogc/collections/gaps/items").json["features"]
    code = gaps[0]["properties"]["adcode"]
    answer = client.get("/ogc/collections/gaps/items", query_string={"adcode": code})
    expected = [each["id"] for each in gaps if each["properties"]["adcode"] == code]
    assert [each["id"] for each in answer.json["features"]] == expected
    assert 0 < len(expected) < len(gaps)
