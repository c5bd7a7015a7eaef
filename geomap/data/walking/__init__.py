"""Walking networks read from OpenStreetMap extracts.

``rules`` says which ways can be walked, ``extract`` reads them, ``strokes`` joins them to long
streets, ``making`` writes the arrays where files that others made are read;
:mod:`geomap.data.sandbox.walking` checks them. :mod:`geomap.data.network_files` keeps them and is
what others call.
"""
