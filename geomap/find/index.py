"""The index of names, in one part or several: rows are in the order of importance over all.

Pairs of characters or syllables may also stand apart in a name, so every candidate is looked at
before it counts as found.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from geomap.find.filling import RANK, fill, schema
from geomap.find.queries import Queries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa
    from tantivy import Index, Query

    T = TypeVar("T")
    #: Looks at candidates, by their rows: what each is found as, None where it is not.
    Look = Callable[[Sequence[int]], Sequence[T | None]]

#: So many false candidates in a row end the search for true ones.
_MOST_CANDIDATES = 4_096


@dataclass(frozen=True, eq=False)
class Part:
    """Things of one kind: facilities, or places.

    Parameters
    ----------
    index : filled by :func:`geomap.find.filling.fill`.
    things : (n,) what that gave.
    """

    index: Index
    things: pa.Table

    @classmethod
    def of(cls, things: pd.DataFrame) -> Part:
        """Index things in memory."""
        from tantivy import Index

        index = Index(schema())
        return cls(index, fill(index, things))

    @cached_property
    def searcher(self) -> Any:  # noqa: ANN401 (tantivy does not export its type)
        """What searches it."""
        return self.index.searcher()

    @cached_property
    def kind(self) -> str | None:
        """Of what kind its things are; None where there are none."""
        return str(self.things["kind"][0].as_py()) if len(self.things) else None

    def first(self, query: Query, limit: int) -> list[int]:
        """Give its most important rows that answer a query."""
        from tantivy import Order

        found = self.searcher.search(
            query, limit=limit, count=False, order_by_field=RANK, order=Order.Asc
        )
        return [row for row, _ in found.hits]

    def likely(self, query: Query, limit: int) -> list[int]:
        """Give its rows that hold the most, and the rarest, of what a query offers."""
        hits = self.searcher.search(query, limit=limit, count=False).hits
        found: list[int] = self.searcher.fast_field_values(RANK, [each for _, each in hits])
        return found


@dataclass(frozen=True)
class _Run:
    """Rows of a part that stand together in the order over all parts."""

    begin: int
    part: int
    first: int
    count: int


@dataclass(frozen=True, eq=False)
class NameIndex:
    """Things by their names; what is found is looked at and sorted by importance.

    Parameters
    ----------
    parts : each in the order of importance; among equals the first part comes first.
    """

    parts: Sequence[Part]

    def __len__(self) -> int:
        return sum(len(each.things) for each in self.parts)

    @cached_property
    def ask(self) -> Queries:
        """What makes queries."""
        return Queries(self.parts[0].index.schema, self._begun_words)

    def before(self, importance: int) -> int:
        """Count the things more important than some importance."""
        return int(sum(count for kind, count in self._counts if kind < importance))

    def table(self, columns: Sequence[str], rows: Sequence[int]) -> list[dict[str, Any]]:
        """Give columns of some rows."""
        found: list[dict[str, Any]] = [{}] * len(rows)
        for part, places, local in self._by_part(rows):
            taken = part.things.select(list(columns)).take(local).to_pylist()
            for place, each in zip(places, taken, strict=True):
                found[place] = each
        return found

    def texts(self, column: str, rows: Sequence[int]) -> list[Any]:
        """Give a column of some rows."""
        found: list[Any] = [None] * len(rows)
        for part, places, local in self._by_part(rows):
            taken = part.things[column].take(local).to_pylist()
            for place, each in zip(places, taken, strict=True):
                found[place] = each
        return found

    def first(
        self, query: Query | None, limit: int, look: Look[T], *, kind: str | None = None
    ) -> dict[int, T]:
        """Give the most important rows that answer a query.

        Parameters
        ----------
        query : what candidates must hold; None for what nothing can hold.
        limit : the most rows.
        look : tells what each candidate is found as.
        kind : facility or place; both where None.
        """
        if query is None:
            return {}
        asked = limit
        while True:
            found = [
                map(self._over_all, [number] * asked, part.first(query, asked))
                for number, part in self._of_kind(kind)
            ]
            rows = list(islice(merge(*found), asked))
            looked = zip(rows, look(rows), strict=True)
            seen = {row: each for row, each in looked if each is not None}
            if len(seen) >= limit or len(rows) < asked or asked >= _MOST_CANDIDATES:
                return dict(islice(seen.items(), limit))
            asked *= 8

    def likely(self, query: Query | None, limit: int, *, kind: str | None = None) -> list[int]:
        """Give the rows that hold the most, and the rarest, of what a query offers."""
        if query is None:
            return []
        return [
            self._over_all(number, row)
            for number, part in self._of_kind(kind)
            for row in part.likely(query, limit)
        ]

    def rarest(self, field: str, words: Iterable[str], most: int) -> list[str]:
        """Choose the rarest words of a field, of those that it has at all."""
        counted = [
            (sum(each.searcher.doc_freq(field, word) for each in self.parts), word)
            for word in dict.fromkeys(words)
        ]
        return [word for count, word in sorted(counted) if count][:most]

    def _of_kind(self, kind: str | None) -> list[tuple[int, Part]]:
        return [
            (number, part)
            for number, part in enumerate(self.parts)
            if kind is None or part.kind == kind
        ]

    def _begun_words(self, field: str, start: str, most: int) -> list[str]:
        found = [each.searcher.terms_with_prefix(field, start, limit=most) for each in self.parts]
        return list(dict.fromkeys(term for some in found for term, _ in some))

    @cached_property
    def _importance(self) -> Sequence[Any]:
        return [each.things["importance"].to_numpy() for each in self.parts]

    @cached_property
    def _counts(self) -> Sequence[tuple[int, int]]:
        """How many things have each importance."""
        found = [np.unique(each, return_counts=True) for each in self._importance]
        return [
            pair
            for kinds, many in found
            for pair in zip(kinds.tolist(), many.tolist(), strict=True)
        ]

    @cached_property
    def _runs(self) -> Sequence[_Run]:
        """All rows, in order."""
        runs: list[_Run] = []
        begin = 0
        for importance in range(int(max(each.max(initial=0) for each in self._importance)) + 1):
            for number, each in enumerate(self._importance):
                first, end = np.searchsorted(each, [importance, importance + 1]).tolist()
                if end > first:
                    runs.append(_Run(begin, number, first, end - first))
                    begin += end - first
        return runs

    @cached_property
    def _where(self) -> npt.NDArray[np.int64]:
        """Of each run: where it begins over all, its part, and where it begins in that."""
        return np.array([(run.begin, run.part, run.first) for run in self._runs]).reshape(-1, 3).T

    @cached_property
    def _runs_of(self) -> Sequence[tuple[Sequence[int], Sequence[_Run]]]:
        """The runs of each part, and where they begin in it."""
        of = [[run for run in self._runs if run.part == part] for part in range(len(self.parts))]
        return [([run.first for run in some], some) for some in of]

    def _over_all(self, part: int, row: int) -> int:
        """Give the place over all parts of a part's row."""
        firsts, runs = self._runs_of[part]
        run = runs[bisect_right(firsts, row) - 1]
        return run.begin + row - run.first

    def _by_part(
        self, rows: Sequence[int]
    ) -> Iterator[tuple[Part, list[int], npt.NDArray[np.int64]]]:
        """Sort rows by their parts: the places among `rows`, and the part's own rows."""
        begins, parts, firsts = self._where
        asked = np.asarray(rows, dtype=np.int64)
        run = np.searchsorted(begins, asked, side="right") - 1
        for number in np.unique(parts[run]).tolist():
            places = np.flatnonzero(parts[run] == number)
            chosen = run[places]
            yield (
                self.parts[number],
                places.tolist(),
                asked[places] - begins[chosen] + firsts[chosen],
            )
