"""Reading rule packs: those that ship in ``layers/standards``, and a planner's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from geomap.data.strict_toml import Key, faults_of, label, load
from geomap.errors import DataError, NotFoundError
from geomap.model.facility import TYPES
from geomap.model.standards import (
    AREA_TYPES,
    DIRECTIONS,
    MEASURES,
    SURENESS,
    UNITS,
    Rule,
    RulePack,
)
from geomap.settings import layers_dir

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_PACK: Final = {
    "key": Key("text"),
    "version": Key("text"),
    "label": Key("label"),
    "adcode": Key("text", required=False),
    "updated": Key("day"),
    "rule": Key("tables"),
}
_RULE: Final = {
    "key": Key("text"),
    "label": Key("label"),
    "measure": Key("text", among=MEASURES),
    "unit": Key("text", among=UNITS),
    "direction": Key("text", among=DIRECTIONS),
    "number": Key("number"),
    "number_to": Key("number", required=False),
    "area_type": Key("text", among=AREA_TYPES),
    "clause": Key("label"),
    "since": Key("day"),
    "until": Key("day", required=False),
    "due": Key("day", required=False),
    "sureness": Key("text", among=SURENESS),
    "source_url": Key("text", required=False),
    "facility_types": Key("texts", required=False, among=TYPES),
}
_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
_ADCODE = re.compile(r"[1-9]\d{5}")


def read_packs(folder: Path | None = None) -> dict[str, RulePack]:
    """Read every rule pack of a folder.

    Parameters
    ----------
    folder : where they are; those that ship where None.

    Returns
    -------
    Packs by their key, in order of the files' names.

    Raises
    ------
    DataError : if a file is no rule pack, or two have the same key.
    """
    packs: dict[str, RulePack] = {}
    for path in sorted((folder or layers_dir() / "standards").glob("*.toml")):
        pack = read_pack(path)
        if pack.key in packs:
            raise DataError(f"{path.name} must have a key of its own, got {pack.key!r} again")
        packs[pack.key] = pack
    return packs


def read_pack(path: Path) -> RulePack:
    """Read a rule pack.

    Raises
    ------
    NotFoundError : if there is no such file.
    DataError : if anything in it is unknown, missing or out of range; it says all of it.
    """
    told = load(path)
    faults = faults_of(told, _PACK, "pack")
    rules = told.get("rule")
    for number, each in enumerate(rules if isinstance(rules, list) else [], 1):
        where = f"rule {number}"
        wrong = faults_of(each, _RULE, where)
        faults += wrong or _impossible(each, where)
    faults += [] if faults else _names(told)
    if faults:
        raise DataError(f"{path.name} is no rule pack: {'; '.join(faults)}")
    found = {each["key"]: _rule(each) for each in told["rule"]}
    own = {name: told[name] for name in ("key", "version", "updated")}
    return RulePack(label=label(told["label"]), adcode=told.get("adcode"), rules=found, **own)


def find_pack(key: str, folder: Path | None = None) -> RulePack:
    """Give a pack by its key.

    Raises
    ------
    NotFoundError : if there is none.
    """
    packs = read_packs(folder)
    if key not in packs:
        raise NotFoundError(f"no rule pack is called {key!r}: there are {', '.join(packs)}")
    return packs[key]


def _impossible(told: Mapping[str, Any], where: str) -> list[str]:
    """Say what fits by itself but not together."""
    number, upper = told["number"], told.get("number_to")
    between = told["direction"] == "between"
    checks = [
        (number > 0, "number must be positive"),
        ((upper is not None) == between, "number_to goes with between, and between with it"),
        (upper is None or upper > number, "number_to must be greater than number"),
        (MEASURES[told["measure"]] == told["unit"],
         f"unit of {told['measure']} must be {MEASURES[told['measure']]}"),
        (told["unit"] != "%" or number <= 100, "number must be at most 100 %"),  # noqa: PLR2004
        ("until" not in told or told["until"] > told["since"], "until must be after since"),
        ("due" not in told or told["due"] >= told["since"], "due must not be before since"),
        (told["sureness"] != "changed", "sureness must be official, reported or unverified"),
        ("facility_types" not in told or told["measure"] == "facility_floor_m2",
         "facility_types go with facility_floor_m2"),
    ]  # fmt: skip
    return [f"{where}: {said}" for fits, said in checks if not fits]


def _names(told: Mapping[str, Any]) -> list[str]:
    """Say which names are not fit to be keys."""
    keys = [each["key"] for each in told["rule"]]
    wrong = [each for each in [told["key"], *keys] if not _KEY.fullmatch(each)]
    faults = [f"key must be small letters, digits and _, got {each!r}" for each in wrong]
    again = sorted({each for each in keys if keys.count(each) > 1})
    faults += [f"rule {each} stands twice" for each in again]
    adcode = told.get("adcode")
    if adcode is not None and not _ADCODE.fullmatch(adcode):
        faults.append(f"adcode must be six digits, got {adcode!r}")
    return faults


def _rule(told: Mapping[str, Any]) -> Rule:
    own = {"label", "clause", "facility_types", "number", "number_to"}
    plain = {name: value for name, value in told.items() if name not in own}
    upper = told.get("number_to")
    return Rule(
        label=label(told["label"]),
        clause=label(told["clause"]),
        number=float(told["number"]),
        number_to=None if upper is None else float(upper),
        facility_types=tuple(told.get("facility_types", ())),
        **plain,
    )
