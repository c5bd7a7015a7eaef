"""Where the next facilities should stand: location models, solved with a proven bound.

=================  =============================================================================
candidates, room   a grid of candidates, what lies in exclusion areas, how many beds fit
money              yuan a person newly covered, the subsidy of a year
places, matrix     ``gm.site`` from frames of places, ``gm.site_from_matrix`` from costs
ways               the frames: people, places, and how far it is
by_type, several   several types at once, each with its standard
joint, together    the types as one question, solved where they stand in each other's way
solving            which way to solve a question, and what to tell of the answer
problem            the question: costs, people, what is required, excluded, paid for; its checks
answer             the answer: what is chosen, the objective, the bound, why it stopped
medians, median    p-median and MCLP: one engine, for covering most is a p-median of 0 and 1
start, swaps       the first answer: lazy greedy, the fast interchange, swaps at random
lagrange           bounds, and candidates ruled in or out by them
radii              the mixed-integer programme of what is left
nested             sets of rows, or of candidates, that lie within others
covering, center   LSCP; p-center by bisection over covers
limited            the median form where money limits the choice
capacitated        the forms with beds: demand is carried to sites, in parts if need be
highs              HiGHS, asked to minimise
=================  =============================================================================
"""
