"""The process of a planner's job.

``python -m geomap.web.plan.job JOBS ID WORKSPACE SECONDS [NICENESS]``
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from geomap.data.jobs import Jobs
from geomap.data.standards import read_packs
from geomap.plan.review import STEPS
from geomap.web.plan.ask import Ask
from geomap.web.plan.inputs import inputs_of
from geomap.web.plan.review_files import write_review
from geomap.web.plan.working import share_done, work_out


def main(folder: str, number: str, workspace: str, seconds: str, niceness: str = "0") -> None:
    """Do one job: work its question out within the time, and keep the result."""
    os.nice(int(niceness))
    jobs = Jobs(Path(folder))
    asked = jobs.asked(number)
    with jobs.work(number) as progress:
        end = time.monotonic() + float(seconds)

        def tell(step: str, done: int, of: int) -> None:
            place, share = share_done(step, done, of)
            progress.tell(step, number=place, of_steps=len(STEPS), share=share)

        found = work_out(
            Ask.from_dict(asked["ask"]), inputs_of(Path(workspace) if workspace else None),
            read_packs(), steps=asked["steps"], tell=tell,
            out_of_time=lambda: time.monotonic() > end,
        )  # fmt: skip
        write_review(jobs.place(number), found)


if __name__ == "__main__":
    main(*sys.argv[1:])
