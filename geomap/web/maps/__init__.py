"""The map document and all that it fetches."""
