"""Check a list before sending it: a form, the answer, and the annotated copy. Nothing is stored.

The upload lives in a private folder until it is answered; only the annotated copy waits for its
download, see :mod:`geomap.web.check.copies`. Names of files stay out of addresses and of logs.
"""

from __future__ import annotations

import dataclasses
import threading
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, cast

from apiflask import APIBlueprint
from flask import Response, current_app, make_response, render_template, request, send_file
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge

from geomap.data.files.findings.asking import DATUM_CHOICES, FORM_FIELDS
from geomap.data.temporary import private_folder
from geomap.errors import ParameterError
from geomap.model.facility import TYPES
from geomap.web.check.check_form import (
    ENCODING_CHOICES,
    TABLE_CHOICES,
    UNKNOWN_DATUM,
    CheckForm,
    empty_form,
    read_form,
    safe_suffix,
    shown_name,
    unknown_column,
)
from geomap.web.check.copies import KEPT_MINUTES, Copies, clear_left_over
from geomap.web.language import current_language
from geomap.web.security import sent_from_elsewhere

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from flask import Flask
    from werkzeug.datastructures import FileStorage

    from geomap.data.reading import Reading
    from geomap.model.table import Label
    from geomap.settings import Settings

checks = APIBlueprint("checks", __name__, enable_openapi=False)

#: Lists that one process checks at a time; the next reader is asked to come back.
AT_A_TIME = 2
_RETRY_AFTER_S = 20
#: Room for the fields beside the file.
_FIELDS_BYTES = 2**20
#: An upload over the limit is read to its end up to so many times the limit, so that the browser
#: shows our answer and not a broken connection.
_READ_AWAY = 4
_PIECE = 2**16


@dataclass(frozen=True)
class Desk:
    """What checking needs: its limit, its places, its copies."""

    most_mb: int
    copies: Copies = field(default_factory=Copies)
    places: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(AT_A_TIME)
    )


def add_checks(app: Flask, settings: Settings) -> None:
    """Offer the check on an application."""
    desk = Desk(settings.upload_max_mb)
    clear_left_over()
    desk.copies.clear_at_exit()
    app.extensions["geomap_checks"] = desk
    app.register_blueprint(checks)


@checks.get("/check")
def show_form() -> Response:
    """Show the empty form."""
    return _form_page(empty_form())


@checks.post("/check")
def check() -> Response:
    """Check the list that was sent and show what was found."""
    if sent_from_elsewhere():
        said = _("这次上传不是从本站的这一页发来的，没有读取。请在这里选文件。")
        return _form_page(empty_form(), {"file": said}, 403)
    request.max_content_length = _desk().most_mb * 2**20 + _FIELDS_BYTES
    try:
        form, upload = read_form(request.form, current_language()), request.files.get("file")
    except RequestEntityTooLarge:
        _read_away()
        said = _(
            "文件超过 %(most)s MB，没有读取。请分成几个文件，或删去不用的列。", most=_desk().most_mb
        )
        return _form_page(empty_form(), {"file": said}, 413)
    if upload is None or not upload.filename:
        return _form_page(form, {"file": _("请选一个文件。")}, 400)
    if form.options is None:
        return _form_page(form, {}, 400)
    if not _desk().places.acquire(blocking=False):
        answer = _form_page(form, {"file": _("现在核对的人多，没有读取。请过半分钟再试。")}, 503)
        answer.headers["Retry-After"] = str(_RETRY_AFTER_S)
        return answer
    try:
        return _answer(form, upload)
    finally:
        _desk().places.release()


@checks.post("/check/copy")
def copy() -> Response:
    """Give an annotated copy; asked for by POST, so that no address or log holds its token."""
    path = None if sent_from_elsewhere() else _desk().copies.find(request.form.get("token", ""))
    if path is None:
        said = _("批注副本已经删除（只留 %(minutes)s 分钟）。请再核对一次。", minutes=KEPT_MINUTES)
        return _form_page(empty_form(), {"file": said}, 404)
    stem = PurePosixPath(shown_name(request.form.get("name"))).stem or _("名单")
    answer = send_file(
        path,
        mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        as_attachment=True,
        download_name=_("%(name)s-核对结果.xlsx", name=stem),
        etag=False,
        max_age=0,
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@checks.after_request
def vary(response: Response) -> Response:
    """Tell caches that the language depends on the browser's, and to keep nothing."""
    response.vary.add("Accept-Language")
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def _desk() -> Desk:
    return cast("Desk", current_app.extensions["geomap_checks"])


def _read_away() -> None:
    """Read what is too much and forget it."""
    left = _READ_AWAY * _desk().most_mb * 2**20
    stream = request.environ["wsgi.input"]
    while left > 0 and (piece := stream.read(min(left, _PIECE))):
        left -= len(piece)


def _answer(form: CheckForm, upload: FileStorage) -> Response:
    """Read the list in a private folder, keep its copy, and show what was found."""
    from geomap.web.check.check_page import check_page

    with private_folder() as folder:
        source = folder / f"list{safe_suffix(upload.filename)}"
        upload.save(source)
        try:
            reading = _read(form, source, shown_name(upload.filename))
        except ParameterError:  # of what the form says, only columns depend on the file
            report = _read_without_columns(form, source).report
            said = unknown_column(form, report, current_language())
            return _form_page(form, {"map": said}, 400)
        made = folder / "copy.xlsx"
        token = _desk().copies.keep(made) if made.exists() else None
    page = check_page(
        reading, current_language(), datum_known=form.values["datum"] != UNKNOWN_DATUM
    )
    return make_response(
        render_template("check_result.html", page=page, token=token, minutes=KEPT_MINUTES)
    )


def _read(form: CheckForm, source: Path, name: str) -> Reading:
    """Read the list and write its copy beside it."""
    from geomap.data.checking import check_and_annotate

    if form.options is None:
        raise ValueError("a refused form is not read")
    made = source.with_name("copy.xlsx")
    return check_and_annotate(
        source, form.table, form.options, made, file=name, language=current_language()
    )


def _read_without_columns(form: CheckForm, source: Path) -> Reading:
    """Read the list as it is, to know its columns."""
    from geomap.data.reading import read_table

    if form.options is None:
        raise ValueError("a refused form is not read")
    return read_table(source, form.table, dataclasses.replace(form.options, columns=None))


def _form_page(
    form: CheckForm, faults: dict[str, str] | None = None, status: int = 200
) -> Response:
    """Show the form with what was said on it, and what is wrong with it."""
    language = current_language()

    def choices(labels: Mapping[str, Label]) -> list[tuple[str, str]]:
        return [(value, label.of(language)) for value, label in labels.items()]

    page = render_template(
        "check.html",
        values=form.values,
        faults={**form.faults, **(faults or {})},
        labels={name: label.of(language) for name, label in FORM_FIELDS.items()},
        tables=choices(TABLE_CHOICES),
        datums=[*choices(DATUM_CHOICES), (UNKNOWN_DATUM, _("不知道"))],
        encodings=choices(ENCODING_CHOICES),
        types=[("", _("看名称判断")), *choices(TYPES)],
        most_mb=_desk().most_mb,
        minutes=KEPT_MINUTES,
    )
    return make_response(page, status)
