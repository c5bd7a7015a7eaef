"""What would change if facilities were added, moved, closed or enlarged.

==========  ==============================================================================
applying    changes put to a facility frame: :func:`~geomap.plan.scenarios.applying.apply_changes`
effect      before and after: :func:`~geomap.plan.scenarios.effect.scenario_effect`
answer      what comes back
asked       what is asked, narrowed to the ground that it can matter on
steps       what is worked out, one function each
stands      where each facility serves from before, after, and without each change
served      who is covered; looked at again only near what changes
alone       what each change does alone, given all the others
held        what else is held before against after: beds, gaps, equity
notes       what a reader must know beside the figures
==========  ==============================================================================
"""
