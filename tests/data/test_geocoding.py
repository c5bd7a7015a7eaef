"""The online geocoder, against a real server on this machine that answers as the providers do."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import geopandas as gpd
import pandas as pd
import prcoords
import pytest
import shapely

from geomap.data.geocoding import geocode_missing
from geomap.errors import ParameterError
from geomap.model.facility import FACILITIES
from geomap.settings import Settings

ADDRESS = "河南省郑州市金水区文化路97号"
HERE = (113.6655, 34.7890)  # in 金水区
ELSEWHERE = (113.62, 34.74)  # in 二七区


class Service:
    """A geocoder that answers what it is told to, and counts what it is asked."""

    def __init__(self):
        self.asked, self.headers, self.replies = [], [], []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                service.asked.append(parse_qs(urlsplit(self.path).query))
                service.headers.append(dict(self.headers))
                place = min(len(service.asked), len(service.replies)) - 1
                status, headers, body = service.replies[place]
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/geocode"

    def says(self, *replies):
        self.replies = [reply if isinstance(reply, tuple) else whole(reply) for reply in replies]

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def whole(document, status=200, **headers):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return status, headers, body


def tianditu(lon, lat, level="门址"):
    place = {"score": 100, "level": level, "lon": str(lon), "lat": str(lat), "keyWord": "x"}
    return {"msg": "ok", "location": place, "searchVersion": "6.0.0", "status": "0"}


def amap(lon, lat, level="门牌号"):
    place = {"formatted_address": "x", "adcode": "410105", "location": f"{lon},{lat}"}
    document = {"status": "1", "info": "OK", "infocode": "10000", "count": "1"}
    return document | {"geocodes": [place | {"level": level}]}


def nominatim(lon, lat, rank=30):
    return [{"place_id": 1, "lat": str(lat), "lon": str(lon), "place_rank": rank, "type": "house"}]


@pytest.fixture
def service():
    service = Service()
    yield service
    service.close()


@pytest.fixture
def waits():
    return []


def homes(*rows):
    """Facilities: address, adcode, precision, and coordinates or None."""
    columns = dict(
        zip(("address", "adcode", "location_precision"), zip(*rows, strict=True), strict=False)
    )
    points = [None if len(row) < 4 else shapely.Point(row[3]) for row in rows]
    ids = [f"h{nth}" for nth in range(len(rows))]
    frame = gpd.GeoDataFrame(
        {name: pd.Series(values, dtype="str") for name, values in columns.items()},
        geometry=gpd.GeoSeries(points, crs="EPSG:4326"),
    )
    return FACILITIES.conform(frame.assign(id=ids, name=ids, type="nursing_home"))


@pytest.fixture
def locate(service, tmp_path, waits):
    def locate(frame, provider="tianditu", **options):
        settings = Settings(
            geocoder=provider, geocoder_key="secret-key", geocoder_url=service.url, **options
        )
        cache = tmp_path / "geocoded.sqlite"
        return geocode_missing(frame, settings, cache, sleep=waits.append)

    return locate


def place(frame, row=0):
    point = frame.geometry.iloc[row]
    return None if point is None else (round(point.x, 4), round(point.y, 4))


ROUGH = (ADDRESS, "410105", "county", (113.66, 34.80))


@pytest.mark.parametrize("provider", ["tianditu", "nominatim"])
def test_an_answer_takes_the_place_of_one_located_to_the_county(service, locate, provider):
    service.says({"tianditu": tianditu, "nominatim": nominatim}[provider](*HERE))
    frame, findings = locate(homes(ROUGH), provider)
    assert place(frame) == HERE
    assert frame["location_precision"].tolist() == ["address"]
    assert [each.code for each in findings] == ["located_online"]
    assert "精确到门牌" in findings[0].message("zh")


def test_places_of_amap_are_brought_from_its_datum_to_wgs84(service, locate):
    lat, lon = prcoords.wgs_gcj((HERE[1], HERE[0]))
    service.says(amap(lon, lat))
    frame, _ = locate(homes(ROUGH), "amap")
    assert place(frame) == pytest.approx(HERE, abs=2e-4)
    assert place(frame) != (round(lon, 4), round(lat, 4))


def test_the_question_is_the_providers_and_names_us(service, locate):
    service.says(tianditu(*HERE))
    locate(homes(ROUGH))
    assert json.loads(service.asked[0]["ds"][0]) == {"keyWord": ADDRESS}
    assert service.asked[0]["tk"] == ["secret-key"]
    assert service.headers[0]["User-Agent"].startswith("geomap/")


def test_only_rows_that_need_it_are_asked_about(service, locate):
    service.says(tianditu(*HERE))
    known = (ADDRESS, "410105", "address", (113.66, 34.79))
    own = (ADDRESS, "410105", None, (113.66, 34.79))
    silent = (None, "410105", None)
    unsure = ("鼓楼区中山路1号", None, None)
    frame, findings = locate(homes(known, own, silent, unsure))
    assert (service.asked, findings) == ([], ())
    assert frame.geometry.notna().tolist() == [True, True, False, False]


def test_an_address_without_its_divisions_is_asked_with_them(service, locate):
    service.says(tianditu(*HERE))
    locate(homes(("文化路97号", "410105", "county", (113.66, 34.80))))
    assert json.loads(service.asked[0]["ds"][0])["keyWord"] == ADDRESS


def test_an_answer_in_another_county_is_refused_and_told(service, locate):
    service.says(tianditu(*ELSEWHERE))
    frame, findings = locate(homes(ROUGH))
    assert place(frame) == (113.66, 34.80)
    assert [(each.code, each.rows) for each in findings] == [("located_elsewhere", (1,))]


@pytest.mark.parametrize(
    ("provider", "reply", "precision"),
    [
        ("tianditu", tianditu(*HERE, level="兴趣点"), "address"),
        ("tianditu", tianditu(*HERE, level="道路"), "township"),
        ("tianditu", tianditu(*HERE, level="区县级"), "county"),
        ("amap", amap(*HERE, level="兴趣点"), "address"),
        ("amap", amap(*HERE, level="村庄"), "township"),
        ("amap", amap(*HERE, level="区县"), "county"),
        ("amap", amap(*HERE, level="市"), None),
        ("nominatim", nominatim(*HERE, rank=26), "township"),
        ("nominatim", nominatim(*HERE, rank=8), None),
    ],
)
def test_the_words_of_a_provider_say_how_exact_it_is(service, locate, provider, reply, precision):
    service.says(reply)
    frame, findings = locate(homes((ADDRESS, "410105", None)), provider)
    assert frame["location_precision"].tolist() == [precision or None] or precision is None
    assert frame.geometry.isna().tolist() == [precision is None]
    assert [each.code for each in findings] == [
        "located_online" if precision else "not_located_online"
    ]


def test_a_second_import_asks_nothing_and_the_file_holds_no_address(
    service, locate, tmp_path, caplog
):
    service.says(tianditu(*HERE))
    first, _ = locate(homes(ROUGH))
    assert len(service.asked) == 1
    again, _ = locate(homes(ROUGH))
    assert len(service.asked) == 1
    assert place(first) == place(again)
    content = (tmp_path / "geocoded.sqlite").read_bytes()
    assert "文化路".encode() not in content
    assert b"secret-key" not in content
    assert "文化路" not in caplog.text


@pytest.mark.parametrize(
    ("provider", "nothing"),
    [
        ("tianditu", {"msg": "无结果", "status": "101"}),
        ("amap", {"status": "1", "count": "0", "geocodes": []}),
        ("nominatim", []),
    ],
)
def test_that_nothing_is_known_is_remembered_too(service, locate, provider, nothing):
    service.says(nothing)
    for _ in range(2):
        frame, findings = locate(homes((ADDRESS, "410105", None)), provider)
        assert frame.geometry.isna().all()
        assert [each.code for each in findings] == ["not_located_online"]
    assert len(service.asked) == 1


def test_there_is_a_pause_before_each_question(service, locate, waits):
    service.says(tianditu(*HERE))
    other = ("河南省郑州市金水区文化路99号", "410105", "county", (113.66, 34.80))
    locate(homes(ROUGH, other), geocoder_pause_s=1.5)
    assert waits == [1.5, 1.5]


def test_a_busy_service_is_asked_again_when_it_says(service, locate, waits):
    busy = whole(b"", 429, **{"Retry-After": "7"})
    service.says(busy, whole(b"", 503), tianditu(*HERE))
    frame, _ = locate(homes(ROUGH), geocoder_pause_s=0)
    assert place(frame) == HERE
    assert waits == [0, 7, 0, 2, 0]


@pytest.mark.parametrize(
    "reply",
    [
        whole(b"<html>no json"),
        whole(b"\xff\xfe\x00"),
        whole([1, 2]),
        whole({"status": "0", "location": {"lon": "east", "lat": "1", "level": "门址"}}),
        whole({"status": "0", "location": {"lon": "999", "lat": "1", "level": "门址"}}),
        whole({"status": "0", "location": {"lon": "NaN", "lat": "1", "level": "门址"}}),
        whole(b"", 500),
        whole(b"[" * 100_000),
    ],
)
def test_garbage_is_no_place_and_no_crash(service, locate, reply):
    service.says(reply)
    frame, findings = locate(homes(ROUGH))
    assert place(frame) == (113.66, 34.80)
    assert [each.code for each in findings] == ["geocoder_stopped"]
    assert findings[0].values["count"] == 1


@pytest.mark.parametrize(
    ("provider", "reply"),
    [
        ("amap", {"status": "0", "info": "INVALID_USER_KEY", "infocode": "10001"}),
        ("amap", {"status": "0", "info": "DAILY_QUERY_OVER_LIMIT", "infocode": "10003"}),
        ("tianditu", {"msg": "非法Key", "code": "301002", "status": "1"}),
        ("nominatim", whole(b"", 403)),
    ],
)
def test_a_refusal_ends_the_questions_at_once(service, locate, provider, reply):
    service.says(reply)
    rows = [(f"郑州市金水区文化路{nth}号", "410105", None) for nth in range(5)]
    _, findings = locate(homes(*rows), provider)
    assert len(service.asked) == 1
    assert [(each.code, each.values["count"]) for each in findings] == [("geocoder_stopped", 5)]
    assert "secret-key" not in findings[0].message("en")


def test_amap_that_is_asked_too_fast_is_asked_again(service, locate):
    limit = {"status": "0", "info": "CUQPS_HAS_EXCEEDED_THE_LIMIT", "infocode": "10021"}
    service.says(limit, amap(*HERE))
    frame, _ = locate(homes(ROUGH), "amap")
    assert frame["location_precision"].tolist() == ["address"]
    assert len(service.asked) == 2


def test_a_service_that_fails_again_and_again_is_left_alone(service, locate):
    service.says(whole(b"", 500))
    rows = [(f"郑州市金水区文化路{nth}号", "410105", None) for nth in range(9)]
    _, findings = locate(homes(*rows))
    assert len(service.asked) == 3 * 4
    assert [each.values["count"] for each in findings] == [9]


def test_addresses_follow_no_redirect_to_another_host(service, locate):
    other = Service()
    other.says(tianditu(*HERE))
    service.says(whole(b"", 302, Location=other.url))
    frame, findings = locate(homes(ROUGH))
    asked = len(other.asked)
    other.close()
    assert asked == 0
    assert place(frame) == (113.66, 34.80)
    assert [each.code for each in findings] == ["geocoder_stopped"]


def test_no_connection_is_told_in_a_sentence(service, locate):
    service.close()
    _, findings = locate(homes(ROUGH))
    assert "no connection" in findings[0].message("en")


def test_abroad_only_a_provider_that_knows_the_world_is_asked(service, locate):
    service.says(nominatim(-86.79, 33.45))
    abroad = ("701 Princeton Avenue SW, Birmingham", None, None)
    frame, _ = locate(homes(abroad), "amap")
    assert service.asked == []
    frame, _ = locate(homes(abroad), "nominatim")
    assert place(frame) == (-86.79, 33.45)


def test_a_frame_without_addresses_is_given_back(locate):
    frame = homes(ROUGH).drop(columns=["address"])
    same, findings = locate(frame)
    assert same is frame
    assert findings == ()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "geocoder must be tianditu, amap or nominatim"),
        ({"geocoder": "amap"}, "needs geocoder_key"),
        ({"geocoder": "nominatim", "geocoder_url": "file:///etc/passwd"}, "must begin with http"),
    ],
)
def test_settings_that_cannot_work_are_refused(tmp_path, options, message):
    with pytest.raises(ParameterError, match=message):
        geocode_missing(homes(ROUGH), Settings(**options), tmp_path / "a.sqlite")
