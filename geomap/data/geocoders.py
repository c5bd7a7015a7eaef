"""The online geocoders that can be set: what they are asked, and how their answers read.

Tianditu: https://lbs.tianditu.gov.cn/server/geocodinginterface.html (CGCS2000, as WGS-84).
AMap: https://lbs.amap.com/api/webservice/guide/api/georegeo (GCJ-02).
Nominatim: https://nominatim.org/release-docs/latest/api/Search/ (WGS-84); the public server allows
one question a second and no bulk use, so a server of one's own is the normal case.
"""

from __future__ import annotations

import email.utils
import http.client
import json
import math
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

from geomap.errors import DataError
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geomap.settings import Settings

USER_AGENT = "geomap/0.1 (care-home map; offline first)"
_TIMEOUT_S = 10.0
_MOST_BYTES = 1_000_000
_TRIES = 4
_LONGEST_WAIT_S = 60.0
_AGAIN = frozenset({429, 500, 502, 503, 504})
#: AMap: too many questions a second, or at once.
_AMAP_AGAIN = frozenset({"10014", "10015", "10016", "10019", "10020", "10021"})
_TIANDITU_NOTHING = frozenset({"101", "404"})
_ADDRESS, _TOWNSHIP, _COUNTY = "address", "township", "county"
_LEVELS = (
    (_ADDRESS, re.compile(r"门牌|门址|兴趣点|POI|楼栋|单元|地名地址", re.IGNORECASE)),
    (_TOWNSHIP, re.compile(r"道路|交叉|街道|乡|镇|村|社区|商圈|开发区")),
    (_COUNTY, re.compile(r"区县|县级|^[区县]$")),
)
#: Nominatim's place_rank: 28 and above houses and points, 16 towns, 12 counties.
_RANKS = ((28, _ADDRESS), (16, _TOWNSHIP), (12, _COUNTY))


@dataclass(frozen=True)
class Reply:
    """A place that a geocoder gave: degrees in its own datum, and how exact it says that is."""

    lon: float
    lat: float
    precision: str


@dataclass(frozen=True)
class Provider:
    """A geocoder.

    Parameters
    ----------
    name, label : in the settings, and to people.
    url : where it is asked, unless the settings name another place.
    datum : of its coordinates.
    needs_key : whether it answers only who has a key.
    abroad : whether it knows places outside China.
    query : writes a question.
    read : reads an answer; None where it found nothing.
    """

    name: str
    label: Label
    url: str
    datum: str
    needs_key: bool
    abroad: bool
    query: Callable[[str, str], Mapping[str, str]]
    read: Callable[[Any], Reply | None]


class GeocoderError(DataError):
    """A geocoder that gave no answer; `final` if asking again cannot help."""

    def __init__(self, why: Label, *, final: bool = False, wait_s: float | None = None) -> None:
        self.why, self.final, self.wait_s = why, final, wait_s
        super().__init__(why.en)


def ask(
    provider: Provider, settings: Settings, address: str, *, sleep: Callable[[float], None]
) -> Reply | None:
    """Ask about one address, again where the service is busy or stumbles.

    Parameters
    ----------
    provider, settings : whom, and with which key, address and pause.
    address : the question.
    sleep : waits.

    Returns
    -------
    The place; None where the service knows none.

    Raises
    ------
    GeocoderError : if it does not answer, or refuses to.
    """
    key = "" if settings.geocoder_key is None else settings.geocoder_key.get_secret_value()
    base = settings.geocoder_url or provider.url
    url = f"{base}?{urllib.parse.urlencode(provider.query(address, key))}"
    for attempt in range(_TRIES):
        sleep(settings.geocoder_pause_s)
        try:
            return provider.read(_fetch(url))
        except GeocoderError as error:
            if error.final or attempt == _TRIES - 1:
                raise
            wait_s = 2.0**attempt if error.wait_s is None else error.wait_s
            sleep(min(wait_s, _LONGEST_WAIT_S))
    raise AssertionError  # the last attempt returned or raised


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Refuses to be sent elsewhere: addresses go to the configured host only."""

    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        """Follow nothing."""


_OPENER = urllib.request.build_opener(_NoRedirect)


def _fetch(url: str) -> Any:  # noqa: ANN401 (any JSON)
    """Fetch JSON; no redirect is followed, and no more than a megabyte is read."""
    request = urllib.request.Request(  # noqa: S310 (http or https, checked with the settings)
        url, headers={"User-Agent": USER_AGENT, "Accept": "application/json"}
    )
    try:
        with _OPENER.open(request, timeout=_TIMEOUT_S) as response:
            body = response.read(_MOST_BYTES + 1)
    except urllib.error.HTTPError as error:
        with error:
            _refused(error.code, error.headers.get("Retry-After"))
    except (OSError, http.client.HTTPException) as error:
        raise GeocoderError(Label("无法连接或超时", "no connection, or too slow")) from error
    try:
        return json.loads(body[:_MOST_BYTES].decode("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise _unclear() from error


def _refused(status: int, retry_after: str | None) -> NoReturn:
    """Say what an HTTP status means for us."""
    why = Label(f"服务返回 HTTP {status}", f"the service answered HTTP {status}")
    raise GeocoderError(why, final=status not in _AGAIN, wait_s=_seconds(retry_after))


def _seconds(retry_after: str | None) -> float | None:
    """Read Retry-After: seconds, or a date.

    Examples
    --------
    >>> _seconds("7"), _seconds("soon"), _seconds(None), _seconds("Thu, 01 Jan 1970 00:00:00 GMT")
    (7.0, None, None, 0.0)
    """
    if retry_after is None:
        return None
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        moment = email.utils.parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, moment.timestamp() - time.time())


def _unclear() -> GeocoderError:
    return GeocoderError(Label("服务的应答看不懂", "the service's answer is not understood"))


def _level(word: object) -> str | None:
    """Translate a provider's word for how exact its answer is; None where it is too wide.

    Examples
    --------
    >>> [_level(each) for each in ("门牌号", "兴趣点", "道路", "区县", "市", "省")]
    ['address', 'address', 'township', 'county', None, None]
    """
    text = str(word)
    return next((level for level, pattern in _LEVELS if pattern.search(text)), None)


def _reply(lon: object, lat: object, precision: str | None) -> Reply | None:
    """Make an answer of numbers that can be a place."""
    if precision is None:
        return None
    try:
        x, y = float(str(lon)), float(str(lat))
    except ValueError as error:
        raise _unclear() from error
    if not (math.isfinite(x) and math.isfinite(y) and abs(x) <= 180 and abs(y) <= 90):  # noqa: PLR2004
        raise _unclear()
    return Reply(x, y, precision)


def _read_tianditu(answer: Any) -> Reply | None:  # noqa: ANN401 (any JSON)
    if not isinstance(answer, dict):
        raise _unclear()
    status, place = str(answer.get("status")), answer.get("location")
    if status in _TIANDITU_NOTHING or (status == "0" and not place):
        return None
    if status != "0" or not isinstance(place, dict):
        why = str(answer.get("msg", answer.get("code", "")))[:60]
        raise GeocoderError(Label(f"天地图：{why}", f"Tianditu says {why}"), final=True)
    return _reply(place.get("lon"), place.get("lat"), _level(place.get("level", "")))


def _read_amap(answer: Any) -> Reply | None:  # noqa: ANN401 (any JSON)
    if not isinstance(answer, dict):
        raise _unclear()
    if str(answer.get("status")) != "1":
        code, info = str(answer.get("infocode")), str(answer.get("info"))[:60]
        why = Label(f"高德：{info}", f"AMap says {info}")
        raise GeocoderError(why, final=code not in _AMAP_AGAIN)
    places = answer.get("geocodes")
    if not isinstance(places, list):
        raise _unclear()
    if len(places) != 1:
        return None
    if not isinstance(places[0], dict):
        raise _unclear()
    lon, _, lat = str(places[0].get("location", "")).partition(",")
    return _reply(lon, lat, _level(places[0].get("level", "")))


def _read_nominatim(answer: Any) -> Reply | None:  # noqa: ANN401 (any JSON)
    if not isinstance(answer, list):
        raise _unclear()
    if not answer:
        return None
    if not isinstance(answer[0], dict):
        raise _unclear()
    rank = answer[0].get("place_rank", 0)
    rank = rank if isinstance(rank, int) else 0
    precision = next((level for least, level in _RANKS if rank >= least), None)
    return _reply(answer[0].get("lon"), answer[0].get("lat"), precision)


def _ask_tianditu(address: str, key: str) -> Mapping[str, str]:
    return {"ds": json.dumps({"keyWord": address}, ensure_ascii=False), "tk": key}


def _ask_amap(address: str, key: str) -> Mapping[str, str]:
    return {"address": address, "key": key, "output": "JSON"}


def _ask_nominatim(address: str, key: str) -> Mapping[str, str]:
    query = {"q": address, "format": "jsonv2", "limit": "1", "accept-language": "zh"}
    return query | ({"key": key} if key else {})


PROVIDERS: Mapping[str, Provider] = MappingProxyType(
    {
        each.name: each
        for each in (
            Provider(
                name="tianditu",
                label=Label("天地图", "Tianditu"),
                url="https://api.tianditu.gov.cn/geocoder",
                datum="wgs84",
                needs_key=True,
                abroad=False,
                query=_ask_tianditu,
                read=_read_tianditu,
            ),
            Provider(
                name="amap",
                label=Label("高德", "AMap"),
                url="https://restapi.amap.com/v3/geocode/geo",
                datum="gcj02",
                needs_key=True,
                abroad=False,
                query=_ask_amap,
                read=_read_amap,
            ),
            Provider(
                name="nominatim",
                label=Label("Nominatim", "Nominatim"),
                url="https://nominatim.openstreetmap.org/search",
                datum="wgs84",
                needs_key=False,
                abroad=True,
                query=_ask_nominatim,
                read=_read_nominatim,
            ),
        )
    }
)
