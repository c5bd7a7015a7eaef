"""Walking networks read from OpenStreetMap extracts.

``rules`` says which ways can be walked, ``extract`` reads them, ``strokes`` joins them to long
streets, ``making`` writes the arrays where files that others made are read, ``arrays`` checks
and keeps them. :mod:`geomap.data.network_files` is what others call.
"""
