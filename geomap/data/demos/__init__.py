"""Demonstrations: invented homes on real ground, labelled so."""
