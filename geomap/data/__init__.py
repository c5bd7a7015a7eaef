"""Data: reading untrusted files, the workspace and what it publishes, the layers that ship."""
