"""Numbers on the wire: one after another, read one by one or all at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomap.errors import DataError
from geomap.model.protobuf import packed, packed_array


def written(values: list[int]) -> bytes:
    wire = bytearray()
    for value in values:
        rest = value
        while rest >= 128:
            wire.append(rest % 128 + 128)
            rest //= 128
        wire.append(rest)
    return bytes(wire)


@given(st.lists(st.integers(0, 2**63 - 1), max_size=20))
def test_numbers_come_back_read_either_way(values):
    assert packed(written(values)) == values
    assert packed_array(written(values)).tolist() == values


@pytest.mark.parametrize("content", [b"\x80", b"\x01\xff", b"\xff" * 9 + b"\x80\x01"])
def test_a_number_that_does_not_end_is_refused_either_way(content):
    for read in (packed, packed_array):
        with pytest.raises(DataError):
            read(content)


def test_a_number_that_could_only_be_below_zero_is_refused():
    with pytest.raises(DataError):
        packed_array(b"\xff" * 9 + b"\x01")
