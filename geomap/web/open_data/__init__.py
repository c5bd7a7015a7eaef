"""What others take away: the files of open data, the map of the site, pictures and posters."""
