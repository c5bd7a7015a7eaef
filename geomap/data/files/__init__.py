"""An office's file, step by step: bytes, cells, columns, values, places, findings.

``raw`` opens a file: ``sniff`` tells what it is, and one reader a format makes text cells and
geometries of it (``delimited``, ``workbook``, ``geojson``, ``geopackage``, ``shapefile``,
``parquet``, ``flatgeobuf``, ``kml``, ``osm``; ``archive`` and ``markup`` open zip and XML safely),
``columns`` says which column is which field, ``values`` and its kin read the cells,
``locations`` the places, and ``report`` tells what was found.
``annotated`` writes the copy that goes back to the office (``grid``, ``summary``, ``asking``).
``table`` puts the steps together; :mod:`geomap.data.reading` is what everybody else calls.
"""
