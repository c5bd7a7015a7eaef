"""The form of one change: which facility, what happens to it, where and how many beds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from flask_babel import gettext as _

from geomap.errors import ParameterError
from geomap.model.facility import TYPES
from geomap.model.scenario import KINDS, Change
from geomap.web.language import current_language
from geomap.web.query import decimal, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.datastructures import MultiDict

    from geomap.model.scenario import Scenario
    from geomap.web.state import Snapshot

FIELDS: Final = ("kind", "facility_id", "name", "type", "lon", "lat", "beds", "cost", "place")
MOST_NAME, MOST_BEDS, MOST_COST = 80, 100_000, 1e12
_MOST_MATCHES: Final = 12
_MOST_WORDS: Final = 200
_PLACED: Final = ("add", "move")


@dataclass(frozen=True)
class Match:
    """A facility or a place that a text may mean."""

    value: str
    name: str
    more: str


@dataclass(frozen=True)
class ChangeForm:
    """What was read: a change, or what is wrong with it; and the texts as they came.

    Parameters
    ----------
    facilities, places : those that the text of the field may mean, to choose from.
    """

    change: Change | None = None
    faults: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(FIELDS, ""))
    facilities: tuple[Match, ...] = ()
    places: tuple[Match, ...] = ()


def read_change(form: MultiDict[str, str], scenario: Scenario, data: Snapshot) -> ChangeForm:
    """Read a change; what its kind does not need is not looked at."""
    reader = _Reader(form, scenario, data)
    kind = form.get("kind", "")
    values = {name: form.get(name, "").strip()[:_MOST_WORDS] for name in FIELDS}
    if kind not in KINDS:
        return ChangeForm(faults={"kind": _("请选要做什么。")}, values=values)
    told: dict[str, Any] = {"kind": kind, "cost": reader.cost()}
    if kind == "add":
        told |= {"facility_id": "", "name": reader.name(), "type": reader.type()}
    else:
        told["facility_id"] = reader.facility()
    if kind in _PLACED:
        told["lon"], told["lat"] = reader.spot()
    if kind in ("add", "enlarge"):
        told["beds"] = reader.beds(needed=kind == "enlarge")
    change, faults = None, reader.faults
    if not faults:
        try:
            change = Change(**told).checked()
        except ParameterError as error:
            faults["kind"] = error.said(current_language())
    return ChangeForm(change, faults, values | reader.found, reader.facilities, reader.places)


@dataclass
class _Reader:
    """Reads fields; what is wrong with one is told at it."""

    form: MultiDict[str, str]
    scenario: Scenario
    data: Snapshot
    faults: dict[str, str] = field(default_factory=dict)
    found: dict[str, str] = field(default_factory=dict)
    facilities: tuple[Match, ...] = ()
    places: tuple[Match, ...] = ()

    def text(self, name: str) -> str:
        """Give what stands in a field."""
        return self.form.get(name, "").strip()[:_MOST_WORDS]

    def name(self) -> str | None:
        """Read what a new facility is called."""
        text = self.text("name")
        if len(text) > MOST_NAME or not text.isprintable():
            self.faults["name"] = _("名称请写在一行里，最多 %(most)s 个字。", most=MOST_NAME)
        return text or None

    def type(self) -> str | None:
        """Read what kind of facility a new one is."""
        text = self.text("type")
        if text not in TYPES:
            self.faults["type"] = _("请选新机构的类型。")
        return text or None

    def beds(self, *, needed: bool) -> int | None:
        """Read how many beds there are then."""
        text = self._plain("beds")
        if not text:
            if needed:
                self.faults["beds"] = _("请填改完以后一共有几张床位。")
            return None
        try:
            return whole(text, minimum=0, maximum=MOST_BEDS)
        except ValueError:
            self.faults["beds"] = _("请填 %(least)s 到 %(most)s 之间的整数。",
                                    least="0", most=f"{MOST_BEDS:,}")  # fmt: skip
            return None

    def cost(self) -> float | None:
        """Read what it costs; empty is unknown."""
        text = self._plain("cost")
        return self._number("cost", text, 0, MOST_COST) if text else None

    def spot(self) -> tuple[float | None, float | None]:
        """Read where it is then: by degrees, else by the name of a place."""
        texts = [self._plain(each) for each in ("lon", "lat")]
        if not any(texts):
            return self._named_spot()
        lon, lat = (
            self._number(name, text, -bound, bound)
            for name, text, bound in zip(("lon", "lat"), texts, (180, 90), strict=True)
        )
        return lon, lat

    def facility(self) -> str:
        """Find which facility is meant: by its id, else by its name."""
        text = self.form.get("pick") or self.text("facility_id")
        if not text:
            self.faults["facility_id"] = _("请写是哪一家：机构名或编号。")
            return ""
        ids = {each.facility_id for each in self.scenario.changes}
        if text in self.data.rows_by_id or text in ids:
            self.found["facility_id"] = text
            return text
        matches, many = self._named(text)
        if len(matches) == 1 and matches[0].name == text:
            self.found["facility_id"] = matches[0].value
            return matches[0].value
        self.facilities = tuple(matches)
        self.faults["facility_id"] = _which(text, len(matches), many)
        return ""

    def _named(self, text: str) -> tuple[list[Match], int]:
        """List those whose name holds a text, the scenario's own first; and count them.

        The only one that is called exactly so is given alone.
        """
        language, changes = current_language(), self.scenario.changes
        found = [
            Match(each.facility_id, each.name or each.facility_id, _("本方案新建"))
            for each in changes if each.kind == "add" and text in (each.name or "")
        ]  # fmt: skip
        names = self.data.facilities["name"]
        rows = np.flatnonzero(names.str.contains(text, case=False, regex=False, na=False))
        many = len(found) + len(rows)
        rows = rows[np.argsort(names.iloc[rows] != text, kind="stable")][:_MOST_MATCHES]
        some = self.data.facilities.iloc[rows]
        found += [
            Match(str(row["id"]), str(row["name"]), " · ".join(filter(None, (
                TYPES[row["type"]].of(language), self.data.division(row["adcode"])))))
            for row in some[["id", "name", "type", "adcode"]].to_dict("records")
        ]  # fmt: skip
        same = [each for each in found if each.name == text]
        return (same, 1) if len(same) == 1 else (found[:_MOST_MATCHES], many)

    def _named_spot(self) -> tuple[float | None, float | None]:
        """Find a place by its name; several are offered to choose from."""
        picked = self.form.get("spot", "").split(",")
        if len(picked) == 2:  # noqa: PLR2004 (degrees east and north)
            lon, lat = (self._number("place", each, -180, 180) for each in picked)
            return lon, lat
        text = self.text("place")
        if not text:
            self.faults["lon"] = _("请填位置：在地图上点一下，或者写地名，或者填经纬度。")
            return None, None
        hits = [each for each in self.data.search.search(text, limit=_MOST_MATCHES)
                if each.lon is not None and each.lat is not None]  # fmt: skip
        self.places = tuple(
            Match(f"{each.lon:.6f},{each.lat:.6f}", each.name, each.label) for each in hits
        )
        self.faults["place"] = (
            _("“%(name)s”可能是下面这些，请选一处。", name=text)
            if hits else _("没有找到“%(name)s”。试试只写区名或路名。", name=text)
        )  # fmt: skip
        return None, None

    def _plain(self, name: str) -> str:
        """Give a number's text without the marks that people put between digits."""
        return self.text(name).replace(",", "").replace("，", "")

    def _number(self, name: str, text: str, least: float, most: float) -> float | None:
        """Read a number."""
        try:
            return decimal(text, minimum=least, maximum=most)
        except ValueError:
            self.faults[name] = _("请填 %(least)s 到 %(most)s 之间的数。",
                                  least=f"{least:g}", most=f"{most:,.16g}")  # fmt: skip
            return None


def _which(text: str, listed: int, many: int) -> str:
    """Say that a text means none, or several, of which some are listed."""
    if not listed:
        return str(_("没有找到“%(name)s”。请换个写法，或写编号。", name=text))
    if many > listed:
        counts = {"many": f"{many:,}", "n": f"{listed:,}"}
        said = _("名字里有“%(name)s”的有 %(many)s 家，下面是 %(n)s 家；没有的话，请把名字写全。")
        return str(said % {"name": text, **counts})
    return str(_("名字里有“%(name)s”的，请选是哪一家。", name=text))
