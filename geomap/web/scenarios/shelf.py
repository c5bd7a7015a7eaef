"""Where an application keeps scenarios, and who may change them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final, cast

from flask import current_app, request
from werkzeug.exceptions import Forbidden

from geomap.data.store.folder import is_workspace
from geomap.errors import NotFoundError
from geomap.web.security import sent_from_elsewhere

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask, Response
    from werkzeug.datastructures import MultiDict

    from geomap.data.store.scenarios import Scenarios
    from geomap.model.scenario import Scenario
    from geomap.settings import Settings

#: Who changes a scenario says so once; the browser keeps it.
COOKIE: Final = "geomap_who"
MOST_WHO: Final = 40
_YEAR_S: Final = 365 * 24 * 3600
_MOST_FORM_BYTES: Final = 2**16


@dataclass(eq=False)
class Shelf:
    """The scenarios of a workspace.

    Parameters
    ----------
    folder : the workspace; None for the layers that ship.
    open : whether readers may change them.
    """

    folder: Path | None
    open: bool

    @property
    def is_there(self) -> bool:
        """Whether there is a workspace to keep them in."""
        return self.folder is not None and is_workspace(self.folder)

    @cached_property
    def store(self) -> Scenarios:
        """The scenarios that are kept.

        Raises
        ------
        NotFoundError : if there is no workspace.
        """
        from geomap.data.store.scenarios import Scenarios  # SQLAlchemy takes its time to import

        if self.folder is None or not self.is_there:
            raise NotFoundError(
                "scenarios are kept in a workspace: make one with geomap import",
                zh="方案保存在工作区里：请先用 geomap import 建一个",
            )
        return Scenarios(self.folder)

    def all(self) -> list[Scenario]:
        """List the scenarios, those changed last first; none where there is no workspace."""
        return self.store.all() if self.is_there else []


def add_shelf(app: Flask, folder: Path | None, settings: Settings) -> None:
    """Give an application its shelf."""
    app.extensions["geomap_scenarios"] = Shelf(folder, settings.scenarios)


def shelf() -> Shelf:
    """Give the shelf of the current application."""
    return cast("Shelf", current_app.extensions["geomap_scenarios"])


def may_change() -> bool:
    """Tell whether readers may keep scenarios here."""
    return shelf().open and shelf().is_there


def require_own_form() -> None:
    """Refuse to change anything that another site sent, or where the operator closed it.

    Raises
    ------
    Forbidden : in both cases.
    NotFoundError : if there is no workspace.
    """
    request.max_content_length = _MOST_FORM_BYTES
    if sent_from_elsewhere() or not shelf().open:
        raise Forbidden
    _ = shelf().store


def now() -> datetime:
    """Give the time at which a change is made."""
    return datetime.now(tz=UTC)


def who_asks() -> str:
    """Tell how the reader called themselves before; empty where they did not."""
    return _plain(request.cookies.get(COOKIE, ""))


def read_who(form: MultiDict[str, str]) -> str:
    """Read how the reader calls themselves; as before where the form does not say."""
    return _plain(form["who"]) if "who" in form else who_asks()


def remember(response: Response, who: str) -> Response:
    """Keep how the reader calls themselves, for a year."""
    if who and who != who_asks():
        response.set_cookie(
            COOKIE, who, max_age=_YEAR_S, samesite="Lax", httponly=True, secure=request.is_secure,
            path=f"{request.script_root}/plan",
        )  # fmt: skip
    return response


def _plain(text: str) -> str:
    """Cut a name to one short line."""
    kept = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(kept.split())[:MOST_WHO]
