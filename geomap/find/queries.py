"""What is asked of the index: built from words, never parsed from what somebody typed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from geomap.find.filling import RUN
from geomap.find.syllables import (
    APART,
    BEGIN,
    END,
    MOST_WHOLE,
    completed,
    cuts,
    whole_reading,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tantivy import Query, Schema

_MOST_TERMS = 5_000
_MOST_WORDS = 200
_FEW_TERMS = 16
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True)
class Queries:
    """Makes queries; None is the query that nothing can answer.

    Parameters
    ----------
    schema : of the index.
    begun_words : gives at most so many words of a field that begin with some letters.
    """

    schema: Schema
    begun_words: Callable[[str, str, int], Sequence[str]]

    def term(self, field: str, text: str) -> Query:
        """Ask for one word of a field."""
        from tantivy import Query

        return Query.term_query(self.schema, field, text, index_option="basic")

    def terms(self, field: str, texts: Sequence[str]) -> Query | None:
        """Ask for any of several words of a field."""
        from tantivy import Query

        # A set is gathered from all rows first; single words are looked up only in rows that the
        # rest of the query leaves, which is faster while they are few.
        if len(texts) <= _FEW_TERMS:
            return self.any_of(self.term(field, each) for each in texts)
        return Query.term_set_query(self.schema, field, list(texts))

    def begun(self, field: str, start: str) -> Query | None:
        """Ask for any word of a field that begins with some letters."""
        return self.terms(field, self.begun_words(field, start, _MOST_TERMS))

    @staticmethod
    def all_of(queries: Sequence[Query | None]) -> Query | None:
        """Ask for everything; None where one part can be held by nothing."""
        from tantivy import Occur, Query

        parts = [each for each in queries if each is not None]
        if len(parts) < len(queries) or not parts:
            return None
        return (
            parts[0]
            if len(parts) == 1
            else Query.boolean_query([(Occur.Must, each) for each in parts])
        )

    @staticmethod
    def any_of(queries: Iterable[Query | None]) -> Query | None:
        """Ask for anything of several."""
        from tantivy import Occur, Query

        parts = [each for each in queries if each is not None]
        if len(parts) < 2:  # noqa: PLR2004 (one needs no choice)
            return parts[0] if parts else None
        return Query.boolean_query([(Occur.Should, each) for each in parts])

    def holding(self, field: str, text: str) -> Query | None:
        """Ask for a text within a field of pairs; marks may begin and end it."""
        if len(text) == 1:
            return self.begun(field, text)
        pairs = [first + second for first, second in pairwise(text)]
        return self.all_of([self.term(field, each) for each in _needed(pairs)])

    def having_words(self, words: Sequence[str], *, start: bool = False) -> Query | None:
        """Ask for English words, the first at the start of a name if so wished.

        The last may be begun only, if it tells enough.
        """
        *whole, last = words
        ends = [last] if len(last) < RUN else [last, *self.begun_words("word", last, _MOST_WORDS)]
        marked = [BEGIN + each for each in (whole[:1] or ends)] if start else []
        return self.all_of(
            [
                *(self.term("word", each) for each in whole),
                self.terms("word", ends),
                *([self.terms("word", marked)] if start else []),
            ]
        )

    def sounding(self, letters: str, *, start: bool = False, whole: bool = False) -> Query | None:
        """Ask for typed pinyin, at the start of a name or as all of it if so wished.

        With the divisions above it a division is found from the start only.
        """
        ways = cuts(letters)
        names = (self._sounding("sound", each, start, whole) for each in ways)
        chains = (self._sounding("above", each, True, whole) for each in ways)  # noqa: FBT003
        return self.any_of([*names, *chains])

    def _sounding(self, field: str, cut: Sequence[str], start: bool, whole: bool) -> Query | None:  # noqa: FBT001
        *known, last = cut
        if whole and len(cut) <= MOST_WHOLE:
            return self.term(field, whole_reading(cut))
        pairs = [first + APART + second for first, second in pairwise(cut)]
        queries: list[Query | None] = [self.term(field, each) for each in _needed(pairs)]
        if whole:
            queries.append(self.term(field, last + END))
        elif known:
            before = known[-1] + APART
            queries[-1] = self.terms(field, [before + each for each in completed(last)])
        else:
            return self.begun(field, (BEGIN if start else "") + last)
        if start or whole:
            queries.append(self.term(field, BEGIN + cut[0]))
        return self.all_of(queries)

    def with_initials(
        self, letters: str, *, start: bool = False, whole: bool = False
    ) -> Query | None:
        """Ask for typed initials, at the start of a name or as all of it if so wished."""
        end = END if whole else ""
        marked = BEGIN + letters + end
        return self.any_of(
            [
                self._runs("initial", marked if start or whole else letters),
                self._runs("aboves", marked),
            ]
        )

    def _runs(self, field: str, text: str) -> Query | None:
        if len(text) < RUN:
            return self.terms(field, [text + each for each in (*_LETTERS, END)])
        runs = dict.fromkeys(text[at : at + RUN] for at in range(len(text) - RUN + 1))
        return self.all_of([self.term(field, each) for each in runs])


def _needed(pairs: Sequence[str]) -> Sequence[str]:
    """Leave out what the pairs beside it say already; the last one stays last."""
    some = pairs[:-1][:: 2 if len(pairs) > RUN else 1]
    return [*(each for each in dict.fromkeys(some) if each != pairs[-1]), *pairs[-1:]]
