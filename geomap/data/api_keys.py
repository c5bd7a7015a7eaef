"""Keys of the API, kept in a workspace: who may ask how often. Only their hashes are kept.

A key is 32 random bytes, so its SHA-256 gives nothing away; it is shown once, when it is made.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import IO, TYPE_CHECKING, Any, Final

from geomap.data.store.durable import (
    alone,
    make_folder,
    remove_leftovers,
    spoken_os_errors,
    write_atomically,
)
from geomap.errors import ConflictError, DataError, NotFoundError, ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

FOLDER: Final = "keys"
FILE: Final = "keys.json"
MOST_PER_MINUTE: Final = 1_000_000
_NAME: Final = re.compile(r"[\w.-]{1,60}")
_BYTES: Final = 32


@dataclass(frozen=True)
class ApiKey:
    """A key.

    Parameters
    ----------
    name : whose it is.
    hash : SHA-256 of the key, hexadecimal.
    per_minute : how many questions a minute it allows.
    made_at : ISO 8601, UTC.
    """

    name: str
    hash: str
    per_minute: int
    made_at: str


def hash_of(key: str) -> str:
    """Give what is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def read_keys(workspace: Path) -> tuple[ApiKey, ...]:
    """Read the keys of a workspace, in the order in which they were made.

    Raises
    ------
    DataError : if the file is damaged.
    """
    path = keys_file(workspace)
    try:
        found: list[dict[str, Any]] = json.loads(path.read_bytes())
        return tuple(ApiKey(**each) for each in found)
    except FileNotFoundError:
        return ()
    except (OSError, TypeError, ValueError) as error:
        raise DataError(f"{path} cannot be read: {error}", zh=f"读不了 {path}：{error}") from error


def add_key(workspace: Path, name: str, *, per_minute: int, at: datetime) -> str:
    """Make a key; this is the only time that it is known.

    Raises
    ------
    ParameterError : if the name is none, or the number out of range.
    ConflictError : if there is a key of this name.
    """
    if not _NAME.fullmatch(name):
        raise ParameterError(
            f"a key's name has 1 to 60 letters, digits, points and dashes, got {name[:80]!r}",
            zh=f"密钥的名称须是 1 到 60 个字母、数字、点或横线，这里是 {name[:80]!r}",
        )
    if not 1 <= per_minute <= MOST_PER_MINUTE:
        raise ParameterError(
            f"per_minute must be from 1 to {MOST_PER_MINUTE:,}, got {per_minute}",
            zh=f"每分钟次数须是 1 到 {MOST_PER_MINUTE:,}，这里是 {per_minute}",
        )
    key = secrets.token_urlsafe(_BYTES)
    made = ApiKey(name, hash_of(key), per_minute, at.isoformat(timespec="seconds"))
    with _writing(workspace):
        known = read_keys(workspace)
        if any(each.name == name for each in known):
            raise ConflictError(f"there is a key {name} already; remove it first",
                                zh=f"已经有名为 {name} 的密钥；先把它删除")  # fmt: skip
        _write(workspace, (*known, made))
    return key


def remove_key(workspace: Path, name: str) -> None:
    """Forget a key; it opens nothing from then on.

    Raises
    ------
    NotFoundError : if there is none of this name.
    """
    with _writing(workspace):
        known = read_keys(workspace)
        left = tuple(each for each in known if each.name != name)
        if len(left) == len(known):
            raise NotFoundError(f"there is no key {name}", zh=f"没有名为 {name} 的密钥")
        _write(workspace, left)


def keys_file(workspace: Path) -> Path:
    """Give where the keys are; it may not be there yet."""
    return workspace / FOLDER / FILE


@contextmanager
def _writing(workspace: Path) -> Iterator[None]:
    """Keep other writers of keys waiting, and clear up after those that were killed."""
    folder = keys_file(workspace).parent
    make_folder(folder)
    with spoken_os_errors(folder), alone(folder):
        remove_leftovers(folder)
        yield


def _write(workspace: Path, keys: tuple[ApiKey, ...]) -> None:
    """Write the file whole, for the operator's account alone."""
    content = json.dumps([asdict(each) for each in keys], indent=1).encode()

    def fill(file: IO[bytes]) -> None:
        os.fchmod(file.fileno(), 0o600)
        file.write(content)

    write_atomically(keys_file(workspace), fill)
