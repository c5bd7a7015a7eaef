"""Scenarios: named lists of changes to the facilities that stand, made to see what they would do.

A change says what it is of by the facility's id and gives only what its kind needs; what cannot
be meant is refused where it is made, so that what is kept can always be worked out.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields, replace
from itertools import count
from numbers import Real
from typing import TYPE_CHECKING, Any, Final, Self

from geomap.errors import ParameterError
from geomap.model.facility import MOST, TYPES
from geomap.model.table import LARGEST, Label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: What may be done to a facility.
KIND_LABELS: Final[Mapping[str, Label]] = {
    "add": Label("新建", "Add"),
    "move": Label("迁址", "Move"),
    "close": Label("关停", "Close"),
    "enlarge": Label("改床位", "Change beds"),
}
KINDS: Final = ("add", "move", "close", "enlarge")
#: What each kind must be told, apart from its facility's id; and what else it may be.
_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "add": ("type", "lon", "lat"),
    "move": ("lon", "lat"),
    "close": (),
    "enlarge": ("beds",),
}
_MAY: Final[Mapping[str, tuple[str, ...]]] = {
    "add": ("name", "beds", "cost"),
    "move": ("cost",),
    "close": ("cost",),
    "enlarge": ("cost",),
}
_SAID: Final[Mapping[str, Label]] = {
    "facility_id": Label("机构编号", "facility_id"),
    "name": Label("名称", "name"),
    "type": Label("机构类型", "type"),
    "lon": Label("经度", "lon"),
    "lat": Label("纬度", "lat"),
    "beds": Label("床位", "beds"),
    "cost": Label("费用", "cost"),
}
_NUMBERS: Final[Mapping[str, tuple[float, float]]] = {
    "lon": (-180.0, 180.0),
    "lat": (-90.0, 90.0),
    "beds": (0.0, MOST),
    "cost": (0.0, LARGEST),
}
#: Ids longer than this are no ids, and names longer no names.
_LONGEST: Final = 200
#: Of ASCII digits: float() would take "nan", "1_000" and digits of any script.
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,16}(\.[0-9]{1,17})?(e[+-]?[0-9]{1,2})?", re.IGNORECASE)
_GROUPED: Final = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
#: Control characters and halves of surrogate pairs cannot be written or read back; characters that
#: turn the direction of writing make a line read as what it is not.
_UNWRITABLE: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)
LONGEST_NAME: Final = 80
LONGEST_NOTE: Final = 2_000


@dataclass(frozen=True)
class Change:
    """One change to one facility.

    Attributes
    ----------
    kind : of :data:`KINDS`.
    facility_id : of what stands; of an added one its own new id, given by the store where empty.
    name, type : of an added facility; one that is not named goes by its id.
    lon, lat : of an added or moved one: WGS-84 degrees.
    beds : of an added one, unknown allowed; of an enlarged one its beds in all afterwards, which
        may be fewer.
    cost : yuan; None is unknown, not free.
    """

    kind: str
    facility_id: str
    name: str | None = None
    type: str | None = None
    lon: float | None = None
    lat: float | None = None
    beds: float | None = None
    cost: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON takes it: every part by its name, None where unknown."""
        return asdict(self)

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Self:
        """Read a change from its parts by name; absent ones are unknown.

        Numbers may be text, as forms and tables give them; empty text is unknown.

        Raises
        ------
        ParameterError : if a part is not known, or as :meth:`checked` says.

        Examples
        --------
        >>> Change.from_dict({"kind": "close", "facility_id": "n1"}).kind
        'close'
        >>> Change.from_dict({"kind": "enlarge", "facility_id": "n1", "beds": "120"}).beds
        120
        """
        known = [each.name for each in fields(cls)]
        foreign = sorted(set(told) - set(known))
        if foreign:
            raise ParameterError(
                f"a change has no {', '.join(foreign)}; it has {', '.join(known)}",
                zh=f"改动没有这些项：{'、'.join(foreign)}；有：{'、'.join(known)}",
            )
        parts = {name: _read(name, value) for name, value in told.items()}
        return cls(**{"kind": "", "facility_id": "", **parts}).checked()

    def checked(self) -> Self:
        """Give the change as it is kept.

        A name and type of what stands are left out: its id tells them.

        Raises
        ------
        ParameterError : if the kind is unknown, something it needs is missing, something it
            cannot use is given, or a value is of the wrong kind or out of range.

        Examples
        --------
        >>> Change("move", "n1", lon=121.5, lat=None).checked()
        Traceback (most recent call last):
        geomap.errors.ParameterError: a change of kind move needs lat
        >>> Change("close", "n1", name="和睦养老院").checked().name is None
        True
        """
        if self.kind not in KINDS:
            allowed = ", ".join(KINDS)
            allowed_zh = "、".join(f"{name}（{label.zh}）" for name, label in KIND_LABELS.items())
            raise ParameterError(
                f"kind must be one of {allowed}, got {self.kind!r}",
                zh=f"改动类型须为 {allowed_zh} 之一，这里是 {self.kind!r}",
            )
        adds = self.kind == "add"
        parts = {name: _checked(name, getattr(self, name)) for name in _SAID}
        if not adds:
            parts |= {"name": None, "type": None}
            _require(self.kind, {"facility_id": parts["facility_id"]}, ("facility_id",))
        _require(self.kind, parts, _NEEDS[self.kind])
        _refuse_useless(self.kind, parts)
        if adds and parts["name"] is None:
            parts["name"] = parts["facility_id"]
        parts["facility_id"] = parts["facility_id"] or ""
        return replace(self, **parts)


@dataclass(frozen=True)
class Scenario:
    """A named list of changes, as it stands after its last revision.

    Attributes
    ----------
    revision : raised by whatever changes it, undoing included; never given twice.
    who : changed it last.
    made_at, changed_at : ISO 8601, UTC.
    can_undo : whether a change of the list can be taken back.
    """

    id: str
    name: str
    note: str
    changes: tuple[Change, ...]
    revision: int
    who: str
    made_at: str
    changed_at: str
    can_undo: bool


def with_ids(changes: Sequence[Change], *, taken: Iterable[str] = ()) -> list[Change]:
    """Give an id to each added facility that has none: new-1, new-2 ...

    Parameters
    ----------
    changes : checked.
    taken : ids that cannot be given, beside those of the changes.

    Examples
    --------
    >>> bare = Change("add", "", type="nursing_home", lon=121.5, lat=31.2)
    >>> [each.facility_id for each in with_ids([bare, bare], taken=["new-1"])]
    ['new-2', 'new-3']
    """
    used = {*taken, *(each.facility_id for each in changes)}
    free = (id_ for id_ in map("new-{}".format, count(1)) if id_ not in used)
    return [
        each if each.facility_id else replace(each, facility_id=next(free)).checked()
        for each in changes
    ]


def checked_name(name: str) -> str:
    """Give a scenario's name as it is kept.

    Raises
    ------
    ParameterError : if it is not one line of 1 to 80 characters.

    Examples
    --------
    >>> checked_name(" 关两家，建一家 ")
    '关两家，建一家'
    """
    kept = name.strip()
    if not 1 <= len(kept) <= LONGEST_NAME or _UNWRITABLE.search(kept):
        raise ParameterError(
            f"a scenario's name must be one line of 1 to {LONGEST_NAME} characters,"
            f" got {kept[:40]!r}",
            zh=f"方案名称须为一行，1 到 {LONGEST_NAME} 个字，这里是 {kept[:40]!r}",
        )
    return kept


def checked_note(note: str) -> str:
    """Give a scenario's note as it is kept; it may have several lines.

    Raises
    ------
    ParameterError : if it is longer than 2,000 characters or cannot be written.
    """
    kept = note.replace("\r\n", "\n").strip()
    if len(kept) > LONGEST_NOTE or _UNWRITABLE.search(kept.replace("\n", "").replace("\t", "")):
        raise ParameterError(
            f"a scenario's note must be text of at most {LONGEST_NOTE:,} characters,"
            f" got {kept[:40]!r}",
            zh=f"方案说明须为文字，至多 {LONGEST_NOTE:,} 个字，这里是 {kept[:40]!r}",
        )
    return kept


def _read(name: str, value: object) -> Any:  # noqa: ANN401 (any part)
    """Read one part as a form or table gives it."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if name not in _NUMBERS:
        return text
    if not text:
        return None
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if not _DECIMAL.fullmatch(text):
        raise _not_a_number(name, value)
    return float(text)


def _checked(name: str, value: object) -> Any:  # noqa: ANN401 (any part)
    """Check one part, whatever the kind; None is unknown."""
    if value is None:
        return None
    return _number(name, value) if name in _NUMBERS else _text(name, value)


def _text(name: str, value: object) -> str | None:
    """Check a text; an empty one is unknown."""
    if not isinstance(value, str):
        raise ParameterError(
            f"{name} must be text, got {value!r}", zh=f"{_SAID[name].zh}须为文字，这里是 {value!r}"
        )
    text = value.strip()
    if _UNWRITABLE.search(text) or len(text) > _LONGEST:
        raise ParameterError(
            f"{name} must be one line of at most {_LONGEST} characters, got {text[:40]!r}",
            zh=f"{_SAID[name].zh}须为一行，至多 {_LONGEST} 个字，这里是 {text[:40]!r}",
        )
    if name == "type" and text and text not in TYPES:
        allowed = ", ".join(TYPES)
        allowed_zh = "、".join(f"{name}（{label.zh}）" for name, label in TYPES.items())
        raise ParameterError(
            f"type must be one of {allowed}, got {text!r}",
            zh=f"机构类型须为 {allowed_zh} 之一，这里是 {text!r}",
        )
    return text or None


def _number(name: str, value: object) -> float:
    """Check a number: finite, in its range, and whole where it counts beds."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise _not_a_number(name, value)
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    least, most = _NUMBERS[name]
    if not least <= number <= most:  # nan is not either
        raise ParameterError(
            f"{name} must be from {least:,g} to {most:,g}, got {number:g}",
            zh=f"{_SAID[name].zh}须在 {least:,g} 到 {most:,g} 之间，这里是 {number:g}",
        )
    if name != "beds":
        return number
    if not number.is_integer():
        raise ParameterError(
            f"beds must be a whole number, got {number:g}", zh=f"床位须为整数，这里是 {number:g}"
        )
    return int(number)


def _not_a_number(name: str, value: object) -> ParameterError:
    """Say that something is no number."""
    return ParameterError(
        f"{name} must be a number, got {value!r}", zh=f"{_SAID[name].zh}须为数字，这里是 {value!r}"
    )


def _require(kind: str, parts: Mapping[str, Any], needed: tuple[str, ...]) -> None:
    """Refuse a change that lacks what its kind needs."""
    missing = [name for name in needed if parts[name] is None]
    if missing:
        raise ParameterError(
            f"a change of kind {kind} needs {', '.join(missing)}",
            zh=f"“{KIND_LABELS[kind].zh}”还缺：{'、'.join(_SAID[name].zh for name in missing)}",
        )


def _refuse_useless(kind: str, parts: Mapping[str, Any]) -> None:
    """Refuse what a kind cannot use: it was meant to do something."""
    usable = {"facility_id", *_NEEDS[kind], *_MAY[kind]}
    useless = [name for name, value in parts.items() if value is not None and name not in usable]
    if useless:
        raise ParameterError(
            f"a change of kind {kind} takes no {', '.join(useless)}; make another change for it",
            zh=f"“{KIND_LABELS[kind].zh}”不能带：{'、'.join(_SAID[name].zh for name in useless)}；"
            "请另加一项改动",
        )
