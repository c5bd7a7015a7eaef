"""What an embed is to show, read from its address and written back to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from flask_babel import gettext as _

from geomap.maps.tilemath import MAX_ZOOM
from geomap.web.finder.answer import FinderQuery, read_query
from geomap.web.finder.elder import GROUNDS, SIZES, Elder, read_elder
from geomap.web.finder.filters import read_one
from geomap.web.problems import RefusedParametersError
from geomap.web.query import division_code, whole

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from geomap.web.problems import Fault

#: What may be drawn of the planner's answer.
LAYERS: Final = ("gaps", "coverage")
MIN_ZOOM: Final = 3


@dataclass(frozen=True)
class EmbedAsk:
    """What an embed is to show.

    Parameters
    ----------
    query : the finder's question; its filters name the division, if one is chosen.
    zoom : of the map around the query's place; then that place is no searched one.
    facility : the id of the one facility to be shown.
    listed : the list is open from the start.
    search : readers may look for another place.
    searched, lost : a reader did so, and found none.
    layers : what is drawn of the planner's answer.
    elder : how it looks in elder mode.
    """

    query: FinderQuery
    zoom: int | None = None
    facility: str | None = None
    listed: bool = False
    search: bool = False
    searched: bool = False
    lost: bool = False
    layers: tuple[str, ...] = ()
    elder: Elder | None = None

    @property
    def asked(self) -> FinderQuery:
        """The finder's question, without the place where that is only looked at."""
        if self.zoom is None:
            return self.query
        return replace(self.query, lon=None, lat=None, q=None, located=None)

    def parameters(self, **changes: object) -> dict[str, object]:
        """Give the address parameters of this embed with some changed; None leaves one out."""
        own: dict[str, object] = {
            **self.query.parameters(page=None),
            "adcode": self.query.filters.adcode,
            "zoom": self.zoom,
            "facility": self.facility,
            "list": 1 if self.listed else None,
            "search": 1 if self.search else None,
            "layers": ",".join(self.layers) or None,
            "elder": self.elder and f"{self.elder.size}-{self.elder.ground}",
        }
        return {name: value for name, value in (own | changes).items() if value not in (None, [])}


def read_embed(arguments: MultiDict[str, str]) -> EmbedAsk:
    """Read an embed's parameters; unknown and empty ones are ignored.

    Raises
    ------
    RefusedParametersError : if a known one cannot be read, in the reader's language.
    """
    query = read_query(arguments)
    faults: list[Fault] = []
    read = partial(read_one, arguments, faults)
    name = "area" if arguments.get("area", "").strip() else "adcode"
    adcode = read(name, division_code, _("行政区划代码要写成 2、4、6、9 或 12 位数字。"))
    zoom = read(
        "zoom",
        lambda text: whole(text, minimum=MIN_ZOOM, maximum=MAX_ZOOM),
        _("缩放要从 %(least)s 到 %(most)s。", least=MIN_ZOOM, most=MAX_ZOOM),
    )
    layers = read("layers", _layers, _("图层只有 gaps 和 coverage。"))
    elder = read("elder", _elder, _("长辈版要写成 big、bigger 或 biggest。"))
    if faults:
        raise RefusedParametersError(faults)
    on = {each: arguments.get(each) == "1" for each in ("list", "search", "searched", "lost")}
    return EmbedAsk(
        query=replace(query, filters=replace(query.filters, adcode=adcode)),
        zoom=zoom if query.lon is not None else None,
        facility=arguments.get("facility", "").strip() or None,
        listed=on["list"], search=on["search"], searched=on["searched"], lost=on["lost"],
        layers=layers or (), elder=elder,
    )  # fmt: skip


def _layers(text: str) -> tuple[str, ...]:
    """Read the planner's layers, each once."""
    named = [each.strip() for each in text.split(",") if each.strip()]
    if unknown := set(named) - set(LAYERS):
        raise ValueError(f"must be among {', '.join(LAYERS)}, got {sorted(unknown)}")
    return tuple(each for each in LAYERS if each in named)


def _elder(text: str) -> Elder | None:
    """Read the look of elder mode: a size, alone or with its ground; 1 is the smallest."""
    if text == "0":
        return None
    size = {"1": SIZES[0]}.get(text, text)
    elder = read_elder(size if "-" in size else f"{size}-{GROUNDS[0]}")
    if elder is None:
        raise ValueError(f"must be among {', '.join(SIZES)}, got {text!r}")
    return Elder(elder.size, elder.ground)
