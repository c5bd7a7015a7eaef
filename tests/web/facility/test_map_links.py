"""Links to other companies' maps: each in the datum that its service reads."""

from __future__ import annotations

import math
import re
from urllib.parse import parse_qs, urlsplit

import prcoords
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomap.web.facility.map_links import Place, routes

NAME = "江宁路“颐养院”&a=1#b</a>"
#: Where in China: longitude, latitude and a code of the mainland, Hong Kong, Macau, Taiwan.
PLACES = {
    "Shanghai": (121.451, 31.23, "310106"),
    "Urumqi": (87.6168, 43.8256, "650102"),
    "Harbin": (126.6424, 45.7567, "230102"),
    "Sanya": (109.5119, 18.2528, "460203"),
    "Hong Kong": (114.1694, 22.3193, "810000"),
    "Macau": (113.5439, 22.1987, "820000"),
    "Taipei": (121.5654, 25.033, "710100"),
}
SHIFTED_BY_ALL = ("Shanghai", "Urumqi", "Harbin", "Sanya")
METRE = 1.2e-5  # degrees; the link's six decimals and the oracle's own steps


def links(lon: float, lat: float, adcode: str | None) -> dict[str, str]:
    return {each.key: each.href for each in routes(Place(lon, lat, NAME, adcode), "zh")}


def spot(href: str) -> tuple[float, float]:
    """Read longitude and latitude as the service reads them."""
    address = urlsplit(href)
    if address.scheme == "geo":
        lat, lon = re.match(r"(-?[\d.]+),(-?[\d.]+)\?", href[4:]).groups()
        return float(lon), float(lat)
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    if "lon" in asked:
        return float(asked["lon"]), float(asked["lat"])
    if "position" in asked:
        lon, lat = asked["position"].split(",")
        return float(lon), float(lat)
    pair = asked.get("location") or asked.get("ll") or asked["query"]
    lat, lon = pair.split(",")
    return float(lon), float(lat)


def oracle(lon: float, lat: float, datum: str) -> tuple[float, float]:
    point = prcoords.Coords(lat, lon)
    if datum == "gcj02":
        point = prcoords.wgs_gcj(point, check_china=False)
    elif datum == "bd09":
        point = prcoords.wgs_bd(point, check_china=False)
    return point.lon, point.lat


def near(found: tuple[float, float], wanted: tuple[float, float]) -> bool:
    return math.dist(found, wanted) < METRE


@pytest.mark.parametrize("name", PLACES)
def test_each_service_gets_its_own_datum(name):
    lon, lat, adcode = PLACES[name]
    found = {key: spot(href) for key, href in links(lon, lat, adcode).items()}
    foreign = "gcj02" if name in SHIFTED_BY_ALL else "wgs84"
    datums = {
        "geo": "wgs84", "amap": "gcj02", "baidu": "bd09", "tianditu": "wgs84",
        "apple": foreign, "google": foreign,
    }  # fmt: skip
    assert set(found) == set(datums)
    for key, datum in datums.items():
        assert near(found[key], oracle(lon, lat, datum)), (key, found[key])


def test_a_shift_is_some_hundred_metres_so_that_a_wrong_datum_is_seen():
    lon, lat, _ = PLACES["Shanghai"]
    assert math.dist(oracle(lon, lat, "gcj02"), (lon, lat)) > 100 * METRE
    assert math.dist(oracle(lon, lat, "bd09"), oracle(lon, lat, "gcj02")) > 100 * METRE


@pytest.mark.parametrize(
    ("place", "adcode"),
    [((139.7, 35.68), None), ((121.451, 31.23), None), ((103.85, 1.29), "SG")],
)
def test_where_the_country_is_not_known_the_service_is_told_that_it_is_wgs84(place, adcode):
    found = links(*place, adcode)
    for href in found.values():
        assert near(spot(href), place)
    assert "coordinate=wgs84" in found["amap"]
    assert "coord_type=wgs84" in found["baidu"]


def test_in_china_amap_and_baidu_are_told_their_own_datum():
    found = links(*PLACES["Shanghai"])
    assert "coordinate=gaode" in found["amap"]
    assert "coord_type=bd09ll" in found["baidu"]


def test_only_one_parameter_holds_the_name_whatever_is_in_it():
    found = links(*PLACES["Shanghai"])
    for key in ("amap", "baidu", "apple"):
        address = urlsplit(found[key])
        asked = parse_qs(address.query)
        assert "a" not in asked
        assert address.fragment == ""
        assert NAME in [values[0] for values in asked.values()]
    assert not re.search(r'[<>"\s]', "".join(found.values()))


@given(
    lon=st.floats(73.0, 137.0),
    lat=st.floats(3.0, 54.0),
    province=st.sampled_from(["11", "44", "65"]),
)
def test_anywhere_in_the_box_the_shifts_are_those_of_an_independent_oracle(lon, lat, province):
    found = links(lon, lat, f"{province}0000")
    assert near(spot(found["amap"]), oracle(lon, lat, "gcj02"))
    assert near(spot(found["google"]), oracle(lon, lat, "gcj02"))
    assert near(spot(found["baidu"]), oracle(lon, lat, "bd09"))
    assert near(spot(found["geo"]), (lon, lat))
