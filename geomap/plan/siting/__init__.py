"""Where the next facilities should stand: location models, solved with a proven bound.

=================  =============================================================================
places, matrix     ``gm.site`` from frames of places, ``gm.site_from_matrix`` from costs
ways               the frames: people, places, and how far it is
by_type, several   several types at once, each with its standard
solving            which way to solve a question, and what to tell of the answer
problem            the question: costs, people, what is required, excluded, paid for; its checks
answer             the answer: what is chosen, the objective, the bound, why it stopped
medians, median    p-median and MCLP: one engine, for covering most is a p-median of 0 and 1
start              the first answer: lazy greedy, then the fast interchange
lagrange           bounds, and candidates ruled in or out by them
radii              the mixed-integer programme of what is left
nested             sets of rows, or of candidates, that lie within others
covering, center   LSCP; p-center by bisection over covers
limited            the median form where money, or one type a site, limits the choice
capacitated        the forms with beds: demand is carried to sites, in parts if need be
highs              HiGHS, asked to minimise
=================  =============================================================================
"""
