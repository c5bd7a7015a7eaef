"""QR codes of our own addresses, as pictures."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from geomap.errors import ParameterError

if TYPE_CHECKING:
    import segno

_QUIET_MODULES = 4


def qr_svg(address: str) -> bytes:
    """Draw an address as a QR code: black on white, with the quiet zone that ISO 18004 asks for.

    Parameters
    ----------
    address : what a camera reads; up to some 2,300 bytes.

    Returns
    -------
    An SVG document without a size of its own, that grows to its frame; error correction M.

    Examples
    --------
    >>> qr_svg("https://example.org/")[:4]
    b'<svg'
    """
    picture = io.BytesIO()
    _code(address).save(
        picture,
        kind="svg",
        border=_QUIET_MODULES,
        dark="#000",
        light="#fff",
        xmldecl=False,
        omitsize=True,
        svgclass=None,
        lineclass=None,
        nl=False,
    )
    return picture.getvalue()


def qr_png(address: str, *, module_px: int = 8) -> bytes:
    r"""Draw an address as a QR code of so many pixels a module, for word processors.

    Examples
    --------
    >>> qr_png("https://example.org/")[:4]
    b'\x89PNG'
    """
    picture = io.BytesIO()
    _code(address).save(picture, kind="png", scale=module_px, border=_QUIET_MODULES)
    return picture.getvalue()


def _code(address: str) -> segno.QRCode:
    """Make the code of an address.

    Raises
    ------
    ParameterError : if it does not fit into one.
    """
    import segno

    try:
        return segno.make_qr(address, error="m")
    except segno.DataOverflowError as error:
        raise ParameterError("the address is too long for a QR code; leave words out") from error
