"""The finder: what is asked, what is answered, on the page and in elder mode."""
