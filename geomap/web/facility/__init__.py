"""One facility: its page, its printed sheet, what readers report of it."""
