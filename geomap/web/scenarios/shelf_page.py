"""The list of scenarios, and the form that makes one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import make_response, render_template, request

from geomap.web.language import current_language, page_url
from geomap.web.scenarios.ask import question, read_ask
from geomap.web.scenarios.shelf import may_change, shelf, who_asks
from geomap.web.scenarios.view import named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response


def show_shelf(
    *,
    faults: Mapping[str, str] | None = None,
    given: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    """Show the scenarios that are kept.

    Parameters
    ----------
    faults, given : of the form that makes one, where it was refused.
    """
    kept, language = shelf(), current_language()
    ask = read_ask(request.args)
    own = question(ask.ask) if ask.asked and ask.ask is not None else {}
    page: dict[str, Any] = {
        "faults": faults or {}, "given": given or {"name": "", "note": ""}, "who": who_asks(),
        "there": kept.is_there, "open": may_change(),
        "rows": [named(each, language) | {"href": _address(each.id, own)} for each in kept.all()],
        "create": page_url("scenario_acts.create", **own),
        "compare": page_url("scenario_pages.compare"),
        "kept": [(name, value) for name, value in own.items()],
        "plan": page_url("plan_pages.plan", **own), "site": page_url("site_pages.site"),
        "removed": _removed(),
    }  # fmt: skip
    return make_response(render_template("plan_scenarios.html", page=page), status)


def _address(number: str, own: Mapping[str, Any]) -> str:
    return page_url("scenario_pages.scenario", number=number, **own)


def _removed() -> str:
    """Give where the scenario that was removed just now can be put back; "" where none was."""
    number = request.args.get("removed", "")
    if not (number and number.isascii() and number.replace("-", "").isalnum() and shelf().open):
        return ""
    return page_url("scenario_acts.restore", number=number)
