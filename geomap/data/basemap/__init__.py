"""Street maps of cities, made from OpenStreetMap extracts and kept in the workspace.

``kinds`` says what of an extract is drawn and from which zoom on, ``extract`` reads it, ``coast``
tells land from sea, ``cutting`` cuts everything into tiles, ``encoding`` writes a tile. All of
that runs where files that others made are read (:mod:`geomap.data.sandbox.mapping`). What comes
back is kept by ``store``: one file of tiles for each extract, so that several cities lie side by
side; ``merging`` joins their tiles where they meet.

=========  ========  ================================================================
layer      geometry  attributes
=========  ========  ================================================================
ground     polygons  none: what is land, as far as the extract reaches
green      polygons  kind: park, wood, wetland
water      polygons  kind: sea, water
waterways  lines     kind: river, canal, stream; name, en
buildings  polygons  none; from zoom 14
roads      lines     kind: motorway to path, rail; tunnel (1); name, en
names      points    name, en, kind, zoom (from which it may be shown)
=========  ========  ================================================================

``name`` is the Chinese name where there is one, else the local one; ``en`` the English one where
it differs.
"""
