"""Documents that ask a reader to open something else: other files, other hosts, entities."""

from __future__ import annotations

from traps import Trap, text


@text(
    "vrt/a.geojson", "vrt/a.json", "vrt/a.csv", "vrt/a.gpkg", "vrt/a.shp", "vrt/a.kml",
    "vrt/a.parquet", "vrt/a.fgb", "vrt/a.osm.pbf", "vrt/a.xlsx",
)  # fmt: skip
def _virtual_layer(trap: Trap) -> str:
    return (
        '<OGRVRTDataSource><OGRVRTLayer name="canary"><SrcDataSource>'
        f"{trap.canary}</SrcDataSource><GeometryType>wkbNone</GeometryType>"
        "</OGRVRTLayer></OGRVRTDataSource>"
    )


@text("vrt-remote/a.geojson", "vrt-remote/a.kml")
def _virtual_remote_layer(trap: Trap) -> str:
    return (
        '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>'
        f"/vsicurl/{trap.url}/x.csv</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )


@text("gdalg/a.json", "gdalg/a.geojson", "gdalg/a.gdalg.json")
def _pipeline(trap: Trap) -> str:
    return (
        '{"type": "gdal_streamed_alg", "command_line": '
        f'"gdal vector pipeline ! read {trap.canary} ! write --of stream x"}}'
    )


@text("wfs/a.geojson", "wfs/a.kml", "wfs/a.gpkg")
def _feature_service(trap: Trap) -> str:
    return f"<OGRWFSDataSource><URL>{trap.url}/wfs?</URL></OGRWFSDataSource>"


@text("oapif/a.json", "oapif/a.geojson")
def _api_landing_page(trap: Trap) -> str:
    return (
        f'{{"links": [{{"rel": "data", "href": "{trap.url}/collections", '
        '"type": "application/json"}], "conformsTo": ["http://www.opengis.net/spec/ogcapi"]}'
    )


@text("esri/a.json")
def _esri_service(trap: Trap) -> str:
    return (
        '{"exceededTransferLimit": true, "geometryType": "esriGeometryPoint", '
        f'"url": "{trap.url}/FeatureServer/0/query", '
        '"features": [{"attributes": {"name": "x"}}]}'
    )


@text("named-source/a.csv", "named-source/a.json", "named-source/a.gpkg", "named-source/a.shp")
def _connection_strings(trap: Trap) -> str:
    return f"GMLAS:{trap.url}/x.gml\nWFS:{trap.url}\nPG:host=127.0.0.1\n/vsicurl/{trap.url}/x\n"


@text("gmlas/a.geojson", "gmlas/a.kml")
def _schema_elsewhere(trap: Trap) -> str:
    return (
        '<?xml version="1.0"?><x:a xmlns:x="urn:x" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="urn:x {trap.url}/schema.xsd"><x:b/></x:a>'
    )


def _kml(inside: str, doctype: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{doctype}'
        f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inside}</Document></kml>'
    )


def _placemark(name: str, point: str = "121.5,31.2") -> str:
    shape = f"<Point><coordinates>{point}</coordinates></Point>"
    return f"<Placemark><name>{name}</name>{shape}</Placemark>"


@text("kml-links/a.kml")
def _linked(trap: Trap) -> str:
    return _kml(
        f"<NetworkLink><Link><href>{trap.url}/more.kml</href></Link></NetworkLink>"
        f"<NetworkLink><Link><href>file://{trap.canary}</href></Link></NetworkLink>"
        f"<GroundOverlay><Icon><href>{trap.url}/map.png</href></Icon></GroundOverlay>"
        f'<Style id="s"><IconStyle><Icon><href>{trap.url}/i.png</href></Icon></IconStyle></Style>'
        f"<Schema id='s'/><Placemark><styleUrl>{trap.url}/s.kml#s</styleUrl></Placemark>"
        f"<description><![CDATA[<img src='{trap.url}/d.png'>]]></description>"
        + _placemark("甲敬老院")
    )


@text("xml-entity-file/a.kml", "xml-entity-file/a.osm")
def _file_entity(trap: Trap) -> str:
    return _kml(_placemark("&x;"), f'<!DOCTYPE kml [<!ENTITY x SYSTEM "file://{trap.canary}">]>')


@text("xml-entity-http/a.kml", "xml-entity-http/a.osm")
def _remote_entity(trap: Trap) -> str:
    return _kml(_placemark("&x;"), f'<!DOCTYPE kml [<!ENTITY x SYSTEM "{trap.url}/x">]>')


@text("xml-dtd/a.kml")
def _remote_definitions(trap: Trap) -> str:
    return _kml(
        _placemark("甲"),
        f'<!DOCTYPE kml SYSTEM "{trap.url}/x.dtd" [<!ENTITY % p SYSTEM "{trap.url}/p"> %p;]>',
    )


@text("xml-laughs/a.kml", "xml-laughs/a.osm")
def _billion_laughs(_: Trap) -> str:
    tens = ((n, f"&l{n - 1};" * 10) for n in range(1, 10))
    levels = "".join(f'<!ENTITY l{n} "{ten}">' for n, ten in tens)
    return _kml(_placemark("&l9;"), f'<!DOCTYPE kml [<!ENTITY l0 "lol">{levels}]>')


@text("xml-quadratic/a.kml", "xml-quadratic/a.osm")
def _quadratic_blowup(trap: Trap) -> str:
    times = trap.size(2_000, 40_000)
    entity = "x" * times
    return _kml(_placemark("&x;" * times), f'<!DOCTYPE kml [<!ENTITY x "{entity}">]>')


@text("xml-deep/a.kml", "xml-deep/a.osm")
def _deep_elements(trap: Trap) -> str:
    levels = trap.size(20_000, 1_000_000)
    return _kml("<Folder>" * levels + _placemark("甲") + "</Folder>" * levels)


@text("xml-deep-geometry/a.kml")
def _deep_geometry(trap: Trap) -> str:
    levels = trap.size(20_000, 200_000)
    point = "<Point><coordinates>121.5,31.2</coordinates></Point>"
    shape = "<MultiGeometry>" * levels + point + "</MultiGeometry>" * levels
    return _kml(f"<Placemark><name>甲</name>{shape}</Placemark>")


@text("xml-attributes/a.kml")
def _many_attributes(trap: Trap) -> str:
    many = " ".join(f'a{n}="x"' for n in range(trap.size(10_000, 1_000_000)))
    return _kml(f"<Placemark {many}><name>甲</name></Placemark>")


@text("kml-columns/a.kml")
def _many_extended_columns(trap: Trap) -> str:
    many = "".join(
        f'<Data name="c{n}"><value>1</value></Data>' for n in range(trap.size(2_000, 200_000))
    )
    return _kml(f"<Placemark><name>甲</name><ExtendedData>{many}</ExtendedData></Placemark>")


@text("kml-numbers/a.kml")
def _odd_coordinates(_: Trap) -> str:
    odd = ("nan,nan", "inf,1", "1e999,1", "1,2,3,4", "", ",", "九,十", "0x1p4,1", "1 2", "1" * 9999)
    return _kml("".join(_placemark(f"甲{n}", each) for n, each in enumerate(odd)))


@text("kml-cut/a.kml")
def _truncated(_: Trap) -> str:
    return _kml(_placemark("甲敬老院") * 20)[:-90]


@text("osm-entity/a.osm")
def _osm_with_entity(trap: Trap) -> str:
    return (
        f'<!DOCTYPE osm [<!ENTITY x SYSTEM "file://{trap.canary}">]><osm version="0.6">'
        '<node id="1" lat="31.2" lon="121.5"><tag k="amenity" v="nursing_home"/>'
        '<tag k="name" v="&x;"/></node></osm>'
    )
