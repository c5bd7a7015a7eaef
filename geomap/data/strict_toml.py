"""Reading TOML strictly: every key known, every value of its kind, all faults said at once."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from geomap.errors import DataError, NotFoundError
from geomap.model.table import Label

if TYPE_CHECKING:
    from pathlib import Path

Kind = Literal["text", "label", "number", "day", "texts", "table", "tables"]
#: A text of rules is short; what is larger is something else.
MOST_BYTES: Final = 262_144
_SAID: Final[Mapping[Kind, str]] = {
    "text": "a text",
    "label": "a text in zh and one in en",
    "number": "a finite number",
    "day": "a date",
    "texts": "a list of texts",
    "table": "a table",
    "tables": "a list of tables",
}


@dataclass(frozen=True)
class Key:
    """What may stand under a key: its kind, whether it must, and which texts are allowed."""

    kind: Kind
    required: bool = True
    among: Collection[str] | None = None


def load(path: Path) -> dict[str, Any]:
    """Read a TOML document.

    Raises
    ------
    NotFoundError : if there is no such file.
    DataError : if it cannot be read, is too large, not UTF-8 or not TOML.
    """
    if not path.is_file():
        raise NotFoundError(f"{path.name} is not there")
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error}") from error
    if len(content) > MOST_BYTES:
        raise DataError(f"{path.name} must have at most {MOST_BYTES:,} bytes")
    try:
        return tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # of thousands of digits int makes a ValueError
        raise DataError(f"{path.name} must be TOML in UTF-8, got: {error}") from error


def faults_of(table: object, keys: Mapping[str, Key], where: str) -> list[str]:
    """Say everything that is wrong with a table.

    Examples
    --------
    >>> faults_of({"numbr": 1, "of": "x"}, {"number": Key("number"), "of": Key("text")}, "rule 1")
    ['rule 1: numbr is not known', 'rule 1: number must be a finite number, got nothing']
    """
    if not isinstance(table, Mapping):
        return [f"{where} must be a table, got {table!r:.60}"]
    faults = [f"{where}: {name} is not known" for name in table if name not in keys]
    for name, key in keys.items():
        value = table.get(name)
        if value is None:
            faults += [f"{where}: {name} must be {_SAID[key.kind]}, got nothing"] * key.required
        elif not _fits(value, key.kind):
            faults.append(f"{where}: {name} must be {_SAID[key.kind]}, got {value!r:.60}")
        elif key.among is not None:
            wrong = [each for each in ([value] if key.kind == "text" else value)
                     if each not in key.among]  # fmt: skip
            said = ", ".join(key.among)
            faults += [f"{where}: {name} must be one of {said}, got {each!r}" for each in wrong]
    return faults


def label(told: Mapping[str, str]) -> Label:
    """Give a text in two languages."""
    return Label(told["zh"], told["en"])


def _fits(value: object, kind: Kind) -> bool:  # noqa: PLR0911 (one answer a kind)
    if kind == "text":
        return isinstance(value, str) and bool(value.strip())
    if kind == "label":
        return (
            isinstance(value, Mapping)
            and set(value) == {"zh", "en"}
            and all(_fits(each, "text") for each in value.values())
        )
    if kind == "number":
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return abs(value) <= sys.float_info.max  # a whole number may be too large for a float
    if kind == "day":
        return isinstance(value, date) and not isinstance(value, datetime)
    if kind == "texts":
        return isinstance(value, list) and all(_fits(each, "text") for each in value)
    if kind == "table":
        return isinstance(value, Mapping)
    return isinstance(value, list) and bool(value) and all(isinstance(e, Mapping) for e in value)
