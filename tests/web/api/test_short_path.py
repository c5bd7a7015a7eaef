"""The short path says what the long way says, byte for byte, and leaves to it what is unusual."""

from __future__ import annotations

import gzip
import io
import sys
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from itertools import chain
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geomap.web.api import short_path
from geomap.web.api.short_path import ShortPath

MINUTE = timedelta(minutes=1)
PLAIN = "lon=121.45&lat=31.23&k=3"


def environ_of(query, method="GET", path="/api/v1/nearest", **more):
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SCRIPT_NAME": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "homes.example:8000",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        **more,
    }


def asked(way, environ):
    begun = []
    parts = way(environ, lambda status, headers, _=None: begun.append((status, headers)))
    body = b"".join(parts)
    if hasattr(parts, "close"):
        parts.close()
    status, headers = begun[-1]
    dates = [value for name, value in headers if name == "Date"]
    assert all(abs(parsedate_to_datetime(each) - datetime.now(UTC)) < MINUTE for each in dates)
    headers = [(name, "" if name == "Date" else value) for name, value in headers]
    if dict(headers).get("Content-Encoding") == "gzip":  # bytes 4 to 7 are the time
        body = gzip.decompress(body)
        headers = [each for each in headers if each[0] != "Content-Length"]
    return status, headers, body


def ways_of(client):
    """The short path, which notes in `taken` what goes the long way, and the long way alone."""
    app = client.application
    long_way = partial(type(app).wsgi_app, app)
    short = ShortPath(app)
    taken = []

    def noted(environ, start_response):
        taken.append(environ["QUERY_STRING"])
        return long_way(environ, start_response)

    short._long_way = noted
    return short, long_way, taken


@pytest.fixture(scope="module")
def ways(client):
    """Both ways to the homes of the town."""
    return ways_of(client)


@pytest.fixture(scope="module")
def far_ways(make_client, facilities_of):
    """Both ways to forty homes on either side of the antimeridian, every fifth without a place."""

    def home(n):
        place = {"lon": (175.0 + n / 4 + 180) % 360 - 180, "lat": n - 20.0} if n % 5 else {}
        kind, day = ("nursing_home", "2025-03-01") if n % 3 else ("other", None)
        return {"id": f"h{n}", "name": f"养老院 {n}", "type": kind, "verified_on": day} | place

    return ways_of(make_client(facilities_of([home(n) for n in range(40)])))


def compare(ways, query, **more):
    """Both answers are the same; tell whether the short path answered by itself."""
    short, long_way, taken = ways
    before = len(taken)
    assert asked(short, environ_of(query, **more)) == asked(long_way, environ_of(query, **more))
    return len(taken) == before


numbers = st.floats(-200, 200).map(lambda x: f"{x:.5f}") | st.sampled_from(
    ["121.45", "31.23", "1e1", "-0", "nan", "", "٣", "+3", "1_0", " 1"]
)
values = {
    "lon": numbers,
    "lat": numbers,
    "k": st.integers(-1, 20_000).map(str) | st.just("x"),
    "type": st.sampled_from(["nursing_home", "nursing_home,other", "other", "clinic", ""]),
    "max_distance_m": st.sampled_from(["0", "500", "1e5", "1e9", "-1"]),
    "beds": st.sampled_from(["free", "unknown", "free,unknown", "few"]),
    "price": st.sampled_from(["4000", "6000", "unknown", "-1"]),
    "medical": st.sampled_from(["inhouse", "partner,inhouse", "all"]),
    "lang": st.sampled_from(["zh", "en", "fr"]),
    "sort": st.just("name"),
}
pairs = st.sampled_from([*values]).flatmap(lambda n: st.tuples(st.just(n), values[n]))
queries = st.tuples(
    st.sampled_from([[("lon", "121.452"), ("lat", "31.231")], []]), st.lists(pairs, max_size=5)
).map(
    lambda both: "&".join(f"{n}={quote(text, safe=',+ ')}" for n, text in chain.from_iterable(both))
)
headers = st.fixed_dictionaries(
    {},
    optional={
        "HTTP_ACCEPT_ENCODING": st.sampled_from(
            ["gzip", "br, gzip", "identity", "gzip;q=0", "*", "zstd", ""]
        ),
        "HTTP_ACCEPT_LANGUAGE": st.sampled_from(["en", "zh-CN"]),
        "HTTP_ACCEPT": st.sampled_from(
            [
                *("*/*", "application/json", "application/geo+json, application/json", "text/csv"),
                *("application/json;q=0.5, application/geo+json", "image/png"),
            ]
        ),
        "HTTP_COOKIE": st.just("geomap_elder=big"),
        "HTTP_ORIGIN": st.just("https://portal.example"),
        "HTTP_HOST": st.sampled_from(["homes.example", "homes.example:80", "[::1]:81", "a b"]),
        "HTTP_RANGE": st.just("bytes=0-9"),
        "HTTP_IF_NONE_MATCH": st.just("*"),
        "wsgi.url_scheme": st.sampled_from(["http", "https"]),
        "SCRIPT_NAME": st.sampled_from(["/care", "/养老".encode().decode("latin-1")]),
        "method": st.sampled_from(["HEAD", "OPTIONS", "POST"]),
        "path": st.sampled_from(["/api/v1/nearest/", "/api/v1/facilities", "/api/v1/search"]),
    },
)


@given(query=queries, more=headers)
@settings(
    deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_both_ways_answer_the_same_whatever_is_asked(ways, query, more):
    compare(ways, query, **more)


lists = st.lists(
    st.sampled_from([
        *("bbox=121.4,31.1,121.6,31.3", "bbox=170,-10,-170,10", "bbox=1,2,3", "type=nursing_home"),
        *("limit=3", "limit=0", "limit=99999", "offset=2", "offset=7", "offset=-1", "adcode=31"),
        *("q=home", "q=%E5%85%BB", "beds=free", "medical=inhouse,partner", "k=3", "lang=en"),
        *("f=geojson", "f=ndjson", "f=json"),
    ]),
    max_size=5,
).map("&".join)  # fmt: skip


@given(query=lists, more=headers)
@settings(
    deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_both_ways_list_the_same_whatever_is_asked(ways, query, more):
    compare(ways, query, **{"path": "/api/v1/facilities", **more})


ITEMS = "/ogc/collections/facilities/items"
items = st.lists(
    st.sampled_from([
        *("bbox=170,-10,-170,10", "bbox=-180,-90,180,90", "bbox=175,0,180,20", "bbox=1,2,1,2"),
        *("bbox=170,-10,0,-170,10,9", "bbox=1,2,3", "bbox=1,9,3,2", "limit=3", "limit=30"),
        *("limit=0", "offset=2", "offset=33", "offset=-1", "type=nursing_home", "type=clinic"),
        *("datetime=2025-03-01", "datetime=..", "name=h", "beds_total=3", "fire_cert=true"),
        *("f=json", "f=xml", "lang=en", "k=3", "crs=x"),
    ]),
    max_size=4,
).map("&".join)  # fmt: skip


@given(query=items, more=headers)
@settings(
    deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_both_ways_give_the_same_items_whatever_is_asked(far_ways, query, more):
    compare(far_ways, query, **{"path": ITEMS, **more})


degrees = st.integers(-1800, 1800).map(lambda x: x / 10)
boxes = st.tuples(degrees, st.integers(-90, 0), degrees, st.integers(0, 90))
pages = st.builds(
    "bbox={0[0]},{0[1]},{0[2]},{0[3]}&limit={1}&offset={2}{3}".format,
    boxes,
    st.integers(1, 20),
    st.integers(0, 40),
    st.sampled_from(["", "&type=nursing_home"]),
)


@given(query=pages, path=st.sampled_from([ITEMS, "/api/v1/facilities"]))
@settings(deadline=None, max_examples=150)
def test_a_page_of_any_box_is_the_same_by_both_ways(far_ways, query, path):
    compare(far_ways, "limit=9", path=path)
    by_itself = compare(far_ways, query, path=path)
    assert by_itself or b'"numberReturned":0' in asked(far_ways[1], environ_of(query, path=path))[2]


@pytest.mark.parametrize("query", ["limit=3", "f=json", "f=json&bbox=170,-10,-170,10&limit=2"])
def test_items_take_the_short_path_from_the_second_on(far_ways, query):
    asked_twice = [compare(far_ways, query, path=ITEMS, HTTP_ACCEPT="*/*") for _ in range(2)]
    assert asked_twice[1]


def test_the_tag_of_items_is_known_to_the_long_way(far_ways):
    short, *_ = far_ways
    for language, other in (("en", "zh"), ("zh", "en")):
        own = partial(environ_of, "limit=4", path=ITEMS)
        compare(far_ways, "limit=4", path=ITEMS, HTTP_ACCEPT_LANGUAGE=language)
        tag = dict(asked(short, own(HTTP_ACCEPT_LANGUAGE=language))[1])["ETag"]
        again = [own(HTTP_IF_NONE_MATCH=tag, HTTP_ACCEPT_LANGUAGE=e) for e in (language, other)]
        assert [asked(short, each)[0] for each in again] == ["304 NOT MODIFIED", "200 OK"]


@pytest.mark.parametrize(
    "query", ["limit=3", "offset=2&limit=3", "type=nursing_home&limit=2", "bbox=70,0,140,60"]
)
def test_plain_lists_take_the_short_path_from_the_second_on(ways, query):
    asked_twice = [compare(ways, query, path="/api/v1/facilities") for _ in range(2)]
    assert asked_twice[1]


plain = st.builds(
    "lon={:.5f}&lat={:.5f}&k={}{}".format,
    st.floats(121.4, 121.6),
    st.floats(31.1, 31.3),
    st.integers(1, 9),
    st.sampled_from(["", "&type=nursing_home", "&type=nursing_home&beds=free&price=4000"]),
)


@given(query=plain, encoding=st.sampled_from(["", "gzip", "br"]))
@settings(deadline=None, max_examples=100)
def test_plain_questions_take_the_short_path_from_the_second_on(ways, query, encoding):
    for _ in range(2):
        by_itself = compare(ways, query, HTTP_ACCEPT_ENCODING=encoding)
    assert by_itself or b'"numberReturned":0' in asked(ways[1], environ_of(query))[2]


@pytest.mark.parametrize(
    "query",
    [
        "lon=121.45&lat=31.23&k=0",
        "lon=121.45&lat=91",
        "lon=121.45",
        "",
        f"{PLAIN}&k=4",
        f"{PLAIN}&type=nursing_home&type=other",
        f"{PLAIN}&bed=free",
        f"{PLAIN}&type=",
        "lon=121%2E45&lat=31.23",
        "lon=121.45&&lat=31.23",
        "lon=0&lat=0&max_distance_m=1",
    ],
)
def test_what_is_wrong_empty_or_unusual_goes_the_long_way(ways, query):
    compare(ways, PLAIN)
    assert compare(ways, PLAIN)
    assert not compare(ways, query)


@pytest.mark.parametrize("name", ["IF_NONE_MATCH", "IF_MODIFIED_SINCE", "IF_MATCH", "RANGE"])
def test_conditional_questions_go_the_long_way(ways, name):
    assert not compare(ways, PLAIN, **{f"HTTP_{name}": "*"})


def test_its_tag_is_known_to_the_long_way(ways):
    compare(ways, PLAIN)
    short, *_ = ways
    tag = dict(asked(short, environ_of(PLAIN))[1])["ETag"]
    assert asked(short, environ_of(PLAIN, HTTP_IF_NONE_MATCH=tag))[0] == "304 NOT MODIFIED"


def test_the_date_is_that_of_the_answer(ways, monkeypatch):
    compare(ways, PLAIN)
    monkeypatch.setattr(short_path, "http_date", lambda: "Sun, 22 Nov 2037 10:00:00 GMT")
    begun = []
    ways[0](environ_of(PLAIN), lambda _, headers: begun.append(dict(headers)["Date"]))
    assert begun == ["Sun, 22 Nov 2037 10:00:00 GMT"]


def test_no_more_hosts_than_a_few_are_remembered(ways, monkeypatch):
    monkeypatch.setattr(short_path, "_MOST_HEADS", 3)
    for number in range(10):
        assert not compare(ways, PLAIN, HTTP_HOST=f"h{number}.example")
    assert len(ways[0]._heads) <= 3


def test_long_lists_of_choices_are_not_remembered(ways):
    long = f"{PLAIN}&type={','.join(['nursing_home'] * 99)}"
    for _ in range(2):
        compare(ways, long)
    assert compare(ways, long)
    kept = ways[0]._questions["/api/v1/nearest"]._choices
    assert all(len(text) <= 200 for _, text in kept)


@pytest.mark.parametrize("kind", [RuntimeError, KeyError, ValueError, MemoryError])
def test_what_fails_on_the_short_path_is_answered_by_the_long_way(ways, monkeypatch, kind):
    compare(ways, PLAIN)

    def fail(*_):
        raise kind("lon=121.45")

    monkeypatch.setattr(ways[0]._questions["/api/v1/nearest"], "answer", fail)
    assert not compare(ways, PLAIN)
