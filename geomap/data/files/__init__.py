"""An office's file, step by step: bytes, cells, columns, values, places, findings.

``raw`` opens a file (``sniff``, ``encoding``, ``delimited``, ``workbook``, ``geojson``),
``columns`` says which column is which field, ``values`` and its kin read the cells,
``locations`` the places, and ``report`` tells what was found.
:mod:`geomap.data.reading` puts the steps together.
"""
