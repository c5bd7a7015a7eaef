"""The page of open data, and its files as a workspace's last dump wrote them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from apiflask import APIBlueprint
from flask import Response, current_app, render_template, request, send_file
from flask_babel import gettext as _

from geomap.data.dump import (
    CHECKSUMS,
    KINDS,
    LIST,
    NOTE,
    content_of,
    current_place,
    read_dump,
)
from geomap.errors import NotFoundError
from geomap.web.addresses import site_address
from geomap.web.facility.contacts import web_address
from geomap.web.open_data.daily import Keeper, place_of, says_more
from geomap.web.open_data.dataset import dataset, finder_data
from geomap.web.open_data.pictures import pictures, shared_facility, shared_list
from geomap.web.open_data.poster import posters
from geomap.web.open_data.sitemap import sitemaps
from geomap.web.open_data.writing import TILES
from geomap.web.pages import current_reader
from geomap.web.state import snapshot
from geomap.web.wording import stated_day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from apiflask import APIFlask
    from markupsafe import Markup

    from geomap.data.dump import Dump
    from geomap.data.layers import Layer
    from geomap.settings import Settings
    from geomap.web.facility.facts import Reader

open_data = APIBlueprint("open_data", __name__, enable_openapi=False)

#: What stands beside the files: how they are checked, used, and listed for programs.
_BESIDE: Final = {
    CHECKSUMS: "text/plain; charset=utf-8",
    NOTE: "text/plain; charset=utf-8",
    LIST: "application/json",
}
_KEEPER: Final = "geomap_open_data"
_AS_IT_IS: Final = "identity"


@dataclass(frozen=True)
class _Line:
    """One file of the page."""

    name: str
    verb: str
    what: str
    size: str
    sha256: str


@dataclass(frozen=True)
class _Page:
    """What the page writes."""

    count: str
    state: str
    data_date: str
    source: str
    attribution: str
    licence: str
    licence_href: str | None
    files: Sequence[_Line]
    tiles: str
    structured: Markup


def add_open_data(app: APIFlask, folder: Path | None, settings: Settings, *, own: bool) -> None:
    """Offer open data, the map of the site, and what search engines read.

    Parameters
    ----------
    folder : the workspace; None for the layers that ship.
    own : whether it is what is served; other data has no files.
    """
    keeper = Keeper(folder, place_of(folder), settings.show_stewards) if own else None
    app.extensions[_KEEPER] = keeper
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
    found, data, reader = current_dump(), snapshot(), current_reader()
    dump = found[1] if found else None
    own = next((each for each in data.layers if each.kind == "facilities"), None)
    said = dump or own
    licence = said.licence if said else ""
    page = _Page(
        count=f"{dump.rows if dump else len(data.facilities):,}",
        state=_state(dump, own, reader),
        data_date=stated_day(said.data_date, reader.language, today=reader.today) if said else "",
        source=said.source if said else "",
        attribution=said.attribution if said else "",
        licence=licence,
        licence_href=web_address(said.licence_url) if said else None,
        files=_lines(dump),
        tiles=f"{site_address()}/tiles/facilities",
        structured=dataset(data, dump),
    )
    return render_template("open_data.html", page=page)


@open_data.get("/tiles/facilities.pmtiles", defaults={"name": TILES})
@open_data.get("/open-data/<name>")
def file(name: str) -> Response:
    """Give a file of the dump; parts of it where they are asked for."""
    found, kind = current_dump(), {**KINDS, **_BESIDE}.get(name)
    if kind is None or found is None:
        raise NotFoundError(f"there is no file {name!r} of open data")
    folder, dump = found
    sums = {each.name: each.sha256 for each in dump.files}
    tag = sums.get(name, True)  # what stands beside the files changes within a day, too
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


def keep_open_data(app: APIFlask, settings: Settings) -> None:
    """Have the files written from now on, in the background."""
    keeper: Keeper | None = app.extensions[_KEEPER]
    if keeper is not None and settings.open_data:
        keeper.start()


def current_dump() -> tuple[Path, Dump] | None:
    """Give the last dump and the folder of its files.

    None where there is none, and where it says more than the site does.
    """
    keeper = _keeper()
    if keeper is None:
        return None
    place = current_place(keeper.out)
    dump = read_dump(place)
    if dump is None or says_more(dump, stewards=keeper.stewards):
        return None
    return place, dump


def _keeper() -> Keeper | None:
    return cast("Keeper | None", current_app.extensions[_KEEPER])


def _state(dump: Dump | None, own: Layer | None, reader: Reader) -> str:
    """Say of when the files are, or when to come back."""
    keeper = _keeper()
    expected = keeper is not None and keeper.expected and own is not None
    if dump is None:
        coming = _("文件正在准备，请过几分钟再来。现在可以用下面的接口。")
        return str(coming if expected else _("文件还没有准备好。现在可以用下面的接口。"))
    day = stated_day(dump.made_on, reader.language, today=reader.today)
    if _is_of(dump, own):
        return str(_("%(day)s写出，和网页上现在的内容一样。", day=day))
    coming = _("%(day)s写出。网页上的内容后来有变化，新的文件最迟一天后写好。", day=day)
    return str(coming if expected else _("%(day)s写出。网页上的内容后来有变化。", day=day))


def _is_of(dump: Dump, own: Layer | None) -> bool:
    """Tell whether files are those of a layer."""
    more = [each.name for each in dump.files if each.name == TILES]
    return own is not None and dump.of == content_of(own, more, stewards=dump.stewards)


def _lines(dump: Dump | None) -> list[_Line]:
    told = {
        "facilities.csv": ("CSV", _("表格，Excel 能打开")),
        "facilities.geojson": ("GeoJSON", _("网页地图和程序用")),
        "facilities.geojson.gz": (_("GeoJSON（压缩）"), _("网页地图和程序用，下载得快")),
        "facilities.gpkg": ("GeoPackage", _("QGIS 等软件用")),
        "facilities.parquet": ("GeoParquet", _("数据分析用")),
        "facilities.pmtiles": ("PMTiles", _("地图瓦片一个文件")),
    }
    found = []
    for each in dump.files if dump else ():
        kind, what = told[each.name]
        verb = _("下载 %(kind)s", kind=kind)
        found.append(_Line(each.name, verb, what, _size(each.size), each.sha256))
    return found


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
