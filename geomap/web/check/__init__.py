"""Check a list: the form, the answer, the annotated copy."""
