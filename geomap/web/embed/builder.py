"""/embed/new: choose a view, see it, copy it. It works without scripts, and keeps nothing typed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from apiflask import APIBlueprint
from flask import Response, make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from geomap.find.filters import GROUPS
from geomap.maps.tilemath import MAX_ZOOM
from geomap.model.facility import TYPES
from geomap.web.discretion import meant_place
from geomap.web.embed.asked import MIN_ZOOM, EmbedAsk, read_embed
from geomap.web.embed.embed_page import (
    embed_answer,
    embed_title,
    fields_of,
    finder_parameters,
    place_of,
    portals_allowed,
)
from geomap.web.embed.snippets import HEIGHT_PX, LEAST_PX, MOST_PX, Snippets, snippets_of
from geomap.web.finder.answer import POSITION_DECIMALS, FinderQuery
from geomap.web.finder.elder import GROUNDS, SIZES
from geomap.web.finder.filters import read_one
from geomap.web.language import chosen_language, current_language, page_url
from geomap.web.problems import RefusedParametersError
from geomap.web.query import plain_text, whole
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geomap.find.places import Hit
    from geomap.web.finder.answer import FinderAnswer
    from geomap.web.problems import Fault

builder_pages = APIBlueprint("builder_pages", __name__, enable_openapi=False)

#: The groups of filters that are offered; the address takes all of the finder's.
_OFFERED = ("beds", "accepts", "medical")
#: What the form asks besides them, under the names that the address has for it.
_ASKED = ("lon", "lat", "zoom", "list", "search", "layers", "elder")
#: The fields beside which stands what is wrong with them; a place is wrong by any of its names.
_TYPED = ("place", "lon", "lat", "zoom", "height")
_TYPED_AS = {"q": "place", "adcode": "place", "area": "place"}
#: A middle is one thing: if a part of it is wrong, all of it is typed again.
_MIDDLE = ("lon", "lat")
_DIVISIONS = ("province", "city", "county", "township")


@dataclass(frozen=True)
class Option:
    """One choice of the form."""

    name: str
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class OnPaper:
    """Addresses of the same choice for print: its QR code, and a sheet to hang up."""

    code: str
    sheet: str


@dataclass(frozen=True)
class BuilderPage:
    """Everything the builder's template writes."""

    ask: EmbedAsk
    texts: Mapping[str, str]
    kept: Sequence[tuple[str, object]]
    only: str | None
    all_href: str
    language: str
    height: int
    groups: Sequence[tuple[str, Sequence[Option]]]
    sizes: Sequence[tuple[str, str]]
    preview: str
    snippets: Snippets
    on_paper: OnPaper
    portals: Sequence[str]
    faults: Mapping[str, str]
    least_px: int = LEAST_PX
    most_px: int = MOST_PX
    least_zoom: int = MIN_ZOOM
    most_zoom: int = MAX_ZOOM

    @property
    def narrowed(self) -> bool:
        """Whether a choice is made among the groups, or was made wrongly."""
        return any(each.chosen or each.name in self.faults
                   for _label, options in self.groups for each in options)  # fmt: skip

    @property
    def viewed(self) -> bool:
        """Whether the fields of the view hold anything to be seen."""
        return any(self.texts[each] for each in (*_MIDDLE, "zoom"))

    @property
    def untyped_faults(self) -> Mapping[str, str]:
        """What is wrong where no field was typed in."""
        return {name: said for name, said in self.faults.items() if name not in _TYPED}

    @property
    def unasked(self) -> Sequence[str]:
        """What is wrong in the address alone: the form does not ask for it."""
        asked = {*_ASKED, *(options[0].name for _label, options in self.groups)}
        return [each for each in self.untyped_faults if each not in asked]


@builder_pages.route("/embed/new", methods=["GET", "POST"])
def build() -> Response:
    """Show the form, what it chooses, and how to copy it."""
    given = request.form if request.method == "POST" else request.args
    response = make_response(render_template("embed_new.html", page=_page(given)))
    response.headers["Cache-Control"] = "no-store" if given else "private, no-cache"
    return response


def _page(given: MultiDict[str, str]) -> BuilderPage:
    """Read the form, and put what it chooses into words and addresses."""
    faults: list[Fault] = []
    ask, place = _read(given, faults)
    height = read_one(
        given, faults, "height", lambda text: whole(text, minimum=LEAST_PX, maximum=MOST_PX),
        _("高度要从 %(least)s 到 %(most)s 像素。", least=LEAST_PX, most=MOST_PX),
    ) or HEIGHT_PX  # fmt: skip
    shown = given.get("show_lang", chosen_language() or "")
    shown = shown if shown in ("zh", "en") else ""
    own = ask.parameters(lang=shown or None)
    answer = embed_answer(ask, snapshot())
    title = embed_title(ask, answer, snapshot())
    said = {_TYPED_AS.get(each["parameter"], each["parameter"]): each["detail"] for each in faults}
    groups = _groups(ask)
    return BuilderPage(
        ask=ask, texts={"place": place, **_texts(ask, height, given, said)},
        kept=_kept(ask, place, groups), only=title if ask.facility else None,
        all_href=page_url("builder_pages.build", **ask.parameters(facility=None)),
        language=shown, height=height, groups=groups, sizes=_sizes(ask),
        preview=page_url("embed_pages.show", **own),
        snippets=snippets_of(title, own, height_px=height),
        on_paper=_on_paper(ask, answer), portals=portals_allowed(), faults=said,
    )  # fmt: skip


def _texts(
    ask: EmbedAsk, height: int, given: MultiDict[str, str], faults: Mapping[str, str]
) -> dict[str, str]:
    """Write the fields of numbers: what is chosen, or what was typed where that is wrong."""
    query, wrong = ask.query, set(faults)
    if wrong.intersection(_MIDDLE):
        wrong |= {*_MIDDLE, "zoom"}  # without a middle, a zoom is not chosen either
    chosen = {"lon": query.lon, "lat": query.lat, "zoom": ask.zoom, "height": height}
    return {name: given.get(name, "").strip() if name in wrong else "" if value is None
            else str(value) for name, value in chosen.items()}  # fmt: skip


def _kept(
    ask: EmbedAsk, place: str, groups: Sequence[tuple[str, Sequence[Option]]]
) -> list[tuple[str, object]]:
    """Give what the form passes on unseen: what is chosen, and cannot be chosen in it."""
    offered = {(each.name, each.value) for _label, options in groups for each in options}
    kept = [each for each in fields_of(ask.parameters())
            if each[0] not in _ASKED and each not in offered]  # fmt: skip
    return [*kept, ("typed", 1)] if place and ask.query.located else kept


def _on_paper(ask: EmbedAsk, answer: FinderAnswer) -> OnPaper:
    """Give the code and the sheet of what is chosen: a facility's own, or a list's poster."""
    if ask.facility is not None:
        return OnPaper(*(page_url(each, facility_id=ask.facility)
                         for each in ("sheets.qr_code", "sheets.print_sheet")))  # fmt: skip
    told = finder_parameters(ask, answer, snapshot())
    return OnPaper(*(page_url(each, **told) for each in ("posters.code_svg", "posters.show")))


def _read(given: MultiDict[str, str], faults: list[Fault]) -> tuple[EmbedAsk, str]:
    """Read what is chosen, and the place as the form shows it; what is wrong is left out."""
    own = MultiDict((name, each) for name, each in given.items(multi=True) if each.strip())
    own.poplist("place")
    own["layers"] = ",".join(own.poplist("layers"))
    ask = _what_is_right(own, faults)
    if "place" not in given:
        return ask, _place_text(ask)
    place = given["place"].strip()
    if place:
        return _around(ask, place, faults), place
    return _everywhere(ask, typed="typed" in given), place


def _what_is_right(own: MultiDict[str, str], faults: list[Fault]) -> EmbedAsk:
    """Read the parameters that can be read; the others are among the faults."""
    try:
        return read_embed(own)
    except RefusedParametersError as error:
        faults.extend(error.faults)
        wrong = {each["parameter"] for each in error.faults}
    if wrong.intersection(_MIDDLE):
        wrong.update(_MIDDLE)
    rest = MultiDict(each for each in own.items(multi=True) if each[0] not in wrong)
    return _what_is_right(rest, faults)


def _everywhere(ask: EmbedAsk, *, typed: bool) -> EmbedAsk:
    """Forget the place that an emptied field had named; a bare position, or a view, stays."""
    query = replace(ask.query, q=None, filters=replace(ask.query.filters, adcode=None))
    named = typed or query != ask.query
    if named and ask.zoom is None:
        query = replace(query, lon=None, lat=None, located=None)
    return replace(ask, query=query)


def _around(ask: EmbedAsk, place: str, faults: list[Fault]) -> EmbedAsk:
    """Take the division or place that a text means, unless the text is what is shown already."""
    if place == _place_text(ask):
        return ask
    text = _text(place)
    hit = meant_place(FinderQuery(q=text)) if text else None
    if hit is None:
        said = _("没有找到这个地方。试试只写区名或路名。")
        faults.append({"parameter": "place", "detail": said})
        return ask
    return _at(ask, hit)


def _at(ask: EmbedAsk, hit: Hit) -> EmbedAsk:
    """Show a division whole, and anything else as the middle."""
    query = ask.query
    filters = replace(query.filters, adcode=None)
    bare = replace(query, q=None, lon=None, lat=None, located=None, filters=filters)
    if hit.kind == "place" and hit.subkind in _DIVISIONS and hit.id.isdigit():
        return replace(ask, query=replace(bare, filters=replace(filters, adcode=hit.id)), zoom=None)
    lon, lat = (None if at is None else round(at, POSITION_DECIMALS) for at in (hit.lon, hit.lat))
    named = hit.name if hit.kind == "place" else None
    located = hit.precision if hit.kind == "address" else None
    return replace(ask, query=replace(bare, q=named, lon=lon, lat=lat, located=located))


def _text(place: str) -> str | None:
    """Read the place; None where it is no text that can be looked up."""
    try:
        return plain_text(place)
    except ValueError:
        return None


def _place_text(ask: EmbedAsk) -> str:
    """Write the place of an embed for the form."""
    division = place_of(ask.query.filters.adcode, snapshot())
    return (division.name if division else ask.query.filters.adcode) or ask.query.q or ""


def _groups(ask: EmbedAsk) -> list[tuple[str, Sequence[Option]]]:
    """Offer types, and the filters that are asked for most."""
    language, chosen = current_language(), ask.query.filters.chosen
    types = [Option("type", key, label.of(language), key in ask.query.types)
             for key, label in TYPES.items()]  # fmt: skip
    found: list[tuple[str, Sequence[Option]]] = [(_("机构类型"), types)]
    for name in _OFFERED:
        group: Any = GROUPS[name]
        options = [Option(name, key, label.of(language), key in chosen.get(name, ()))
                   for key, label in group.choices.items()]  # fmt: skip
        found.append((group.label.of(language), options))
    return found


def _sizes(ask: EmbedAsk) -> list[tuple[str, str]]:
    """Offer the sizes of elder mode, on the ground that is chosen."""
    ground = ask.elder.ground if ask.elder else GROUNDS[0]
    looks = [f"{each}-{ground}" for each in SIZES]
    return [("", _("不用长辈版")), *zip(looks, (_("大"), _("特大"), _("最大")), strict=True)]
