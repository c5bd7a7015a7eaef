"""The process of a siting job: ``python -m geomap.web.siting.job JOBS ID WORKSPACE SECONDS``."""

from __future__ import annotations

import sys
from dataclasses import replace
from math import isfinite
from pathlib import Path

from geomap.data.jobs import Jobs
from geomap.web.plan.inputs import inputs_of
from geomap.web.siting.ask import SiteAsk
from geomap.web.siting.working import STEPS, fraction_done, work_out, write_result


def main(folder: str, number: str, workspace: str, seconds: str) -> None:
    """Do one job: choose the sites, tell of the best so far, and keep the result."""
    jobs = Jobs(Path(folder))
    ask = SiteAsk.from_dict(jobs.asked(number)["site"])
    ask = replace(ask, time_limit_s=min(ask.time_limit_s, float(seconds)))  # the operator's say
    with jobs.work(number) as progress:

        def step(name: str) -> None:
            place = STEPS.index(name) + 1
            progress.tell(name, number=place, of_steps=len(STEPS), share=place / 10, now=True)

        known: set[bool] = set()

        def tell(objective: float, bound: float) -> None:
            share = fraction_done(jobs.find(number), ask)
            first = isfinite(bound) not in known  # the first bound is told at once: others may
            known.add(isfinite(bound))  # take long to come
            progress.tell("choose", number=2, of_steps=len(STEPS), share=share,
                          best=(objective, bound), now=first)  # fmt: skip

        solved = work_out(
            ask, inputs_of(Path(workspace) if workspace else None), tell=tell, step=step
        )
        write_result(jobs.place(number), solved)


if __name__ == "__main__":
    main(*sys.argv[1:])
