"""Operations on jobs of every kind: list, read, cancel."""

from __future__ import annotations

from sam2_session.core.errors import JobNotFound
from sam2_session.services.fields.fields import Fields, Nothing, Text
from sam2_session.services.operations.operation import (
    Access,
    Operation,
    Pages,
    Route,
)
from sam2_session.services.operations.work_answers import Job, Jobs


class OfJob(Fields, frozen=True, kw_only=True):
    """Names a job."""

    job_id: Text


LIST_JOBS = Operation(
    name="list_jobs",
    text="All jobs, oldest first",
    access=Access.VIEW,
    fields=Nothing,
    answer=Jobs,
    route=Route(method="GET", path="/api/jobs", pages=Pages("jobs", "job_id")),
    do=lambda services, _: services.jobs.list(),
)

GET_JOB = Operation(
    name="get_job",
    text="One job",
    access=Access.VIEW,
    fields=OfJob,
    answer=Job,
    errors=(JobNotFound,),
    route=Route(method="GET", path="/api/jobs/{job_id}"),
    do=lambda services, call: services.jobs.get(call.fields.job_id),
)

CANCEL = Operation(
    name="cancel",
    text="Cancel a job of any kind; its finished results stay",
    access=Access.EDIT,
    fields=OfJob,
    answer=Job,
    errors=(JobNotFound,),
    event=True,
    route=Route(method="DELETE", path="/api/jobs/{job_id}"),
    ack_field="job",
    do=lambda services, call: services.jobs.cancel(call.fields.job_id),
)
