"""Options that several commands take, said once."""

from __future__ import annotations

from typing import Annotated

import typer

StandardM = Annotated[
    float | None, typer.Option("--standard-m", help="Straight-line metres; 1000 where unstated.")
]
Minutes = Annotated[
    float | None, typer.Option(help="A walk along the streets instead; needs a network.")
]
Speed = Annotated[float, typer.Option(help="Of the walk, metres a second.")]
Area = Annotated[str | None, typer.Option(help="Division code or id of an area; else all.")]
Language = Annotated[str | None, typer.Option("--lang", help="zh or en; else the locale's.")]
