"""The page of open data, and its files as a workspace's last dump wrote them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from apiflask import APIBlueprint
from flask import Response, current_app, render_template, request, send_file
from flask_babel import gettext as _

from geomap.data.dump import CHECKSUMS, FOLDER, KINDS, LIST, NOTE, read_dump
from geomap.errors import NotFoundError
from geomap.model.facility import STEWARD_COLUMNS
from geomap.web.facility.contacts import web_address
from geomap.web.open_data.dataset import dataset, finder_data
from geomap.web.open_data.pictures import pictures, shared_facility, shared_list
from geomap.web.open_data.poster import posters
from geomap.web.open_data.sitemap import sitemaps
from geomap.web.pages import current_reader
from geomap.web.state import snapshot
from geomap.web.wording import stated_day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from apiflask import APIFlask
    from markupsafe import Markup

    from geomap.data.dump import Dump
    from geomap.settings import Settings

open_data = APIBlueprint("open_data", __name__, enable_openapi=False)

#: What stands beside the files: how they are checked, used, and listed for programs.
_BESIDE: Final = {
    CHECKSUMS: "text/plain; charset=utf-8",
    NOTE: "text/plain; charset=utf-8",
    LIST: "application/json",
}
_TILES: Final = "facilities.pmtiles"
_AS_IT_IS: Final = "identity"


@dataclass(frozen=True)
class _Line:
    """One file of the page."""

    name: str
    what: str
    size: str
    sha256: str


@dataclass(frozen=True)
class _Page:
    """What the page writes."""

    count: str
    made_on: str
    data_date: str
    source: str
    attribution: str
    licence: str
    licence_href: str | None
    files: Sequence[_Line]
    structured: Markup


def add_open_data(app: APIFlask, folder: Path | None) -> None:
    """Offer a workspace's open data, the map of the site, and what search engines read."""
    app.extensions["geomap_open_data"] = None if folder is None else folder / FOLDER
    app.jinja_env.globals.update(
        finder_data=finder_data, shared_facility=shared_facility, shared_list=shared_list
    )
    for blueprint in (open_data, sitemaps, pictures, posters):
        app.register_blueprint(blueprint)

    @app.after_request
    def keep_bytes(response: Response) -> Response:
        """Undo the mark by which files were kept from being compressed: parts of them are asked."""
        if response.content_encoding == _AS_IT_IS:
            del response.content_encoding
        return response


@open_data.get("/open-data")
def show() -> str:
    """Offer the files, with what whoever uses them must know."""
    dump, data, reader = current_dump(), snapshot(), current_reader()
    own = next((each for each in data.layers if each.kind == "facilities"), None)
    said = dump or own
    licence = said.licence if said else ""
    page = _Page(
        count=f"{dump.rows if dump else len(data.facilities):,}",
        made_on=stated_day(dump.made_on, reader.language, today=reader.today) if dump else "",
        data_date=stated_day(said.data_date, reader.language, today=reader.today) if said else "",
        source=said.source if said else "",
        attribution=said.attribution if said else "",
        licence=licence,
        licence_href=web_address(said.licence_url) if said else None,
        files=_lines(dump),
        structured=dataset(data, dump),
    )
    return render_template("open_data.html", page=page)


@open_data.get("/tiles/facilities.pmtiles", defaults={"name": _TILES})
@open_data.get("/open-data/<name>")
def file(name: str) -> Response:
    """Give a file of the dump; parts of it where they are asked for."""
    dump, folder = current_dump(), _folder()
    kind = {**KINDS, **_BESIDE}.get(name)
    if kind is None or dump is None or folder is None:
        raise NotFoundError(f"there is no file {name!r} of open data")
    sums = {each.name: each.sha256 for each in dump.files}
    tag = sums.get(name, f"{dump.of}-{dump.made_on}")
    response = send_file(folder / name, mimetype=kind, conditional=True, etag=tag, max_age=None)
    response.content_encoding = _AS_IT_IS
    response.cache_control.public = response.cache_control.no_cache = True
    if name in sums:
        response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response


@open_data.after_request
def vary(response: Response) -> Response:
    """Tell caches that the page's language depends on the browser's."""
    if request.endpoint == "open_data.show":
        response.vary.add("Accept-Language")
        response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def current_dump() -> Dump | None:
    """Give the workspace's last dump.

    None where there is none, and where it says more than the site does: officials that are no
    longer published.
    """
    folder = _folder()
    dump = read_dump(folder) if folder else None
    settings = cast("Settings", current_app.extensions["geomap_settings"])
    if dump and not settings.show_stewards and set(STEWARD_COLUMNS) & {*dump.columns}:
        return None
    return dump


def _folder() -> Path | None:
    return cast("Path | None", current_app.extensions["geomap_open_data"])


def _lines(dump: Dump | None) -> list[_Line]:
    what = {
        "facilities.csv": _("表格，Excel 能打开"),
        "facilities.geojson": _("GeoJSON，网页地图和程序用"),
        "facilities.geojson.gz": _("GeoJSON，压缩过"),
        "facilities.gpkg": _("GeoPackage，QGIS 等软件用"),
        "facilities.parquet": _("GeoParquet，数据分析用"),
        "facilities.pmtiles": _("PMTiles，地图瓦片一个文件"),
    }
    return [
        _Line(each.name, what[each.name], _size(each.size), each.sha256)
        for each in (dump.files if dump else ())
    ]


def _size(size: int) -> str:
    """Write a size in kB or MB, of 1,000.

    Examples
    --------
    >>> _size(1), _size(950_000), _size(31_960_000)
    ('1 kB', '950 kB', '32.0 MB')
    """
    if size < 1_000_000:  # noqa: PLR2004 (bytes in a megabyte)
        return f"{max(1, round(size / 1000)):,} kB"
    return f"{size / 1_000_000:,.1f} MB"
