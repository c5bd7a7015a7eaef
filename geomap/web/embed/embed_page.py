"""/embed: one view of the map for another site's page, with its list; it reads no cookie."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from apiflask import APIBlueprint
from flask import Response, current_app, g, make_response, render_template, request
from flask_babel import gettext as _

from geomap.errors import GeomapError
from geomap.maps.page import SCRIPTS, STREET_SCRIPTS
from geomap.settings import static_text
from geomap.web.discretion import looks_like_an_address, meant_place
from geomap.web.embed.asked import EmbedAsk, read_embed
from geomap.web.embed.layers import plan_of
from geomap.web.finder.answer import POSITION_DECIMALS, FinderQuery, find_answer, read_query
from geomap.web.finder.cards import Card, card
from geomap.web.finder.elder import see_other
from geomap.web.finder.finder_page import count_homes
from geomap.web.language import current_language, page_url
from geomap.web.maps.basemap import has_streets
from geomap.web.maps.map import answer_script, bounds_of
from geomap.web.maps.street_maps import street_map_hosts
from geomap.web.pages import current_reader
from geomap.web.problems import RefusedParametersError, status_of
from geomap.web.records import records
from geomap.web.security import content_policy
from geomap.web.state import snapshot
from geomap.web.wording import stated_day

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geomap.settings import Settings
    from geomap.web.finder.answer import FinderAnswer
    from geomap.web.open_data.pictures import Shared
    from geomap.web.state import Snapshot

embed_pages = APIBlueprint("embed_pages", __name__, enable_openapi=False)

_PLAN_SCRIPTS = ("js/plan-layers.js", "js/plan-map.js")
_KEPT_S, _SCRIPT_KEPT_S = 300, 3_600


@dataclass(frozen=True)
class EmbedPage:
    """Everything the embed's template writes."""

    title: str
    href: str
    status: str
    date: str
    note: str
    cards: Sequence[Card]
    ask: EmbedAsk
    script_src: str
    scripts: tuple[str, ...]
    portals: str
    kept: Sequence[tuple[str, object]]
    shared: Shared

    def facility_href(self, facility_id: str) -> str:
        """Give the address of a facility's page."""
        return page_url("pages.facility", facility_id=facility_id)


@embed_pages.before_request
def forget_the_reader() -> None:
    """Take the look from the address alone: an embed is the same for all, and reads no cookie."""
    g.cookieless, g.elder = True, None


@embed_pages.after_request
def allow_portals(response: Response) -> Response:
    """Let the operator's portals, and nobody else, show this."""
    settings = _settings()
    response.headers["Content-Security-Policy"] = content_policy(
        image_hosts=street_map_hosts(settings), ancestors=settings.portals
    )
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.vary.add("Accept-Language")
    return response


@embed_pages.errorhandler(GeomapError)
def refused(error: GeomapError) -> Response:
    """Say in the frame itself what is wrong with its address."""
    status = status_of(error)
    if status >= 500:  # noqa: PLR2004 (server errors)
        raise error
    faults = error.faults if isinstance(error, RefusedParametersError) else ()
    said = [each["detail"] for each in faults] or [error.said(current_language())]
    response = make_response(render_template("embed_problem.html", said=said), status)
    response.headers["Cache-Control"] = "no-store"
    return response


@embed_pages.get("/embed")
def show() -> Response:
    """Show the embed."""
    ask = read_asked()
    page = embed_page(ask, embed_answer(ask, snapshot()))
    return _kept(Response(render_template("embed.html", page=page)), _KEPT_S)


@embed_pages.get("/embed/script.js")
def script() -> Response:
    """Give folium's script for the same parameters."""
    ask, data = read_asked(), snapshot()
    answer = embed_answer(ask, data)
    text = answer_script(answer, current_reader(), changes=_changes(ask, answer, data))
    return _kept(Response(text, mimetype="text/javascript"), _KEPT_S)


@embed_pages.get("/embed.js")
def element() -> Response:
    """Give the script of ``<geomap-embed>``, which runs in the other site's page."""
    text = static_text("js/embed.js")
    return _kept(Response(text, mimetype="text/javascript"), _SCRIPT_KEPT_S)


@embed_pages.post("/embed/search")
def search() -> Response:
    """Lead to the same view around a place that was typed; the text itself goes nowhere."""
    ask = read_embed(request.form)
    found = meant_place(read_query(request.form))
    changes: dict[str, object] = {"zoom": None, "facility": None}
    if found is None or found.lon is None or found.lat is None:
        return see_other(_here(ask, lost=1, q=None))
    changes |= {
        "lon": round(found.lon, POSITION_DECIMALS),
        "lat": round(found.lat, POSITION_DECIMALS),
        "q": found.name if found.kind == "place" else None,
        "located": found.precision if found.kind == "address" else None,
    }
    return see_other(_here(ask, searched=1, **changes))


def embed_answer(ask: EmbedAsk, data: Snapshot) -> FinderAnswer:
    """Find what an embed shows.

    Raises
    ------
    NotFoundError : if it is of a facility that is not there.
    """
    if ask.facility is None:
        return find_answer(ask.asked, data)
    row = data.row(ask.facility)
    answer = find_answer(FinderQuery(), data)
    return replace(answer, outcome="named", rows=data.facilities.iloc[[row]], total=1)


def embed_page(ask: EmbedAsk, answer: FinderAnswer) -> EmbedPage:
    """Put an embed into words and links."""
    from geomap.web.embed.pictures import shared_embed

    data, reader = snapshot(), current_reader()
    found = records(answer.rows)
    title = embed_title(ask, answer, data)
    lost = _("没有找到这个地方。试试只写区名或路名。")
    return EmbedPage(
        title=title,
        href=full_map(ask, answer, data),
        status=lost if ask.lost else count_homes(answer.total),
        date=_date(data),
        note=_note(ask, data),
        cards=[card(each, reader, division=data.division(each["adcode"])) for each in found],
        ask=ask,
        script_src=page_url("embed_pages.script", **_own(ask)),
        scripts=(
            *SCRIPTS, *(STREET_SCRIPTS if has_streets() else ()),
            *(("js/map-elder.js",) if ask.elder else ()),
            *(_PLAN_SCRIPTS if ask.layers else ()), "js/embed-page.js",
        ),
        portals=" ".join(_settings().portals),
        kept=fields_of(ask.parameters(q=None)),
        shared=shared_embed(ask, answer, title),
    )  # fmt: skip


def fields_of(parameters: Mapping[str, object]) -> list[tuple[str, object]]:
    """Write parameters as the hidden fields of a form, one for each value."""
    return [(name, one) for name, value in parameters.items()
            for one in (value if isinstance(value, list) else [value])]  # fmt: skip


def embed_title(ask: EmbedAsk, answer: FinderAnswer, data: Snapshot) -> str:
    """Say what an embed shows; an exact address is not repeated."""
    if ask.facility is not None:
        return str(answer.rows["name"].iloc[0])
    point, place = answer.point, place_of(ask.query.filters.adcode, data)
    if point is not None and point.kind == "address":
        said = _("您找的地址附近的养老机构")
    elif point is not None and point.label:
        said = _("%(place)s附近的养老机构", place=point.label)
    elif point is not None:
        said = _("您选的位置附近的养老机构")
    elif place is not None:
        said = _("%(place)s的养老机构", place=place.shown)
    elif data.common_division is not None:
        said = _("%(place)s的养老机构", place=data.common_division)
    else:
        said = _("养老机构地图")
    return str(said)


@dataclass(frozen=True)
class Division:
    """A division: its name, the name that readers of this language know, and its middle."""

    name: str
    shown: str
    lon: float
    lat: float


def place_of(adcode: str | None, data: Snapshot) -> Division | None:
    """Find a division; None where its name or place is not known."""
    if adcode is None:
        return None
    places = data.places
    code = adcode.ljust(6, "0")
    named = places[(places["id"] == code) & places["lon"].notna()]
    if named.empty:
        return None
    name, other = named["name"].iloc[0], named["name_en"].iloc[0]
    shown = other if current_language() == "en" and isinstance(other, str) and other else name
    return Division(str(name), str(shown), float(named["lon"].iloc[0]), float(named["lat"].iloc[0]))


def full_map(ask: EmbedAsk, answer: FinderAnswer, data: Snapshot) -> str:
    """Give the address of the finder, or of the facility, that shows more of the same."""
    if ask.facility is not None:
        return page_url("pages.facility", facility_id=ask.facility)
    return page_url("pages.finder", **finder_parameters(ask, answer, data))


def finder_parameters(ask: EmbedAsk, answer: FinderAnswer, data: Snapshot) -> dict[str, object]:
    """Give the finder's parameters for what an embed shows; a division is searched by its name."""
    place = place_of(ask.query.filters.adcode, data) if answer.point is None else None
    changes: dict[str, object] = {}
    if place is not None:
        lon, lat = (round(each, POSITION_DECIMALS) for each in (place.lon, place.lat))
        changes = {"q": place.name, "lon": lon, "lat": lat, "located": None}
    return ask.query.parameters(**changes)


def portals_allowed() -> tuple[str, ...]:
    """Name the origins whose pages may show an embed."""
    return _settings().portals


def _settings() -> Settings:
    """Give the operator's choices."""
    return cast("Settings", current_app.extensions["geomap_settings"])


def read_asked() -> EmbedAsk:
    """Read what the address asks for, and look as it says."""
    ask = without_address(read_embed(request.args))
    g.elder = ask.elder
    return ask


def without_address(ask: EmbedAsk) -> EmbedAsk:
    """Leave out a text that may say where somebody lives: embeds are kept and passed on."""
    if ask.query.q and looks_like_an_address(ask.query.q):
        return replace(ask, query=replace(ask.query, q=None))
    return ask


def _own(ask: EmbedAsk) -> dict[str, object]:
    """Give the parameters of the embed's own addresses, its language among them."""
    return {
        **ask.parameters(), "searched": 1 if ask.searched else None, "lang": current_language(),
    }  # fmt: skip


def _here(ask: EmbedAsk, **changes: object) -> str:
    """Give the address of the same embed with some parameters changed."""
    lang = request.form.get("lang") or None
    return page_url("embed_pages.show", **{**ask.parameters(**changes), "lang": lang})


def _kept(response: Response, seconds: int) -> Response:
    """Let anybody keep an answer for a while: it is the same for all."""
    response.add_etag()
    response.cache_control.public = True
    response.cache_control.max_age = seconds
    return cast("Response", response.make_conditional(request))


def _date(data: Snapshot) -> str:
    """Tell the day of the facilities, where their layer states it."""
    layer = next((each for each in data.layers if each.kind == "facilities"), None)
    if layer is None or not layer.data_date:
        return ""
    reader = current_reader()
    return stated_day(layer.data_date, reader.language, today=reader.today)


def _note(ask: EmbedAsk, data: Snapshot) -> str:
    """Say what is to be known of the data, and which layers are missing."""
    if data.site.synthetic:
        said = _("演示数据：机构均为虚构，不能用于择院。")
    elif ask.layers and plan_of(ask, data, current_language()) is None:
        said = _("空白区还没有算出来，图上只有机构。")
    elif data.site.sample:
        said = _("样本数据，不能判断哪里缺少机构。")
    else:
        said = ""
    return str(said)


def _changes(ask: EmbedAsk, answer: FinderAnswer, data: Snapshot) -> dict[str, Any]:
    """Say how the map of an embed differs from the finder's."""
    changes: dict[str, Any] = {
        "embed": True, "page": "part", "points": None, "linkTarget": "_blank", "aloneNote": "",
        "pick": ask.search, "picked": {"searched": 1},
        "found": _found(ask, answer) if ask.searched else None,
    }  # fmt: skip
    if ask.query.filters.adcode:
        chosen = bounds_of(data, ask.query.selection.mask(data.columns))
        changes |= {"bounds": chosen} if chosen else {}
    if ask.zoom is not None:
        changes["view"] = {"lon": ask.query.lon, "lat": ask.query.lat, "zoom": ask.zoom}
    if ask.facility is not None:
        changes["focus"] = ask.facility
    plan = plan_of(ask, data, current_language())
    if plan is None:
        return changes
    if answer.point is None and ask.facility is None and plan["areas"]:
        changes["bounds"] = plan["bounds"]  # all that is coloured, not the homes alone
    return changes | {"plan": plan}


def _found(ask: EmbedAsk, answer: FinderAnswer) -> dict[str, Any]:
    """Tell the page around it what was looked for: a place, rounded, never the words typed."""
    place = answer.point.label if answer.point and answer.point.kind == "place" else None
    return {"lon": ask.query.lon, "lat": ask.query.lat, "place": place, "total": answer.total}
