"""The report on an area: one HTML file that stands alone, or PDF, fit to be signed."""
