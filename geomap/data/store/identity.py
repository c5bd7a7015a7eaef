"""Which record each row of a file is.

- A row that has not changed is the record that it was: importing again changes nothing, whatever
  became of the record meanwhile. What a reviewer said is remembered in the same way.
- A list that numbers its rows anew keeps its records: where an id names another thing than
  before, and what it named stands under another id, name and place tell which is which. A row
  that is merely new there is not taken for a record that is gone: that may be so, and is shown.
- A row whose id belongs to another thing gets an id made from its content, the same one at the
  next import. References to a parent follow.
- A list whose ids mostly name other things, brought by an earlier file of the same name, is
  another office's and is refused: two offices' 名单.xlsx must not overwrite each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from geomap.data.store.bodies import encode, load
from geomap.data.store.decisions import (
    DISTINCT,
    SAME,
    FileRow,
    contents_of,
    read_distinct,
    read_rows,
)
from geomap.data.store.difference import Decision
from geomap.data.store.naming import plain_texts
from geomap.data.store.own_ids import APART_DEG, free_ids
from geomap.data.store.records import among, features_of
from geomap.errors import ConflictError, ParameterError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    import geopandas as gpd
    import sqlalchemy as sa
    from numpy.typing import NDArray

    from geomap.data.store.difference import Incoming
    from geomap.data.store.records import Records
    from geomap.model.table import Table

#: A row that has moved in its list is still this near (about 500 m) to where it was.
_STILL_DEG = 0.005
#: A name that more records of the list have tells none of them.
_NAMESAKES = 50


class Resolved(NamedTuple):
    """Rows under the ids of their records.

    Parameters
    ----------
    given : the ids in the file.
    id_taken, renumbered : given, id, name of rows that are newly so.
    merged : id of a record -> id of the one that a reviewer says it is.
    distinct : pairs of a row (by its id in the file) and a record that it is not.
    decided : what the reviewer newly said.
    remembered, known : which record each row is, now and before.
    """

    rows: gpd.GeoDataFrame
    given: list[str]
    id_taken: pd.DataFrame
    renumbered: pd.DataFrame
    merged: dict[str, str]
    distinct: set[tuple[str, str]]
    decided: tuple[Decision, ...]
    remembered: dict[str, FileRow]
    known: dict[str, FileRow]


@dataclass(frozen=True)
class _List:
    """The rows of a file on their way to their records.

    Parameters
    ----------
    ids : (n,) the record of each row as far as it is remembered, else its id in the file.
    settled : positions of the rows that are their records without doubt.
    mine : the records that files of this name wrote to.
    """

    incoming: Incoming
    rows: gpd.GeoDataFrame
    records: Records
    ids: Sequence[str]
    settled: AbstractSet[int]
    mine: AbstractSet[str]

    @property
    def claimed(self) -> set[str]:
        """The records of the settled rows."""
        return {self.ids[place] for place in self.settled}

    @cached_property
    def now(self) -> pd.DataFrame:
        """What the rows are: id, address, lon, lat, key (the plain name), place (position)."""
        told = _told(features_of(self.rows))
        ids = pd.Series(list(self.ids), dtype="str")
        return told.assign(id=ids, place=np.arange(len(told)))

    @cached_property
    def then(self) -> pd.DataFrame:
        """What the records of this file are: the columns of `now`, without the position."""
        features = self.records.features
        return _told(features[among(features["id"].tolist(), self.mine)])

    @cached_property
    def both(self) -> pd.DataFrame:
        """The rows that are not settled, each beside the record of its id."""
        return self.now[self.is_open].merge(self.then, on="id", suffixes=("", "_then"))

    @property
    def is_open(self) -> NDArray[np.bool_]:
        """Whether each row is not settled."""
        is_open = np.ones(len(self.ids), dtype=bool)
        is_open[list(self.settled)] = False
        return is_open

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to be asked: all rows are settled, or the file is a new one."""
        return not self.mine or len(self.settled) == len(self.ids)


def resolve(
    connection: sa.Connection, rows: gpd.GeoDataFrame, incoming: Incoming, records: Records
) -> Resolved:
    """Find the record of each row.

    Parameters
    ----------
    rows : (n,) rows of `incoming`, ready to be compared, under the ids that the file gives them.
    records : those of the layer.

    Raises
    ------
    ConflictError : if the file has the name of another office's.
    ParameterError : if a decision names a row or a record that is not there, or two rows for one.
    """
    given, contents = rows["id"].tolist(), contents_of(rows)
    layer, file = incoming.table.name, incoming.origin.file
    known = read_rows(connection, records, file)
    distinct = read_distinct(connection, layer, file)
    held = {
        id_: row
        for id_, row in known.items()
        if row.record_id in records.files and (id_, row.record_id) not in incoming.distinct.items()
    }
    listed = _list(incoming, rows, records, held, contents)
    moved = _moved(listed)
    _refuse_another_list(listed, moved)
    before = _with_own_ids(connection, listed, moved, held)
    same = _by_given(incoming.same, "same", given, before)
    denied = _by_given(incoming.distinct, "distinct", given, before)
    answers = _answers(same, given, before, records)
    decided = [Decision(*pair, DISTINCT) for pair in denied.items() if pair not in distinct]
    decided += [Decision(given[place], id_, SAME) for place, id_ in answers.items()]
    after = [answers.get(place, id_) for place, id_ in enumerate(before)]
    merged = {before[place]: id_ for place, id_ in answers.items() if before[place] in listed.mine}
    names = pd.DataFrame({"given": given, "id": before, "name": rows["name"].to_numpy()})
    taken = [
        place
        for place, (id_, was) in enumerate(zip(before, listed.ids, strict=True))
        if id_ != was and place not in moved and place not in answers
    ]
    remembered = zip(given, map(FileRow, after, contents), strict=True)
    return Resolved(
        _renamed(rows, incoming.table, given, after),
        given,
        names.iloc[taken].reset_index(drop=True),
        names.iloc[[place for place in moved if place not in answers]].reset_index(drop=True),
        {was: id_ for was, id_ in merged.items() if was not in after},
        (distinct | set(denied.items())) - set(same.items()),
        tuple(decided),
        dict(remembered),
        known,
    )


def _by_given(
    answers: Mapping[str, str], word: str, given: Sequence[str], shown: Sequence[str]
) -> dict[str, str]:
    """Key answers by the rows' ids in the file; a row may be called by the id it is shown under."""
    names = dict(zip(shown, given, strict=True)) | dict(zip(given, given, strict=True))
    strange = answers.keys() - names.keys()
    if strange:
        raise ParameterError(
            f"{word}: the file has no row with the id {min(strange)!r}",
            zh=f"{word}：文件里没有编号为 {min(strange)!r} 的行",
        )
    return {names[row]: record for row, record in answers.items()}


def _list(
    incoming: Incoming,
    rows: gpd.GeoDataFrame,
    records: Records,
    held: Mapping[str, FileRow],
    contents: Sequence[str],
) -> _List:
    """Put rows under the records that they are remembered to be."""
    ids, settled = list[str](), set[int]()
    for place, (id_, content) in enumerate(zip(rows["id"].tolist(), contents, strict=True)):
        row = held.get(id_)
        ids.append(id_ if row is None else row.record_id)
        if row is not None and row.content == content:
            settled.add(place)
    mine = {row.record_id for row in held.values()}
    return _List(incoming, rows, records, ids, settled, mine)


def _moved(listed: _List) -> dict[int, str]:
    """Find the rows that stand under another id than before: position -> id of the record."""
    if listed.is_plain:
        return {}
    now, claimed, is_open = listed.now, listed.claimed, listed.is_open
    ids = now["id"].tolist()
    displaced = set(np.flatnonzero(is_open & among(ids, claimed)).tolist())
    strange = set(listed.both.loc[_is_other_name(listed.both), "place"]) | displaced
    if not strange:
        return {}
    is_unknown = is_open & ~among(ids, listed.records.files.keys())
    unknown = set(np.flatnonzero(is_unknown).tolist())
    wanted = now[now["place"].isin(strange | unknown) & (now["key"] != "")]
    then = listed.then[~among(listed.then["id"].tolist(), claimed)]
    few = then[then.groupby("key")["id"].transform("size") <= _NAMESAKES]
    pairs = wanted.merge(few, on="key", suffixes=("", "_then"))
    pairs = pairs[_is_still(pairs) | _has_no_place(pairs)]
    alone = ~(pairs.duplicated("place", keep=False) | pairs.duplicated("id_then", keep=False))
    at = dict(zip(now["id"], now["place"], strict=True))
    return {
        place: id_
        for place, id_ in zip(pairs[alone]["place"], pairs[alone]["id_then"], strict=True)
        if (at[id_] in strange if id_ in at else place in strange)
    }


def _told(features: pd.DataFrame) -> pd.DataFrame:
    """Take from rows or records what tells one from another."""
    told = features[["id", "address", "lon", "lat"]].reset_index(drop=True)
    return told.assign(key=plain_texts(features["name"]).fillna("").to_numpy())


def _is_other_name(pairs: pd.DataFrame) -> pd.Series[bool]:
    """Whether both names are known and differ."""
    return (pairs["key"] != pairs["key_then"]) & (pairs["key"] != "") & (pairs["key_then"] != "")


def _is_still(pairs: pd.DataFrame) -> pd.Series[bool]:
    """Whether row and record are at one place, or where that is not known, at one address."""
    same_address = (pairs["address"] == pairs["address_then"]) & pairs["address"].notna()
    return _is_within(pairs, _STILL_DEG).where(_is_placed(pairs), same_address)


def _has_no_place(pairs: pd.DataFrame) -> pd.Series[bool]:
    """Whether nothing is known of the place of one of the two."""
    return ~_is_placed(pairs) & (pairs["address"].isna() | pairs["address_then"].isna())


def _is_placed(pairs: pd.DataFrame) -> pd.Series[bool]:
    """Whether both places are known."""
    return pairs["lon"].notna() & pairs["lon_then"].notna()


def _is_within(pairs: pd.DataFrame, radius_deg: float) -> pd.Series[bool]:
    """Whether two places are near each other; not, where one is not known."""
    east, north = pairs["lon"] - pairs["lon_then"], pairs["lat"] - pairs["lat_then"]
    return east**2 + north**2 <= radius_deg**2


def _refuse_another_list(listed: _List, moved: Mapping[int, str]) -> None:
    """Refuse a file whose ids mostly name other things than a file of its name did.

    Where the names are those of the earlier file under other ids, its rows have only moved.
    """
    if listed.is_plain:
        return
    both = listed.both
    same_address = both["address"].fillna("") == both["address_then"].fillna("")
    near = _is_within(both, APART_DEG).where(_is_placed(both), same_address)
    heard = both["place"].isin(moved.keys()) | both["key"].isin(listed.then["key"])
    strange = both[_is_other_name(both) & ~near & ~heard]
    if 2 * len(strange) > len(both) + len(listed.settled):
        first = strange.iloc[0]
        id_, name = first["id"], listed.rows["name"].iloc[first["place"]]
        file, layer = listed.incoming.origin.file, listed.incoming.table.name
        raise ConflictError(
            f"{file}: its ids belong to other {layer} that an earlier file of this name brought:"
            f" {id_!r} was not {name!r}. If this is another list, give the file another name and"
            " import it again",
            zh=f"{file}：其中的编号属于此前同名文件里的另一些记录（{id_!r} 原来不是 {name!r}）。"
            "如果这是另一份名单，请把文件改名后再导入",
        )


def _with_own_ids(
    connection: sa.Connection,
    listed: _List,
    moved: Mapping[int, str],
    held: Mapping[str, FileRow],
) -> list[str]:
    """Give rows whose id belongs to another thing an id made from their content."""
    given = listed.rows["id"].tolist()
    found = [moved.get(place, id_) for place, id_ in enumerate(listed.ids)]
    claimed = {id_ for place, id_ in enumerate(found) if place in listed.settled or place in moved}
    contested: list[int] = []
    for place, id_ in enumerate(found):
        if place in listed.settled or place in moved:
            continue
        if id_ in claimed or (id_ in listed.records.files and given[place] not in held):
            contested.append(place)
        else:
            claimed.add(id_)
    if not contested:
        return found
    texts = encode(listed.rows.iloc[contested], listed.incoming.table)
    things = [load(text) for text in texts]
    free = free_ids(connection, things, listed.records, own=listed.mine, claimed=claimed)
    for place in contested:
        found[place] = free[given[place]]
    return found


def _answers(
    same: Mapping[str, str], given: Sequence[str], ids: Sequence[str], records: Records
) -> dict[int, str]:
    """Find the rows that a reviewer newly says are certain records: position -> id."""
    places = {id_: place for place, id_ in enumerate(given)}
    found: dict[int, str] = {}
    for row, record in same.items():
        if record not in records.files:
            raise ParameterError(
                f"same: there is no record {record!r} that {row!r} could be",
                zh=f"same：没有编号为 {record!r} 的记录，{row!r} 不能是它",
            )
        place = places[row]
        if ids[place] == record:
            continue
        if record in ids or record in found.values():
            raise ParameterError(
                f"same: another row of the file is {record!r}, so {row!r} is not",
                zh=f"same：文件里另一行已是 {record!r}，{row!r} 不能也是",
            )
        found[place] = record
    return found


def _renamed(
    rows: gpd.GeoDataFrame, table: Table, given: Sequence[str], ids: Collection[str]
) -> gpd.GeoDataFrame:
    """Put the rows under their records' ids; references to a parent follow."""
    other = {one: two for one, two in zip(given, ids, strict=True) if one != two}
    if not other:
        return rows
    columns = {"id": pd.Series(list(ids), index=rows.index, dtype=rows["id"].dtype)}
    if "parent_id" in table.by_name:
        parents = [other.get(each, each) for each in rows["parent_id"].tolist()]
        columns["parent_id"] = pd.Series(parents, index=rows.index, dtype=rows["parent_id"].dtype)
    return rows.assign(**columns)
