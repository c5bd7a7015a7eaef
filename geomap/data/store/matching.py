"""Which rows of a list may be records that are there already, by name, place and telephone.

Two lists of two offices have no id in common, and one office numbers its list anew: then every
home would be there twice. What may be the same is found and shown; a reviewer decides. Rules:

- Nothing is the same by the telephone alone: branches share the number of their head office.
  A number that many records share says nothing at all.
- Marks and kinds must fit (see :mod:`geomap.data.store.naming`): 第一敬老院 is not
  第二敬老院, and a day-care centre is not the home in whose house it is.
- The same name is the same thing where the place agrees, or the telephone; a similar name
  (a typing error, a shortened one) where the telephone agrees or the place does and the
  telephone does not object. Names without a core (幸福院) are the same in every village, so they
  need the place or the telephone too.
- The same name alone counts where only one record of each list has it in its county.
- Another name with the same telephone at the same place may be a home that was renamed.
- Unknown is not no: a missing telephone or place neither confirms nor denies.

To compare 400,000 with 400,000, only pairs that agree in something are looked at: the last digits
of a telephone, the core of the name (in the county), the address, or being near.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from geomap.data.store.naming import SHORTEST_CORE, Names, plain_texts, take_apart
from geomap.model.geodesy import ecef

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Positions = NDArray[np.int64]

#: Places this near agree: the two ends of a large home, or the two sides of its street.
NEAR_M = 300.0
#: Exact places beyond this are two places; a datum that was not stated moves things by 700 m.
FAR_M = 3_000.0
#: Nothing moves or is located as roughly as this.
ROUGHLY_M = 50_000.0
#: Names of four characters that differ in one are similar; of three they are not.
SIMILAR = 0.75
#: As similar as this, a name stands against a telephone that differs.
VERY_SIMILAR = 0.85
#: How similar a name is at least to one that holds it whole: 至善 and 台北至善.
CONTAINED = 0.8
#: A number, core or address that more records of a list share says nothing of any of them.
SHARED = 20
#: So many neighbours of a row are looked at; a namesake farther down is found by its core.
NEIGHBOURS = 12
#: Candidates scored this much below the best one of a row are not shown.
_MARGIN = 0.05
_FEWEST_DIGITS = 7
_ROUGH = ("township", "county")
#: The kinds (of :mod:`~geomap.data.store.naming`) that a stated type means.
_KINDS_OF_TYPE = {"nursing_home": 1, "rural_welfare_home": 1, "community_center": 2}
_KINDS_OF_TYPE |= {"rural_mutual_aid_home": 4}

_BETWEEN_NUMBERS = re.compile(r"[/、,，;；|。]|或|及|和|\bor\b|\s{2,}")
_EXTENSION = re.compile(r"(?:#|\*|x|ext|转|轉|分机|分機|内线|內線|~|至).*$", re.IGNORECASE)

_WHY = [
    ", ".join(word for bit, word in enumerate(("name", "place", "phone")) if agreed >> bit & 1)
    for agreed in range(8)
]
COLUMNS = ("row", "other", "why", "distance_m", "similarity", "score", "certain")


class _Things(NamedTuple):
    """One side of the comparison: n things, ready to be compared."""

    names: Names
    kinds: NDArray[np.int64]
    adcode: NDArray[np.object_]
    address: NDArray[np.object_]
    xyz: NDArray[np.float64]
    rough: Bools
    phones: pd.DataFrame
    has_phone: Bools


class _Evidence(NamedTuple):
    """What n pairs agree and differ in."""

    same_name: Bools
    own_name: Bools
    rare: Bools
    similarity: NDArray[np.float64]
    similar: Bools
    phone: Bools
    other_phone: Bools
    near: Bools
    far: Bools
    same_county: Bools
    distance_m: NDArray[np.float64]


def possible_pairs(rows: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Pair rows with the records that they may be.

    Parameters
    ----------
    rows, others : (n,) and (m,) with the columns name, phone, address, adcode, type,
        location_precision (unknown ones missing) and lon, lat (degrees, NaN where unknown).

    Returns
    -------
    (k,) frame, best first: row and other (positions), why (which of name, place, phone agree),
    distance_m (NaN where a place is not known), similarity of the names and score (0 to 1),
    certain (the same name with the place or the telephone, and nothing else comes near).
    """
    if rows.empty or others.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    mine, theirs = _things(rows), _things(others)
    agreeing = _by_phone(mine, theirs)
    found = np.unique(np.concatenate([agreeing, _by_core(mine, theirs), *_by_place(mine, theirs)]))
    one, two = np.divmod(found, len(others))
    fits = _marks_fit(mine, theirs, one, two)
    one, two, found = one[fits], two[fits], found[fits]
    evidence = _evidence(mine, theirs, one, two, np.isin(found, agreeing))
    kept = np.flatnonzero(_may_be_same(evidence))
    return _best(_shown(one, two, evidence).iloc[kept])


def _things(frame: pd.DataFrame) -> _Things:
    """Prepare one side."""
    names = take_apart(frame["name"])
    stated = frame["type"].map(_KINDS_OF_TYPE).fillna(0).to_numpy(dtype=np.int64)
    phones = _phones(frame["phone"])
    has_phone = np.zeros(len(frame), dtype=bool)
    has_phone[phones["place"]] = True
    address = plain_texts(frame["address"])
    address = address.where(address.str.contains("[0-9]", regex=True), None)
    return _Things(
        names,
        np.where(names.kinds == 0, stated, names.kinds),
        frame["adcode"].astype(object).where(frame["adcode"].notna(), "").to_numpy(),
        address.astype(object).where(address.notna(), "").to_numpy(),
        ecef(frame["lon"], frame["lat"]),
        frame["location_precision"].isin(_ROUGH).to_numpy(),
        phones,
        has_phone,
    )


def _phones(texts: pd.Series) -> pd.DataFrame:
    """List every number with the position of its row: its digits, and the last seven as a key."""
    found: list[tuple[int, str]] = []
    for place, text in enumerate(texts.tolist()):
        if not isinstance(text, str):
            continue
        for part in _BETWEEN_NUMBERS.split(text):
            digits = re.sub(r"[^0-9]", "", _EXTENSION.sub("", part)).lstrip("0")
            if len(digits) >= _FEWEST_DIGITS:
                found.append((place, digits))
    frame = pd.DataFrame(found, columns=["place", "digits"]).drop_duplicates()
    return frame.astype({"place": np.int64}).assign(key=frame["digits"].str[-_FEWEST_DIGITS:])


def _by_phone(mine: _Things, theirs: _Things) -> Positions:
    """Find pairs with a number in common that is not everybody's.

    One may be written without its area or country code.
    """
    pairs = _joined([mine.phones, theirs.phones], ["key"])
    both = zip(pairs["digits_x"].tolist(), pairs["digits_y"].tolist(), strict=True)
    same = [one.endswith(two) or two.endswith(one) for one, two in both]
    return _codes(pairs[np.array(same, dtype=bool)], theirs)


def _by_core(mine: _Things, theirs: _Things) -> Positions:
    """Find pairs of one core: in one county, or anywhere where few have it."""
    sides = [
        pd.DataFrame(
            {
                "place": np.arange(len(each.adcode)),
                "core": _compared(each.names),
                "adcode": each.adcode,
            }
        )
        for each in (mine, theirs)
    ]
    named = [each[each["core"] != ""] for each in sides]
    at_home = [each[each["adcode"] != ""] for each in named]
    anywhere, in_county = _joined(named, ["core"]), _joined(at_home, ["core", "adcode"])
    return np.concatenate([_codes(anywhere, theirs), _codes(in_county, theirs)])


def _by_place(mine: _Things, theirs: _Things) -> tuple[Positions, Positions]:
    """Find pairs of one address, and the nearest neighbours."""
    from scipy.spatial import cKDTree

    sides = [
        pd.DataFrame({"place": np.arange(len(each.address)), "address": each.address})
        for each in (mine, theirs)
    ]
    known = [each[each["address"] != ""] for each in sides]
    by_address = _codes(_joined(known, ["address"]), theirs)
    placed = [np.flatnonzero(np.isfinite(each.xyz[:, 0])) for each in (mine, theirs)]
    if not all(map(len, placed)):
        return by_address, np.empty(0, dtype=np.int64)
    tree = cKDTree(theirs.xyz[placed[1]])
    nearest = tree.query(
        mine.xyz[placed[0]], k=range(1, NEIGHBOURS + 1), distance_upper_bound=NEAR_M
    )
    found = np.asarray(nearest[1], dtype=np.int64)
    row, nth = np.nonzero(found < len(placed[1]))
    others = placed[1][found[row, nth]]
    return by_address, placed[0][row] * len(theirs.adcode) + others


def _joined(sides: Sequence[pd.DataFrame], keys: list[str]) -> pd.DataFrame:
    """Join two sides on keys that few of either side share."""
    few = [each[each.groupby(keys)["place"].transform("size") <= SHARED] for each in sides]
    return few[0].merge(few[1], on=keys)


def _codes(pairs: pd.DataFrame, theirs: _Things) -> Positions:
    """Write each pair of positions as one number."""
    codes = pairs["place_x"].to_numpy() * len(theirs.adcode) + pairs["place_y"].to_numpy()
    return np.asarray(codes, dtype=np.int64)


def _compared(names: Names) -> NDArray[np.object_]:
    """Give what names are compared by: the core, or where there is none the whole."""
    has_core = np.array([len(core) >= SHORTEST_CORE for core in names.core], dtype=bool)
    return np.where(has_core, names.core, names.whole)


def _marks_fit(mine: _Things, theirs: _Things, one: Positions, two: Positions) -> Bools:
    """Whether nothing in two names tells them apart: marks, kinds or signs."""
    same_marks = mine.names.marks[one] == theirs.names.marks[two]
    kinds = mine.kinds[one], theirs.kinds[two]
    same_kind = (kinds[0] == 0) | (kinds[1] == 0) | ((kinds[0] & kinds[1]) != 0)
    signs = mine.names.signs[one], theirs.names.signs[two]
    other_signs = ((signs[0] & ~signs[1]) != 0) & ((signs[1] & ~signs[0]) != 0)
    return np.asarray(same_marks & same_kind & ~other_signs, dtype=bool)


def _evidence(
    mine: _Things, theirs: _Things, one: Positions, two: Positions, phone: Bools
) -> _Evidence:
    """Compare pairs in name, telephone and place."""
    from rapidfuzz import fuzz, process

    texts = _compared(mine.names)[one], _compared(theirs.names)[two]
    similarity = process.cpdist(texts[0], texts[1], scorer=fuzz.ratio, dtype=np.float64) / 100
    contained = _contained(*texts, similarity)
    similarity = np.where(contained, np.maximum(similarity, CONTAINED), similarity)
    own = _has_core(mine.names)[one] & _has_core(theirs.names)[two]
    same = (texts[0] == texts[1]) & (texts[0] != "")
    distance_m = np.linalg.norm(mine.xyz[one] - theirs.xyz[two], axis=1)
    rough = mine.rough[one] | theirs.rough[two]
    counties = mine.adcode[one], theirs.adcode[two]
    both = (counties[0] != "") & (counties[1] != "")
    same_county = both & (counties[0] == counties[1])
    away = np.where(rough, distance_m > ROUGHLY_M, distance_m > FAR_M)
    same_address = (mine.address[one] == theirs.address[two]) & (mine.address[one] != "")
    near = ((distance_m <= NEAR_M) & ~rough) | (same_address & ~away)
    return _Evidence(
        same_name=same.astype(bool),
        own_name=own,
        rare=_rare(mine)[one] & _rare(theirs)[two],
        similarity=similarity,
        similar=(similarity >= SIMILAR) & own,
        phone=phone,
        other_phone=mine.has_phone[one] & theirs.has_phone[two] & ~phone,
        near=near.astype(bool),
        far=(away | (np.isnan(distance_m) & both & ~same_county)).astype(bool),
        same_county=same_county.astype(bool),
        distance_m=distance_m,
    )


def _contained(
    one: NDArray[np.object_], two: NDArray[np.object_], similarity: NDArray[np.float64]
) -> Bools:
    """Whether one name is a part of the other, as a shortened one is."""
    open_ = np.flatnonzero(similarity < CONTAINED)
    parts = [
        min(len(a), len(b)) >= SHORTEST_CORE and (a in b or b in a)
        for a, b in zip(one[open_], two[open_], strict=True)
    ]
    found = np.zeros(len(one), dtype=bool)
    found[open_] = parts
    return found


def _has_core(names: Names) -> Bools:
    """Whether names have a core of their own."""
    return np.array([len(core) >= SHORTEST_CORE for core in names.core], dtype=bool)


def _rare(things: _Things) -> Bools:
    """Whether a core stands once in its county; without a county, once at all."""
    cores = pd.DataFrame({"core": _compared(things.names), "adcode": things.adcode})
    cores["adcode"] = cores["adcode"].where(~cores.duplicated(["core", "adcode"], keep=False), "")
    alone = ~cores.duplicated(["core", "adcode"], keep=False)
    return (alone | (cores["adcode"] != "")).to_numpy()


def _may_be_same(pairs: _Evidence) -> Bools:
    """Decide by the rules of this module."""
    alike = pairs.similar & ~pairs.same_name
    here = pairs.same_county | (pairs.distance_m <= FAR_M)
    nowhere = np.isnan(pairs.distance_m) & ~pairs.other_phone
    enough = np.where(pairs.other_phone, VERY_SIMILAR, CONTAINED)
    return (
        (pairs.same_name & (pairs.near | (pairs.phone & ~(pairs.distance_m > ROUGHLY_M))))
        | (alike & pairs.phone & ~pairs.far)
        | (alike & pairs.near & (pairs.similarity >= enough))
        | (pairs.same_name & pairs.own_name & pairs.rare & ~pairs.far & (here | nowhere))
        | (pairs.phone & pairs.near)
    )


def _shown(one: Positions, two: Positions, pairs: _Evidence) -> pd.DataFrame:
    """Write what is known of each pair, and score it.

    Half of the score is the name, a quarter each the telephone and the place; unknown counts a
    tenth.
    """
    named = pairs.same_name | pairs.similar
    agreed = 1 * named + 2 * pairs.near + 4 * pairs.phone
    by_phone = np.where(pairs.phone, 0.25, np.where(pairs.other_phone, 0.0, 0.1))
    metres = np.nan_to_num(pairs.distance_m, nan=0.0)
    by_place = np.where(pairs.near, 0.25 - 0.1 * np.minimum(metres / NEAR_M, 1), 0.1)
    by_place = np.where(pairs.far, 0.0, by_place)
    sure = pairs.same_name & (pairs.phone | (pairs.near & pairs.own_name))
    return pd.DataFrame(
        {
            "row": one,
            "other": two,
            "why": np.array(_WHY, dtype=object)[agreed],
            "distance_m": pairs.distance_m,
            "similarity": pairs.similarity,
            "score": (0.5 * pairs.similarity + by_phone + by_place).round(3),
            "certain": sure,
        }
    )


def _best(pairs: pd.DataFrame) -> pd.DataFrame:
    """Keep what comes near the best pair of its row and of its other, best first."""
    scores = [pairs.groupby(side)["score"].transform("max") for side in ("row", "other")]
    best = pd.concat(scores, axis=1).max(axis=1)
    pairs = pairs[pairs["score"] >= best - _MARGIN]
    alone = ~(pairs.duplicated("row", keep=False) | pairs.duplicated("other", keep=False))
    pairs = pairs.assign(certain=pairs["certain"] & alone)
    return pairs.sort_values(["score", "row"], ascending=[False, True]).reset_index(drop=True)
