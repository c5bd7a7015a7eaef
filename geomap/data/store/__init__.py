"""The workspace: the database that holds the truth, its edits and imports, and publishing."""
