"""Reading published figures to check: those that ship in ``layers/claims``, and a planner's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from geomap.data.strict_toml import Key, faults_of, label, load
from geomap.errors import DataError
from geomap.model.claims import PARTS, RELATIONS, Claim, Figure
from geomap.model.standards import SURENESS
from geomap.settings import layers_dir

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_CLAIM: Final = {
    "key": Key("text"),
    "said": Key("label"),
    "place": Key("label"),
    "adcode": Key("text"),
    "on": Key("day", required=False),
    "indicator": Key("text"),
    "sureness": Key("text", among=[each for each in SURENESS if each != "changed"]),
    "source_url": Key("text", required=False),
    "inputs": Key("table", required=False),
    "lacks": Key("texts", required=False),
    "note": Key("label", required=False),
    "figure": Key("tables"),
}
_FIGURE: Final = {
    "part": Key("text", among=PARTS),
    "published": Key("number", required=False),
    "relation": Key("text", required=False, among=RELATIONS),
    "tolerance": Key("number", required=False),
    "pack": Key("text", required=False),
    "rule": Key("text", required=False),
}
_INPUTS: Final = {each: Key("number", required=False) for each in PARTS if each != "value"}


def read_claims(folder: Path | None = None) -> dict[str, Claim]:
    """Read every claim of a folder of TOML files.

    Parameters
    ----------
    folder : where they are; those that ship where None.

    Returns
    -------
    Claims by their key, in order of the files' names.

    Raises
    ------
    DataError : if a file holds anything unknown, or two claims have the same key.
    """
    claims: dict[str, Claim] = {}
    for path in sorted((folder or layers_dir() / "claims").glob("*.toml")):
        for claim in read_claim_file(path):
            if claim.key in claims:
                raise DataError(f"{path.name}: claim {claim.key} stands twice")
            claims[claim.key] = claim
    return claims


def read_claim_file(path: Path) -> list[Claim]:
    """Read the claims of one file.

    Raises
    ------
    NotFoundError : if there is no such file.
    DataError : if anything in it is unknown, missing or of the wrong kind; it says all of it.
    """
    told = load(path)
    faults = faults_of(told, {"claim": Key("tables")}, "file")
    claims = told.get("claim")
    for number, each in enumerate(claims if isinstance(claims, list) else [], 1):
        faults += _claim_faults(each, f"claim {number}")
    if faults:
        raise DataError(f"{path.name} holds no claims to check: {'; '.join(faults)}")
    return [_claim(each) for each in told["claim"]]


def _claim_faults(told: object, where: str) -> list[str]:
    faults = faults_of(told, _CLAIM, where)
    if not isinstance(told, dict):
        return faults
    faults += faults_of(told.get("inputs", {}), _INPUTS, f"{where}, inputs")
    figures = told.get("figure")
    for number, each in enumerate(figures if isinstance(figures, list) else [], 1):
        here = f"{where}, figure {number}"
        wrong = faults_of(each, _FIGURE, here)
        faults += wrong or _figure_faults(each, here)
    return faults


def _figure_faults(told: Mapping[str, Any], where: str) -> list[str]:
    """Say what fits by itself but not together."""
    by_rule = "pack" in told and "rule" in told
    checks = [
        (("pack" in told) == ("rule" in told), "pack and rule go together"),
        (("published" in told) != by_rule, "give published, or pack and rule"),
        (told.get("tolerance", 0) >= 0, "tolerance must be 0 or more"),
    ]
    return [f"{where}: {said}" for fits, said in checks if not fits]


def _claim(told: Mapping[str, Any]) -> Claim:
    names = ("key", "adcode", "on", "indicator", "sureness", "source_url")
    return Claim(
        said=label(told["said"]),
        place=label(told["place"]),
        figures=tuple(Figure(**each) for each in told["figure"]),
        note=label(told["note"]) if "note" in told else None,
        lacks=tuple(told.get("lacks", ())),
        inputs={part: float(number) for part, number in told.get("inputs", {}).items()},
        **{name: told[name] for name in names if name in told},
    )
