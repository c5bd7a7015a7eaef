"""Keys are kept by their hash, in a file that only the operator may read."""

from __future__ import annotations

import hashlib
import stat
from datetime import UTC, datetime

import pytest

from geomap.data.api_keys import add_key, keys_file, read_keys, remove_key
from geomap.errors import ConflictError, DataError, NotFoundError, ParameterError

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_only_the_hash_of_a_key_is_kept_where_only_the_operator_looks(tmp_path):
    key = add_key(tmp_path, "portal", per_minute=60, at=NOW)
    (kept,) = read_keys(tmp_path)
    assert kept.hash == hashlib.sha256(key.encode()).hexdigest()
    assert (kept.name, kept.per_minute) == ("portal", 60)
    assert key not in keys_file(tmp_path).read_text()
    assert stat.S_IMODE(keys_file(tmp_path).stat().st_mode) == 0o600
    assert len(key) >= 40


def test_keys_stay_in_order_and_go_one_by_one(tmp_path):
    assert read_keys(tmp_path) == ()
    for name in "abc":
        add_key(tmp_path, name, per_minute=1, at=NOW)
    remove_key(tmp_path, "b")
    assert [each.name for each in read_keys(tmp_path)] == ["a", "c"]
    assert len({each.hash for each in read_keys(tmp_path)}) == 2


def test_a_name_is_given_once(tmp_path):
    add_key(tmp_path, "portal", per_minute=1, at=NOW)
    with pytest.raises(ConflictError, match="portal"):
        add_key(tmp_path, "portal", per_minute=1, at=NOW)


@pytest.mark.parametrize(("name", "per_minute"), [("", 1), ("a b", 1), ("x" * 61, 1), ("a", 0),
                                                  ("a", 1_000_001)])  # fmt: skip
def test_what_is_no_name_or_number_is_refused(tmp_path, name, per_minute):
    with pytest.raises(ParameterError):
        add_key(tmp_path, name, per_minute=per_minute, at=NOW)


def test_a_key_that_is_not_there_and_a_damaged_file_are_named(tmp_path):
    with pytest.raises(NotFoundError, match="nobody"):
        remove_key(tmp_path, "nobody")
    add_key(tmp_path, "a", per_minute=1, at=NOW)
    keys_file(tmp_path).write_text("[{")
    with pytest.raises(DataError, match=r"keys\.json"):
        read_keys(tmp_path)
