"""The web pages and interfaces: the only room, with the command line, that knows Flask."""
