"""What search engines read of the data as a whole: schema.org's Dataset, as JSON-LD.

Written as developers.google.com/search/docs/appearance/structured-data/dataset asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _

from geomap.data.dump import licence_address
from geomap.model.facility import FACILITIES, STEWARD_COLUMNS
from geomap.web.addresses import plain_address, public_address
from geomap.web.facility.structured import in_page
from geomap.web.language import current_language
from geomap.web.media_types import GEOJSON

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from geomap.data.dump import Dump
    from geomap.data.layers import Layer
    from geomap.web.finder.finder_page import FinderPage
    from geomap.web.state import Snapshot

    Thing = dict[str, object]

_CONTEXT = "https://schema.org"
#: A longer description is not read.
_LONGEST = 5_000


def dataset(data: Snapshot, dump: Dump | None) -> Markup:
    """Describe the facilities as a data set with its files and interfaces.

    Parameters
    ----------
    data : what is served.
    dump : the files of open data; None where none were written.
    """
    language, here = current_language(), public_address("open_data.show")
    said = next((each for each in data.layers if each.kind == "facilities"), None)
    hidden = () if dump and dump.stewards else STEWARD_COLUMNS
    columns = [each for each in FACILITIES.fields if each.name not in hidden]
    thing: Thing = {
        "@context": _CONTEXT,
        "@type": "Dataset",
        "@id": f"{_here()}#dataset",
        "url": here,
        "name": _("养老机构数据"),
        "description": _description(data, dump, dump or said),
        "inLanguage": language,
        "isAccessibleForFree": True,
        "license": _licence(dump or said),
        "creditText": said and said.attribution,
        "creator": said and said.source and {"@type": "Organization", "name": said.source},
        "dateModified": dump.made_on if dump else None,
        "temporalCoverage": said and said.data_date,
        "spatialCoverage": _covered(data),
        "variableMeasured": [each.label.of(language) for each in columns],
        "size": len(data.facilities) and f"{len(data.facilities)}",
        "distribution": [*_files(dump), *_interfaces()],
        "includedInDataCatalog": _catalogue(),
    }
    return in_page({name: value for name, value in thing.items() if value})


def finder_data(page: FinderPage) -> Markup:
    """Describe the site, its catalogue of data and the facilities of a list."""
    site: Thing = {
        "@type": "WebSite",
        "name": _("养老服务地图"),
        "url": public_address("pages.finder"),
        "inLanguage": current_language(),
    }
    graph: list[Thing] = [site, {**_catalogue(), "dataset": {"@id": f"{_here()}#dataset"}}]
    if page.cards:
        graph.append({"@type": "ItemList", "itemListElement": _listed(page)})
    return in_page({"@context": _CONTEXT, "@graph": graph})


def _listed(page: FinderPage) -> Sequence[Thing]:
    return [
        {
            "@type": "ListItem",
            "position": number,
            "name": each.name,
            "url": public_address("pages.facility", facility_id=each.id),
        }
        for number, each in enumerate(page.cards, page.first_number)
    ]


def _description(data: Snapshot, dump: Dump | None, said: Dump | Layer | None) -> str:
    """Say what the data holds and how it is had: search engines want 50 to 5,000 signs."""
    told = [
        _(
            "养老机构（%(count)s 家）的名称、类型、位置、床位、费用、服务和资质，"
            "每项注明来源和核对日期；未知的写未知。",
            count=f"{len(data.facilities):,}",
        ),
        _("程序可以从接口读取：GeoJSON、OGC API Features、矢量瓦片和图片瓦片。"),
    ]
    if data.site.synthetic:
        told.insert(0, _("演示数据：机构均为虚构，不能用于择院。"))
    elif data.site.sample:
        told.insert(0, _("样本数据，不能判断哪里缺少机构。"))
    if dump:
        kinds = ", ".join(each.name.partition(".")[2] for each in dump.files)
        told.append(_("可以下载的文件：%(kinds)s。", kinds=kinds))
    if said and said.licence:
        told.append(_("许可：%(licence)s。", licence=said.licence))
    return (" " if current_language() == "en" else "").join(told)[:_LONGEST]


def _licence(said: Dump | Layer | None) -> Thing | str | None:
    """Give the licence as schema.org knows it: an address, or a work of that name."""
    if said is None or not said.licence:
        return None
    address = said.licence_url or licence_address(said.licence)
    return address or {"@type": "CreativeWork", "name": said.licence}


def _here() -> str:
    """Give the page's address in no language: what the data set is called by."""
    return plain_address("open_data.show")


def _catalogue() -> Thing:
    return {"@type": "DataCatalog", "name": _("开放数据"), "url": _here()}


def _covered(data: Snapshot) -> Thing | None:
    """Give the box that holds all facilities: south, west, north, east, as schema.org orders it."""
    if not data.located.any():
        return None
    west, south, east, north = data.vector_tiles.bounds
    box = f"{south:.4f} {west:.4f} {north:.4f} {east:.4f}"
    return {"@type": "Place", "geo": {"@type": "GeoShape", "box": box}}


def _files(dump: Dump | None) -> list[Thing]:
    """List the files of a dump."""
    if dump is None:
        return []
    return [
        {
            "@type": "DataDownload",
            "name": each.name,
            "contentUrl": plain_address("open_data.file", name=each.name),
            "encodingFormat": each.media_type.partition(";")[0],
            "contentSize": f"{each.size} B",
            "sha256": each.sha256,
            "dateModified": dump.made_on,
        }
        for each in dump.files
    ]


def _interfaces() -> list[Thing]:
    """List what programs ask for pages of rows."""
    told = (
        plain_address("api.list_facilities"),
        plain_address("ogc.list_items", name="facilities"),
    )
    return [
        {"@type": "DataDownload", "contentUrl": each, "encodingFormat": GEOJSON} for each in told
    ]
