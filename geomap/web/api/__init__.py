"""The open interface, version 1."""
