"""``geomap key``: keys that let programs ask the API more often."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from geomap.cli.options import Language  # noqa: TC001 (typer reads it)
from geomap.cli.shown import Screen
from geomap.cli.spoken import print_json, stated_language

key = typer.Typer(
    name="key",
    help="Let programs ask the API more often than others.",
    no_args_is_help=True,
)

Folder = Annotated[Path, typer.Argument(metavar="DIR")]
Name = Annotated[str, typer.Argument(metavar="NAME")]
PerMinute = Annotated[int, typer.Option(help="Questions a minute that the key allows.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


@key.command("add")
def add(
    folder: Folder, name: Name, *, per_minute: PerMinute = 600, json_: Json = False,
    lang: Language = None,
) -> None:  # fmt: skip
    """Make a key and show it, this once: only its hash is kept."""
    from geomap.data.api_keys import add_key

    made = add_key(_workspace(folder), name, per_minute=per_minute, at=datetime.now(UTC))
    if json_:
        print_json({"name": name, "key": made, "per_minute": per_minute})
        return
    screen = Screen(stated_language(lang))
    screen.print(screen.say(
        "密钥只显示这一次。放在请求头 X-API-Key 里：",
        "The key is shown this once. Send it in the header X-API-Key:",
    ))  # fmt: skip
    typer.echo(made)


@key.command("list")
def list_(folder: Folder, *, json_: Json = False, lang: Language = None) -> None:
    """List whose keys there are, and what they allow; the keys themselves are not known."""
    from geomap.data.api_keys import read_keys

    found = read_keys(_workspace(folder))
    if json_:
        told = [(each.name, each.per_minute, each.made_at) for each in found]
        print_json([dict(zip(("name", "per_minute", "made_at"), each, strict=True))
                    for each in told])  # fmt: skip
        return
    screen = Screen(stated_language(lang))
    if not found:
        screen.print(screen.say("没有密钥。", "There are no keys."))
    for each in found:
        often = screen.say(f"每分钟 {each.per_minute:,} 次", f"{each.per_minute:,} a minute")
        typer.echo(f"{each.name}  {often}  {each.made_at}")


@key.command("remove")
def remove(folder: Folder, name: Name, *, lang: Language = None) -> None:
    """Forget a key; the server refuses it from then on."""
    from geomap.data.api_keys import remove_key

    remove_key(_workspace(folder), name)
    screen = Screen(stated_language(lang))
    screen.print(screen.say(f"已删除 {name} 的密钥。", f"The key of {name} is removed."))


def _workspace(folder: Path) -> Path:
    """Refuse a folder that is no workspace."""
    from geomap.data.store.folder import require_workspace

    require_workspace(folder)
    return folder
