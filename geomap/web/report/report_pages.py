"""The report of a planner's question as a file: ``/plan/report``, asked as ``/plan`` is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from apiflask import APIBlueprint
from flask import Response, make_response, render_template, request
from flask_babel import gettext as _

from geomap.data.history import dated_states
from geomap.data.jobs import BusyError
from geomap.errors import ParameterError
from geomap.model.facility import TYPES
from geomap.web.language import chosen_language, current_language, page_url
from geomap.web.one_at_a_time import NotMyTurnError, one_at_a_time
from geomap.web.pdf import NotMadeError, missing_for_pdf, pdf_of
from geomap.web.plan.form import WHOM, area_choices, read_form
from geomap.web.plan.plan_pages import desk, inputs, to_job
from geomap.web.plan.ways_on import see_other
from geomap.web.plan.working import china_today, is_small
from geomap.web.report.asked import Besides, find, offered, read_besides
from geomap.web.report.comparison import compare
from geomap.web.report.report_file import report_file
from geomap.web.report.wordings import standard_text
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from geomap.web.plan.ask import Ask
    from geomap.web.plan.form import View
    from geomap.web.plan.working import Answer
    from geomap.web.report.asked import Found

report_pages = APIBlueprint("report_pages", __name__, enable_openapi=False)

_RETRY_S: Final = 60
_MOST_BY: Final = 80
_KINDS: Final = {"html": "text/html", "pdf": "application/pdf"}


@dataclass(frozen=True)
class _Wanted:
    """What a report is to say: on which question, looked at how, since when, and what besides."""

    ask: Ask
    view: View
    since: date | None
    besides: Besides


@report_pages.get("/plan/report")
def report() -> Response:
    """Ask what the report is to say, or give it: ``f=html`` or ``pdf``, ``by=``, ``since=`` a day.

    ``site=`` a siting question that was worked out, and ``scenario=`` an id, are put in too.
    A question that takes long becomes a job, as on the planner's page, and is asked for again.
    """
    form, kind = read_form(request.args, desk().packs), request.args.get("f", "")
    if form.ask is None:
        raise ParameterError("; ".join(form.faults.values()) or "this cannot be asked")
    if kind not in ("", *_KINDS):
        raise ParameterError(f"f must be html or pdf, got {kind!r}")
    wanted = _Wanted(form.ask, form.view, _day(request.args.get("since", "")),
                     read_besides(request.args, form.ask))  # fmt: skip
    if not kind or (kind == "pdf" and missing_for_pdf()):
        return _page(wanted)
    try:
        answer = desk().answer(form.ask, snapshot().revision, inputs())
        if answer.job is not None:
            return to_job(answer.job, form.ask, form.view)
        found = find(desk(), wanted.besides, form.ask, snapshot().revision, inputs())
        if found.address:
            return see_other(found.address)
        with one_at_a_time():
            html = _written(wanted, answer, found)
            return _file(pdf_of(html) if kind == "pdf" else html.encode(), kind)
    except NotMadeError:
        said = _("PDF 没有做成。请下载网页版，用浏览器打印。")
    except (BusyError, NotMyTurnError):
        said = _("正在做别的报告或计算。请过一分钟再试。")
    return _page(wanted, trouble=said)


def _page(wanted: _Wanted, *, trouble: str = "") -> Response:
    """Ask what the report is to say; where it was not made, say why."""
    ask, view, since = wanted.ask, wanted.view, wanted.since
    kept = {**ask.parameters(), "show": view.show, "go": "1"}
    hidden = [(name, each) for name, value in kept.items()
              for each in (value if isinstance(value, list) else [value])]  # fmt: skip
    chosen = chosen_language()
    page = {
        "about": _about(ask),
        "hidden": [*hidden, *([("lang", chosen)] if chosen else [])], "trouble": trouble,
        "by": _by(), "most": _MOST_BY, "missing": missing_for_pdf(),
        "days": [each.day for each in dated_states(desk().folder)[1:]],
        "since": "" if since is None else since.isoformat(),
        "back": page_url("plan_pages.plan", **kept),
        "offered": offered(desk(), wanted.besides, snapshot().revision, _areas()),
        "siting": page_url("site_pages.site"),
    }  # fmt: skip
    answer = make_response(render_template("plan_report.html", page=page), 503 if trouble else 200)
    if trouble:
        answer.headers["Retry-After"] = str(_RETRY_S)
    return _varied(answer)


def _about(ask: Ask) -> list[tuple[str, str]]:
    """Say what the report will be on: where, by which standard, of whom."""
    own, language = inputs(), current_language()
    weight = ask.weight or (own.weights[0] if own.weights else "")
    kinds = [TYPES[each].of(language) for each in ask.types]
    areas = _areas()
    rows = [
        (_("范围"), areas.get(ask.area, ask.area) or _("全部")),
        (_("覆盖标准"), standard_text(ask.question(weight or "population"))),
        (_("看哪些人"), WHOM[weight].of(language) if weight else _("没有人口数据")),
        (_("机构类型"), _("、").join(kinds) if kinds else _("全部")),
    ]
    return [(str(label), str(value)) for label, value in rows]


def _areas() -> dict[str, str]:
    """Name the areas by their code or id."""
    return dict(area_choices(inputs(), snapshot().divisions))


def _written(wanted: _Wanted, answer: Answer, found: Found) -> str:
    """Write the report of an answer."""
    if answer.review is None:
        raise ValueError("an answer has a review or a job")
    ask, since = wanted.ask, wanted.since
    own, packs = inputs(), desk().packs
    compared = None
    if since is not None:
        compared = compare(ask, own, packs, since=since, figures=is_small(ask, own))
    return report_file(
        ask, answer.review, own, packs, made_on=china_today(), show=wanted.view.show, by=_by(),
        comparison=compared, siting=found.siting, scenario=found.scenario,
    )  # fmt: skip


def _by() -> str:
    return request.args.get("by", "").strip()[:_MOST_BY]


def _day(text: str) -> date | None:
    if not text:
        return None
    days = {each.name: each.day for each in dated_states(desk().folder)}
    try:
        return date.fromisoformat(days.get(text, text))
    except ValueError as error:
        raise ParameterError(f"since must be a day such as 2026-01-31, got {text!r}") from error


def _file(content: bytes, kind: str) -> Response:
    """Answer a file to keep, named after what it is on and its day."""
    response = Response(content, mimetype=_KINDS[kind])
    day = china_today().isoformat()
    name = quote(f"{_('养老服务设施覆盖报告')}-{day}.{kind}", safe="")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=report-{day}.{kind}; filename*=UTF-8''{name}"
    )
    return _varied(response)


def _varied(response: Response) -> Response:
    """Tell caches that the language depends on the browser's, and to ask again."""
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("Accept-Language")
    return response
