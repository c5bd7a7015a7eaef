"""/oembed: other sites turn an address of ours into its embed (oEmbed 1.0, type rich)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree as ET

from apiflask import APIBlueprint
from flask import Response, current_app, g, jsonify, render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import NotImplemented as NotOffered

from geomap.errors import NotFoundError, ParameterError
from geomap.web.addresses import plain_address, public_address
from geomap.web.discretion import looks_like_an_address
from geomap.web.embed.asked import EmbedAsk, read_embed
from geomap.web.embed.embed_page import embed_answer, embed_title, without_address
from geomap.web.embed.pictures import thumbnail_of
from geomap.web.embed.snippets import HEIGHT_PX, WIDTH_PX
from geomap.web.finder.answer import FinderQuery
from geomap.web.language import LANGUAGES, current_language, own_arguments
from geomap.web.query import seen_text, whole
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

oembed_pages = APIBlueprint("oembed_pages", __name__, enable_openapi=False)

#: The pages that have an embed.
EMBEDDED: Final = ("pages.finder", "pages.facility", "map_pages.map_page", "embed_pages.show")
FORMATS: Final = ("json", "xml")
_KEPT_S: Final = 86_400


@oembed_pages.get("/oembed")
def oembed() -> Response:
    """Describe the embed of one of our addresses.

    Raises
    ------
    ParameterError : if a parameter is missing or cannot be read.
    NotFoundError : if the address is not ours, or has no embed.
    """
    kind = request.args.get("format", "json")
    if kind not in FORMATS:
        raise NotOffered(f"format must be one of {', '.join(FORMATS)}, got {kind!r:.40}")
    most = _most("maxwidth"), _most("maxheight")
    ask, lang = _asked(request.args.get("url", ""))
    found = _document(ask, lang, most)
    response = jsonify(found) if kind == "json" else _xml(found)
    response.vary.add("Accept-Language")
    response.cache_control.public = True
    response.cache_control.max_age = 300
    return response


def offer_oembed(app: Flask) -> None:
    """Register the route, and give templates the addresses by which others discover it."""
    app.register_blueprint(oembed_pages)
    app.jinja_env.globals.update(oembed_links=oembed_links)


def oembed_links() -> list[tuple[str, str]]:
    """Give the media types and full addresses that describe this page's embed; none if it has none.

    Consumers want addresses in full; those of pages whose text may be somebody's home are not told.
    """
    endpoint = request.endpoint or ""
    if endpoint not in EMBEDDED or looks_like_an_address(seen_text(request.args.get("q", ""))):
        return []
    asked = {} if endpoint == "pages.facility" else own_arguments()  # not what led there
    here = public_address(endpoint, **(request.view_args or {}), **asked)
    kinds = {"json": "application/json+oembed", "xml": "text/xml+oembed"}
    return [(kinds[each], public_address("oembed_pages.oembed", url=here, format=each))
            for each in FORMATS]  # fmt: skip


def _most(name: str) -> int | None:
    """Read the greatest width or height that fits; None where nothing is said."""
    text = request.args.get(name, "").strip()
    try:
        return whole(text, minimum=1) if text else None
    except ValueError as error:
        raise ParameterError(f"{name} {error}") from error


def _asked(address: str) -> tuple[EmbedAsk, str | None]:
    """Read which embed an address means, and its language."""
    if not address:
        raise ParameterError("url must name a page of this site")
    endpoint, values, arguments = _route(address)
    lang = arguments.get("lang")
    if lang in LANGUAGES:
        g.language = lang
    if endpoint == "pages.facility":
        return EmbedAsk(FinderQuery(), facility=values["facility_id"]), lang
    if endpoint == "map_pages.map_page" and arguments.get("focus"):
        return EmbedAsk(FinderQuery(), facility=arguments["focus"]), lang
    return without_address(read_embed(arguments)), lang


def _route(address: str) -> tuple[str, Mapping[str, Any], MultiDict[str, str]]:
    """Find the page of ours that an address is of.

    Raises
    ------
    NotFoundError : if it is none, or one without an embed.
    """
    missing = NotFoundError("url must be the address of a map, a list or a facility of this site")
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise missing from error
    site = urlsplit(plain_address("pages.finder"))
    prefixes = {request.host.lower(): request.script_root, site.netloc.lower(): site.path}
    prefix = prefixes.get(parts.netloc.lower(), "").rstrip("/")
    ours = parts.scheme in ("http", "https") and parts.netloc.lower() in prefixes
    if not ours or not f"{parts.path}/".startswith(f"{prefix}/"):
        raise missing  # a host may have other sites beside ours
    path = parts.path.removeprefix(prefix)
    try:
        routes = current_app.url_map.bind(request.host)
        endpoint, values = routes.match(path or "/", method="GET")
    except HTTPException as error:
        raise missing from error
    if endpoint not in EMBEDDED:
        raise missing
    return endpoint, values, MultiDict(parse_qsl(parts.query))


def _document(
    ask: EmbedAsk, lang: str | None, most_px: tuple[int | None, int | None]
) -> dict[str, str | int]:
    """Write what oEmbed tells of an embed, no wider and no higher than fits."""
    usual = zip((WIDTH_PX, HEIGHT_PX), most_px, strict=True)
    width, height = (px if most is None else min(px, most) for px, most in usual)
    title = embed_title(ask, embed_answer(ask, snapshot()), snapshot())
    link = public_address("embed_pages.show", **ask.parameters(lang=lang))
    frame = render_template("embed_frame.html", link=link, title=title, width=width,
                            height=height)  # fmt: skip
    return {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "provider_name": _("养老服务地图"),
        "provider_url": public_address("pages.finder", lang=lang),
        "cache_age": _KEPT_S,
        "html": frame.strip(),
        "width": width,
        "height": height,
        **thumbnail_of(ask, most_px=most_px, lang=lang or current_language()),
    }


def _xml(found: Mapping[str, str | int]) -> Response:
    """Write the same as XML."""
    root = ET.Element("oembed")
    for name, value in found.items():
        ET.SubElement(root, name).text = str(value)
    content = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return Response(content, content_type="text/xml; charset=utf-8")
