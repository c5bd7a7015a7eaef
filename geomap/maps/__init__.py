"""Maps: folium documents and layers, clusters, and what orients where there is no street map."""
