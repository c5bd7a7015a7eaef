"""What is found in a file: the sentences that say it, the report, the annotated copy."""
