"""How long a walk may take where no street network is loaded: an estimate, and labelled so."""

from __future__ import annotations

import math

#: Ways are longer than straight lines; studies of cities report 1.2 to 1.4.
DETOUR = 1.3
#: The pace of older people, metres a second.
SENIOR_MPS = 0.8


def walking_minutes(
    distance_m: float, *, speed_mps: float = SENIOR_MPS, detour: float = DETOUR
) -> int:
    """Estimate the minutes of a walk, rounded up.

    Parameters
    ----------
    distance_m : straight-line metres.
    speed_mps : walking speed, metres a second.
    detour : length of the way over that of the straight line.

    References
    ----------
    Detour factors (circuity): Levinson & El-Geneidy 2009,
    doi:10.1016/j.regsciurbeco.2009.07.003; pace of people over 65, 0.8 to 0.9 m/s: Asher et al.
    2012, doi:10.1093/ageing/afs076.

    Examples
    --------
    >>> walking_minutes(320), walking_minutes(0)
    (9, 0)
    """
    return math.ceil(distance_m * detour / speed_mps / 60)


def walking_reach_m(
    minutes: float, *, speed_mps: float = SENIOR_MPS, detour: float = DETOUR
) -> float:
    """Give the straight-line metres that a walk of some minutes covers: the inverse estimate.

    Examples
    --------
    >>> round(walking_reach_m(15))
    554
    """
    return minutes * 60 * speed_mps / detour
