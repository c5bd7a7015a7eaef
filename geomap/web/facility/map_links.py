"""Links to other companies' maps, each in the datum that its service reads.

=========  ==============  ========================  ==========================================
service    mainland        Hong Kong, Macau, Taiwan  source
=========  ==============  ========================  ==========================================
geo: URI   WGS-84          WGS-84                    RFC 5870, section 3.4.2
AMap       GCJ-02          GCJ-02                    lbs.amap.com/api/uri-api, ``coordinate``
Baidu      BD-09           BD-09                     lbsyun.baidu.com, URI API, ``coord_type``
Tianditu   CGCS2000        CGCS2000                  tianditu.gov.cn; within 1 m of WGS-84
Google     GCJ-02          WGS-84                    Geo Share 2026, ``Srs.GCJ02_MAINLAND_CHINA``
Apple      GCJ-02          WGS-84                    users of phonegap-launch-navigator
=========  ==============  ========================  ==========================================

AMap and Baidu document their datums, and convert WGS-84 themselves where told so: that is used
where it is not known in which part of China a place lies, or abroad. Google and Apple document
none. Google's streets of the mainland are drawn in GCJ-02 (github.com/jakubvalenta/geoshare
tests ``maps/search/?api=1`` so); Apple's mainland map is AMap's, and a point passed to it in
WGS-84 is reported to stand off. Tianditu documents no link to a point at all: its page opens,
and the reader searches the address there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from geomap.model.datum import from_wgs84
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Callable

#: Who opens the link, as AMap and Baidu want to be told.
_ASKER = "geomap"
#: Six decimals are 0.1 m.
_DECIMALS = 6
#: The provinces that Google and Apple do not shift: Taiwan, Hong Kong, Macau.
_UNSHIFTED = frozenset({"71", "81", "82"})
_FIRST_PROVINCE, _LAST_PROVINCE = 11, 82


@dataclass(frozen=True)
class Place:
    """What a link leads to: WGS-84 degrees, a name, and the division's code where known."""

    lon: float
    lat: float
    name: str
    adcode: str | None

    @property
    def in_china(self) -> bool:
        """Tell whether the place is known to lie in China."""
        province = (self.adcode or "")[:2]
        return province.isdecimal() and _FIRST_PROVINCE <= int(province) <= _LAST_PROVINCE

    @property
    def in_mainland(self) -> bool:
        """Tell whether the place is known to lie in the mainland of China."""
        return self.in_china and (self.adcode or "")[:2] not in _UNSHIFTED

    def pair(self, datum: str, *, lat_first: bool = True) -> str:
        """Write the coordinates in a datum.

        Examples
        --------
        >>> Place(121.47418, 31.23234, "", "310101").pair("gcj02", lat_first=False)
        '121.478702,31.230397'
        """
        lon, lat = from_wgs84(self.lon, self.lat, datum)
        values = (lat, lon) if lat_first else (lon, lat)
        return ",".join(f"{float(each):.{_DECIMALS}f}" for each in values)


@dataclass(frozen=True)
class Route:
    """A link to a map of somebody else."""

    key: str
    label: str
    href: str


def routes(place: Place, language: str) -> list[Route]:
    """List the maps that can show a place, those of the reader's own telephone first.

    Examples
    --------
    >>> [each.key for each in routes(Place(121.47, 31.23, "颐养院", "310101"), "zh")]
    ['geo', 'amap', 'baidu', 'tianditu', 'apple', 'google']
    """
    return [Route(key, label.of(language), make(place)) for key, label, make in _SERVICES]


def _geo(place: Place) -> str:
    """RFC 5870; ``q`` makes Android set a pin with the name."""
    pair = place.pair("wgs84")
    return f"geo:{pair}?q={pair}({quote(place.name, safe='')})"


def _amap(place: Place) -> str:
    datum, said = ("gcj02", "gaode") if place.in_china else ("wgs84", "wgs84")
    return (
        f"https://uri.amap.com/marker?position={place.pair(datum, lat_first=False)}"
        f"&name={quote(place.name, safe='')}&src={_ASKER}&coordinate={said}&callnative=1"
    )


def _baidu(place: Place) -> str:
    datum, said = ("bd09", "bd09ll") if place.in_china else ("wgs84", "wgs84")
    name = quote(place.name, safe="")
    return (
        f"https://api.map.baidu.com/marker?location={place.pair(datum)}&title={name}"
        f"&content={name}&output=html&coord_type={said}&src=webapp.{_ASKER}.{_ASKER}"
    )


def _tianditu(place: Place) -> str:
    lon, lat = place.pair("wgs84", lat_first=False).split(",")
    return f"https://map.tianditu.gov.cn/?lon={lon}&lat={lat}&level=17"


def _apple(place: Place) -> str:
    datum = "gcj02" if place.in_mainland else "wgs84"
    return f"https://maps.apple.com/?ll={place.pair(datum)}&q={quote(place.name, safe='')}"


def _google(place: Place) -> str:
    datum = "gcj02" if place.in_mainland else "wgs84"
    pair = quote(place.pair(datum), safe="")
    return f"https://www.google.com/maps/search/?api=1&query={pair}"


_SERVICES: tuple[tuple[str, Label, Callable[[Place], str]], ...] = (
    ("geo", Label("手机里的地图", "Map app on this phone"), _geo),
    ("amap", Label("高德地图", "AMap"), _amap),
    ("baidu", Label("百度地图", "Baidu Maps"), _baidu),
    ("tianditu", Label("天地图", "Tianditu"), _tianditu),
    ("apple", Label("苹果地图", "Apple Maps"), _apple),
    ("google", Label("谷歌地图", "Google Maps"), _google),
)
