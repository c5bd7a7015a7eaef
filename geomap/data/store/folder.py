"""Which folders are workspaces, and which may become one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geomap.data.store.durable import spoken_os_errors
from geomap.errors import NotFoundError, ParameterError

if TYPE_CHECKING:
    from pathlib import Path

DATABASE = "workspace.db"
#: What may lie in a folder that becomes a workspace: what the system puts there, and a database
#: whose making was interrupted.
_HARMLESS = frozenset({"lost+found", ".DS_Store"}) | {
    DATABASE + end for end in ("", "-wal", "-shm", "-journal")
}


def is_workspace(folder: Path) -> bool:
    """Whether a folder has a workspace's database.

    Raises
    ------
    DataError : if the system does not let it be seen.
    """
    with spoken_os_errors(folder):
        return (folder / DATABASE).is_file()


def require_workspace(folder: Path) -> None:
    """Refuse a folder that has no workspace's database.

    Raises
    ------
    NotFoundError : if it has none, or is not there.
    DataError : if the system does not let it be seen.
    """
    if not is_workspace(folder):
        raise NotFoundError(
            f"{folder} is not a workspace: it has no {DATABASE}; import a file to make one",
            zh=f"{folder} 不是工作区：里面没有 {DATABASE}；导入一个文件即可建立",
        )


def require_fit(folder: Path) -> None:
    """Refuse a folder that is no workspace and cannot become one; nothing is written.

    Raises
    ------
    ParameterError : if the folder holds anything else.
    DataError : if it is a file, or cannot be read.
    """
    if is_workspace(folder):
        return
    with spoken_os_errors(folder):
        if not folder.exists():
            return
        others = sorted({each.name for each in folder.iterdir()} - _HARMLESS)
    if others:
        more, more_zh = (f" and {len(others) - 1} more", "等") if others[1:] else ("", "")
        raise ParameterError(
            f"{folder} must be new or empty to become a workspace; it holds {others[0]!r}{more}",
            zh=f"{folder} 须是新的或空的文件夹才能成为工作区；里面已有 {others[0]!r}{more_zh}",
        )
