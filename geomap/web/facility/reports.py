"""Report a mistake: a form that works without scripts; what it says is kept in the workspace."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from apiflask import APIBlueprint
from flask import Response, current_app, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge

from geomap.data.reports import FacilityReport, keep_report
from geomap.errors import DataError, TooLargeError
from geomap.web.facility.report_form import (
    ABOUT,
    MOST_CONTACT,
    MOST_TEXT,
    TOKEN_COOKIE,
    Doorkeeper,
    ReportForm,
    new_token,
    read_report,
    same_token,
)
from geomap.web.language import current_language, page_url
from geomap.web.security import sent_from_elsewhere
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

reports = APIBlueprint("reports", __name__, enable_openapi=False)

#: A form cannot be larger; a thousand Chinese signs are 9 KB as they are sent.
_MOST_FORM_BYTES = 2**16
_TOKEN_LIVES_S = 12 * 3600
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Letterbox:
    """Where reports go; a folder of None has nobody behind it."""

    folder: Path | None
    doorkeeper: Doorkeeper


def add_reports(app: Flask, folder: Path | None, *, most_an_hour: int) -> None:
    """Offer the form; without a workspace it says where else to turn."""
    app.extensions["geomap_reports"] = Letterbox(folder, Doorkeeper(most_an_hour))
    app.register_blueprint(reports)


@reports.get("/facilities/<facility_id>/report")
def show(facility_id: str) -> Response:
    """Show the form, or thanks for what was sent."""
    about = request.args.get("about", "")
    form = ReportForm(about=about if about in ABOUT else "")
    return _page(facility_id, form, sent="sent" in request.args)


@reports.post("/facilities/<facility_id>/report")
def send(facility_id: str) -> Response:
    """Keep a report, then lead to the thanks."""
    snapshot().row(facility_id)
    request.max_content_length = _MOST_FORM_BYTES
    try:
        form = read_report(request.form)
    except RequestEntityTooLarge:
        said = {"text": _("最多写 %(most)s 个字。", most=MOST_TEXT)}
        return _page(facility_id, ReportForm(faults=said), status=413)
    box, token = _letterbox(), request.form.get("token", "")
    if box.folder is None:
        return _page(facility_id, form, status=403)
    if sent_from_elsewhere() or not same_token(token, request.cookies.get(TOKEN_COOKIE, "")):
        said = {"send": _("这张表打开得太久，或者浏览器没有保存 Cookie。请再按一次“发送”。")}
        return _page(facility_id, _with(form, said), status=403)
    if form.faults:
        return _page(facility_id, form, status=400)
    if box.doorkeeper.claims(token):
        refused = _keep(box, facility_id, form)
        if refused is not None:
            box.doorkeeper.release(token)
            return refused
    answer = redirect(page_url("reports.show", facility_id=facility_id, sent=1), 303)
    return cast("Response", answer)


@reports.after_request
def vary(response: Response) -> Response:
    """Tell caches to keep nothing: the form holds a token."""
    response.vary.add("Accept-Language")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _letterbox() -> Letterbox:
    return cast("Letterbox", current_app.extensions["geomap_reports"])


def _keep(box: Letterbox, facility_id: str, form: ReportForm) -> Response | None:
    """Keep a report; a page that says so where that is refused."""
    if not box.doorkeeper.admits(request.remote_addr or ""):
        said = {"send": _("您这里刚才发得太多了。请过一个小时再发，或者打电话。")}
        return _page(facility_id, _with(form, said), status=429)
    data = snapshot()
    report = FacilityReport(
        facility_id=facility_id,
        facility_name=str(data.facilities["name"].iloc[data.row(facility_id)]),
        revision=data.revision,
        about=form.about,
        text=form.text,
        contact=form.contact or None,
        language=current_language(),
    )
    try:
        number = keep_report(cast("Path", box.folder), report, datetime.now(tz=UTC))
    except (DataError, TooLargeError) as error:
        _log.error("a report could not be kept: %s", error)
        said = {"send": _("现在存不下来，没有发出去。请稍后再试，或者打电话。")}
        return _page(facility_id, _with(form, said), status=503)
    _log.info("report %s was kept", number)
    return None


def _with(form: ReportForm, faults: dict[str, str]) -> ReportForm:
    return ReportForm(form.about, form.text, form.contact, {**form.faults, **faults})


def _page(
    facility_id: str, form: ReportForm, *, sent: bool = False, status: int = HTTPStatus.OK
) -> Response:
    """Show the form with a fresh token, in the form and in the cookie."""
    data = snapshot()
    name = str(data.facilities["name"].iloc[data.row(facility_id)])
    token, language = new_token(), current_language()
    page = render_template(
        "report.html",
        facility_id=facility_id,
        name=name,
        form=form,
        choices=[(value, label.of(language)) for value, label in ABOUT.items()],
        sent=sent,
        open=_letterbox().folder is not None,
        token=token,
        most_text=MOST_TEXT,
        most_contact=MOST_CONTACT,
    )
    response = make_response(page, status)
    response.set_cookie(
        TOKEN_COOKIE,
        token,
        max_age=_TOKEN_LIVES_S,
        path=f"{request.script_root}/facilities/",
        secure=request.is_secure,
        httponly=True,
        samesite="Strict",
    )
    return response
