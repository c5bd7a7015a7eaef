"""The application: settings and data in, Flask out."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from apiflask import APIFlask
from flask_babel import Babel
from jinja2 import StrictUndefined
from markupsafe import Markup
from werkzeug.middleware.proxy_fix import ProxyFix

from geomap.maps.drawing import symbol_svg
from geomap.maps.symbols import SPRITE, symbol_id
from geomap.settings import read_settings, static_dir
from geomap.web.accepting import AcceptingRequest
from geomap.web.addresses import redirect_below_site
from geomap.web.api.limits import limit_questions
from geomap.web.api.openness import open_api
from geomap.web.api.short_path import ShortPath
from geomap.web.assets import asset, keep_versioned
from geomap.web.compression import compress_answers
from geomap.web.discretion import log_discreetly
from geomap.web.embed.oembed import offer_oembed
from geomap.web.facility.contacts import dial
from geomap.web.facility.report_form import GROUPS
from geomap.web.facility.reports import add_reports
from geomap.web.finder.elder import offer_elder
from geomap.web.foreign import lang_attribute, lang_of, marked
from geomap.web.keeping.kept import offer_keeping
from geomap.web.language import (
    chosen_language,
    current_language,
    other_language_url,
    page_url,
)
from geomap.web.loading import published_service
from geomap.web.maps.basemap import offer_streets
from geomap.web.maps.street_maps import street_map_hosts
from geomap.web.ogc.pages import add_ogc
from geomap.web.open_data.open_data import add_open_data
from geomap.web.plan.plan_pages import add_plan
from geomap.web.problems import register_problems
from geomap.web.refusals import HostCheck
from geomap.web.scenarios.shelf import add_shelf
from geomap.web.security import secure
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from geomap.settings import Settings
    from geomap.web.state import Service


def create_app(
    folder: Path | None = None,
    settings: Settings | None = None,
    *,
    service: Service | None = None,
) -> APIFlask:
    """Make the application over a workspace folder.

    Parameters
    ----------
    folder : a workspace that was published; the bundled layers where None.
    settings : the operator's choices; read from file and environment where None.
    service : the data to serve, instead of `folder`'s.

    Raises
    ------
    DataError, NotFoundError : if the folder holds nothing published.
    ParameterError : if a setting is wrong.
    """
    settings = settings or read_settings()
    app = APIFlask(
        "geomap.web",
        title="geomap",
        version=_version(),
        docs_path=None,
        spec_path=None,
        json_errors=False,
        static_folder=str(static_dir()),
        static_url_path="/static",
    )
    app.request_class = AcceptingRequest
    app.config.update(DEFAULT_LANGUAGE=settings.default_language, HELP_PHONE=settings.help_phone)
    app.config["VALIDATION_ERROR_STATUS_CODE"] = 400
    app.extensions["geomap"] = service or published_service(
        folder, show_stewards=settings.show_stewards
    )
    app.extensions["geomap_settings"] = settings
    Babel(app, default_locale="zh", locale_selector=current_language)
    _prepare_templates(app, settings)
    offer_elder(app)
    offer_keeping(app)
    offer_oembed(app)
    _register_routes(app, settings)
    offer_streets(app, folder)
    add_plan(app, folder, settings)
    add_ogc(app)
    add_open_data(app, folder, settings, own=service is None)
    add_shelf(app, folder, settings)
    add_reports(app, folder, most_an_hour=settings.reports_per_hour)
    register_problems(app)
    log_discreetly(app)
    secure(app, image_hosts=street_map_hosts(settings))
    compress_answers(app)
    open_api(app)
    limit_questions(app, folder, settings)
    app.after_request(keep_versioned)
    redirect_below_site(app)
    app.wsgi_app = HostCheck(app.wsgi_app)  # type: ignore[method-assign]
    if not settings.rate_limit_per_minute:  # who is counted goes the long way
        app.wsgi_app = ShortPath(app)  # type: ignore[method-assign]
    _believe_proxies(app, settings.proxies)
    return app


def _believe_proxies(app: APIFlask, number: int) -> None:
    """Take the reader's address, scheme, host and path from the headers of so many proxies."""
    if number:
        trusted = dict.fromkeys(("x_for", "x_proto", "x_host", "x_prefix"), number)
        app.wsgi_app = ProxyFix(app.wsgi_app, **trusted)  # type: ignore[method-assign]


def _prepare_templates(app: APIFlask, settings: Settings) -> None:
    """Give templates what they write with; a name they do not get is an error."""
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.globals.update(
        asset=asset,
        dial=dial,
        help_phone=settings.help_phone,
        lang_attribute=lang_attribute,
        lang_of=lang_of,
        marked=marked,
        other_language_url=other_language_url,
        page_url=page_url,
        report_about=GROUPS.get,
        symbol_picture=_symbol_picture,
        symbol_url=_symbol_url,
        uploads=settings.uploads,
    )

    @app.context_processor
    def language() -> dict[str, object]:
        return {"html_lang": current_language(), "chosen_language": chosen_language()}

    @app.context_processor
    def site() -> dict[str, object]:
        return {"site": _LazySite()}


class _LazySite:
    """The site's notes, looked up only where a template writes them: error pages do not."""

    def __getattr__(self, name: str) -> object:
        return getattr(snapshot().site, name)

    @property
    def about_count(self) -> str:
        """The number of facilities, to the nearest ten."""
        return f"{round(len(snapshot().facilities), -1):,}"


def _register_routes(app: APIFlask, settings: Settings) -> None:
    """Register every blueprint; the check of uploads only where the operator offers it."""
    from geomap.web.accessibility import accessibility
    from geomap.web.api.api import api
    from geomap.web.api.definition import definition
    from geomap.web.api.plan_verbs import plan_verbs
    from geomap.web.api.scenario_verb import scenario_verb
    from geomap.web.api.site_verb import site_verb
    from geomap.web.embed.builder import builder_pages
    from geomap.web.embed.embed_page import embed_pages
    from geomap.web.facility.sheets import sheets
    from geomap.web.finder.find_form import finding
    from geomap.web.keeping.booklet_page import booklets
    from geomap.web.keeping.compare_page import comparing
    from geomap.web.keeping.favourites_page import favourites
    from geomap.web.maps.map import map_pages
    from geomap.web.maps.picture_tiles import picture_tiles
    from geomap.web.maps.point_files import point_files
    from geomap.web.maps.tiles import tiles
    from geomap.web.maps.vector_tiles import vector_tiles
    from geomap.web.operations import operations
    from geomap.web.pages import pages
    from geomap.web.report.report_pages import report_pages
    from geomap.web.scenarios.acts import scenario_acts
    from geomap.web.scenarios.pages import scenario_pages
    from geomap.web.siting.site_pages import site_pages

    maps = (map_pages, embed_pages, builder_pages, tiles, point_files, vector_tiles, picture_tiles)
    planning = (report_pages, site_pages, scenario_pages, scenario_acts)
    ours = (comparing, favourites, booklets, *planning)
    programs = (api, plan_verbs, site_verb, scenario_verb, operations, definition)
    for blueprint in (pages, sheets, finding, *ours, accessibility, *maps, *programs):
        app.register_blueprint(blueprint)
    if settings.uploads:
        from geomap.web.check.checks import add_checks

        add_checks(app, settings)


def _symbol_url(kind: str, *, closed: bool = False) -> str:
    """Give the address of a facility symbol in the reader's script."""
    return f"{asset(SPRITE)}#{symbol_id(kind, current_language(), closed=closed)}"


def _symbol_picture(kind: str, closed: bool) -> Markup:  # noqa: FBT001 (called by templates)
    """Draw a facility symbol in the page itself: on paper and in files that stand alone."""
    return Markup(symbol_svg(kind, current_language(), closed=closed))  # noqa: S704 (our own sprite)


def _version() -> str:
    """Tell the installed version."""
    try:
        return version("geomap")
    except PackageNotFoundError:
        return "0"
