"""Street maps of others: fetched by the reader's browser, and only if the operator says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from geomap.maps.page import ONLINE_TILE_HOSTS
from geomap.model.table import Label

if TYPE_CHECKING:
    from geomap.settings import Settings

_OSM = Label("OpenStreetMap（联网）", "OpenStreetMap (online)")
_AMAP = Label("高德地图（联网）", "AMap (online)")
_TIANDITU = Label("天地图（联网）", "Tianditu (online)")
_OSM_BY = Label("街道 © OpenStreetMap 贡献者", "Streets © OpenStreetMap contributors")
_AMAP_BY = Label("街道 © 高德软件，审图号 GS(2023)4677号", "Streets © AutoNavi, GS(2023)4677")
_TIANDITU_BY = Label(
    "街道 © 自然资源部、NavInfo，天地图，审图号 GS（2025）1508号",
    "Streets © Ministry of Natural Resources, NavInfo, Tianditu, GS(2025)1508",
)
_WMTS = (
    "https://t{s}.tianditu.gov.cn/NAME_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
    "&LAYER=NAME&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
    "&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=KEY"
)


def street_map_names(settings: Settings) -> list[str]:
    """Name the street maps that are switched on."""
    names = ["tianditu"] if settings.tianditu_key else []
    return [*names, "osm", "amap"] if settings.online_maps else names


def street_map_hosts(settings: Settings) -> list[str]:
    """Name the origins that pages may load pictures from; none unless switched on.

    Examples
    --------
    >>> from geomap.settings import Settings
    >>> street_map_hosts(Settings())
    []
    """
    return [host for name in street_map_names(settings) for host in ONLINE_TILE_HOSTS[name]]


def street_maps(settings: Settings, language: str) -> list[dict[str, Any]]:
    """Describe the street maps that are switched on, for the script of the map.

    ``datum`` says in which datum the tiles are drawn; the script shifts gcj02 ones.
    """
    made = {"osm": _osm, "amap": _amap, "tianditu": _tianditu}
    return [made[name](settings, language) for name in street_map_names(settings)]


def _osm(_settings: Settings, language: str) -> dict[str, Any]:
    return {
        "name": _OSM.of(language),
        "attribution": _OSM_BY.of(language),
        "urls": ["https://tile.openstreetmap.org/{z}/{x}/{y}.png"],
        "subdomains": "",
        "datum": "wgs84",
        "maxNativeZoom": 18,
    }


def _amap(_settings: Settings, language: str) -> dict[str, Any]:
    path = "appmaptile?lang=zh_cn&size=1&scale=1&style=8&x={x}&y={y}&z={z}"
    return {
        "name": _AMAP.of(language),
        "attribution": _AMAP_BY.of(language),
        "urls": [f"https://webrd0{{s}}.is.autonavi.com/{path}"],
        "subdomains": "1234",
        "datum": "gcj02",
        "maxNativeZoom": 18,
    }


def _tianditu(settings: Settings, language: str) -> dict[str, Any]:
    key = quote(settings.tianditu_key or "", safe="")
    names = ("vec", "cva") if language == "zh" else ("vec", "eva")
    return {
        "name": _TIANDITU.of(language),
        "attribution": _TIANDITU_BY.of(language),
        "urls": [_WMTS.replace("NAME", name).replace("KEY", key) for name in names],
        "subdomains": "01234567",
        "datum": "wgs84",
        "maxNativeZoom": 18,
    }
