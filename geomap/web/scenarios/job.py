"""A scenario's job: ``python -m geomap.web.scenarios.job JOBS ID FOLDER SECONDS``."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from geomap.data.jobs import Jobs
from geomap.web.plan.inputs import inputs_of
from geomap.web.scenarios.document import written
from geomap.web.scenarios.steps import STEPS, share_done
from geomap.web.scenarios.working import question_of, weight_of, work_out, write_result


def main(folder: str, number: str, workspace: str, seconds: str) -> None:
    """Do one job: work out what the changes do within the time, and keep the result."""
    jobs = Jobs(Path(folder))
    ask, changes = question_of(jobs.asked(number))
    with jobs.work(number) as progress:
        end = time.monotonic() + float(seconds)

        def tell(step: str, done: int, of: int) -> None:
            place, share = share_done(step, done, of)
            progress.tell(step, number=place, of_steps=len(STEPS), share=share)

        inputs = inputs_of(Path(workspace) if workspace else None)
        found = work_out(
            ask, changes, inputs, tell=tell, out_of_time=lambda: time.monotonic() > end
        )
        write_result(jobs.place(number), written(found, ask, weight_of(ask, inputs)))


if __name__ == "__main__":
    main(*sys.argv[1:])
