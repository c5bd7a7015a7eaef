"""Arrays of numbers in a file without a name."""

from __future__ import annotations

import io
import os
import tempfile
from itertools import pairwise

import numpy as np
import pytest

from geomap.data import mapped
from geomap.data.mapped import forget_texts, kept_in_file, written_in_file


def test_arrays_come_back_as_they_were_and_may_be_forgotten():
    random = np.random.default_rng(1)
    arrays = [
        random.random((7, 3)),
        np.array([], dtype=np.int16),
        np.array([True, False, True]),
        random.integers(0, 2**63, 40_000, dtype=np.uint64),
        np.array(["2026-01-02", "NaT"], dtype="datetime64[s]"),
        random.random((4, 6)).T,
    ]
    kept = kept_in_file(arrays)
    for _ in range(2):
        for own, other in zip(kept, arrays, strict=True):
            assert (own.dtype, own.shape) == (other.dtype, other.shape)
            np.testing.assert_array_equal(own, other)
        forget_texts()


def test_nobody_can_change_them():
    (kept,) = kept_in_file([np.arange(3)])
    with pytest.raises(ValueError, match="read-only"):
        kept[0] = 1


def test_nothing_needs_no_file():
    assert [each.size for each in kept_in_file([np.array([]), np.array([])])] == [0, 0]
    assert list(kept_in_file([])) == []


@pytest.mark.parametrize(
    "blocks", [[], [[]], [[b""]], [[b"a", b"", b"bc"], [b"d" * 70_000], [b"e"]]]
)
def test_pieces_come_back_as_they_were(blocks):
    starts, content = written_in_file(blocks)
    pieces = [bytes(content[begin:end]) for begin, end in pairwise(starts)]
    assert pieces == [piece for block in blocks for piece in block]
    assert content.readonly


def test_what_the_disk_takes_in_parts_is_written_whole(monkeypatch):
    class Grudging(io.FileIO):
        def write(self, content):
            return super().write(content[:3])

    def opened():
        return Grudging(os.open(tempfile.gettempdir(), os.O_TMPFILE | os.O_RDWR), "r+b")

    monkeypatch.setattr(mapped, "_file", opened)
    assert bytes(mapped.written_in_file([[b"abcd", b"efg"]])[1]) == b"abcdefg"
