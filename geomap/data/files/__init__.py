"""An office's file, step by step: bytes, cells, columns, values, places, findings.

======== ======================================================================================
formats  ``raw`` opens a file: ``sniff`` tells what it is, and one reader a format makes text
         cells and geometries of it; ``archive`` and ``markup`` open zip and XML safely
columns  ``matching`` says which column is which field, by ``headers`` and ``aliases``
values   what the cells say: numbers, dates, prices, people, telephone numbers, closed lists
places   where the rows are: coordinates, outlines, systems, districts, addresses
findings what was found: the sentences, the report, the annotated copy for the office
======== ======================================================================================

``rules``, ``ids`` and ``duplicates`` look at whole rows. ``table`` puts the steps together;
:mod:`geomap.data.reading` is what everybody else calls.
"""
