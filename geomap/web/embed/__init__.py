"""The map for other sites: the embed, its element, the page that builds it, oEmbed."""
