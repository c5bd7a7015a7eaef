"""The steps by which layers/build_layers.py makes the data layers that ship."""
