"""The ``geomap`` command: check and import files, find the nearest, serve the map.

Exit codes: 0 done, 1 done with findings, 2 refused.
"""

from __future__ import annotations

import json
import locale
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geomap.errors import GeomapError, ParameterError

if TYPE_CHECKING:
    import geopandas as gpd


DONE, FINDINGS, REFUSED = 0, 1, 2

app = typer.Typer(
    name="geomap",
    help="The open service map for elderly care.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Language = Annotated[str | None, typer.Option("--lang", help="zh or en; else the locale's.")]


def main() -> None:
    """Run the command; a fault that geomap names is one sentence and exit code 2."""
    try:
        app()
    except GeomapError as error:
        typer.echo(f"geomap: {error}", err=True)
        raise SystemExit(REFUSED) from None


@app.command()
def serve(
    folder: Annotated[Path | None, typer.Argument(metavar="[DIR]")] = None,
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes a free one.", min=0, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help="Processes that answer.", min=1)] = 1,
) -> None:
    """Serve the map: of a workspace, or of the layers that ship."""
    from geomap.web.server import serve as run

    run(folder, host=host, port=port, workers=workers)


@app.command()
def nearest(  # noqa: PLR0913 (one argument an option)
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    *,
    lon: Annotated[float, typer.Option(help="Degrees, WGS-84.")],
    lat: Annotated[float, typer.Option(help="Degrees, WGS-84.")],
    k: Annotated[int, typer.Option("-k", help="How many.")] = 10,
    types: Annotated[list[str] | None, typer.Option("--type", help="May be repeated.")] = None,
    json_: Json = False,
    lang: Language = None,
) -> None:
    """List the facilities nearest to a point, by geodesic distance."""
    from geomap.data.published import read_published
    from geomap.find.nearest import nearest as find

    facilities = read_published(folder).read("facilities")
    found = find(facilities, lon, lat, k=k, types=types or None)
    if json_:
        from geomap.web.records import features

        _print_json({"type": "FeatureCollection", "features": features(found)})
    else:
        _show_nearest(found, _language(lang))


def _language(stated: str | None) -> str:
    """Take the stated language, else the locale's."""
    if stated not in (None, "zh", "en"):
        raise ParameterError(f"--lang must be zh or en, got {stated!r}")
    named = os.environ.get("LC_ALL") or os.environ.get("LANG") or locale.getlocale()[0] or ""
    return stated or ("zh" if named.startswith("zh") else "en")


def _say(language: str, zh: str, en: str) -> str:
    """Choose the words of the reader's language."""
    return en if language == "en" else zh


def _print_json(document: object) -> None:
    """Write JSON, alone on standard output."""
    text = json.dumps(document, ensure_ascii=False, default=str, allow_nan=False)
    sys.stdout.buffer.write(text.encode() + b"\n")


def _show_nearest(found: gpd.GeoDataFrame, language: str) -> None:
    """Show the nearest facilities, one a line."""
    for row in found.itertuples():
        away = _say(language, "直线 {:,.0f} 米", "{:,.0f} m in a straight line")
        typer.echo(f"{away.format(row.distance_m)}  {row.name}  {row.type}  {row.id}")
