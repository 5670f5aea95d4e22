"""Which faults there are: their names, what must hold, and where they run. Imports nothing of the project's apps."""

from dataclasses import dataclass

SQLITE, POSTGRESQL = "sqlite", "postgresql"
BOTH = (SQLITE, POSTGRESQL)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is broken on purpose. `seconds` bounds a full run; a short one has a fifth of it."""

    id: str
    title: str
    goal: str
    databases: tuple[str, ...] = BOTH
    seconds: int = 900
    about_services: bool = False
    """About services and the sandbox: the tests, which must be quick, run it on SQLite alone."""
    own_server: bool = False
    """Needs a PostgreSQL server that nobody else uses."""


FAULTS = (
    Fault(
        id="F1",
        title="kill -9 of a worker in the middle of a step",
        goal="none of 1,000 jobs lost under 20 kills, nothing succeeds twice, taken over within the lease + 10 s",
    ),
    Fault(
        id="F2",
        title="kill -9 of the whole cluster, started again",
        goal="none of 1,000 jobs lost in 10 rounds, everything in hand again within 30 s",
    ),
    Fault(
        id="F3",
        title="the database restarts, fast and immediate",
        goal="10 restarts: no job lost, no worker dies, everything goes on within 60 s",
        databases=(POSTGRESQL,),
        own_server=True,
    ),
    Fault(
        id="F4",
        title="the connection is lost at a commit",
        goal="200 cuts: no effect that must not be repeated is repeated, no job lost",
        databases=(POSTGRESQL,),
    ),
    Fault(
        id="F7",
        title="three times as many rings as jobs, and clusters that race for them",
        goal="1,000 jobs run once each",
    ),
    Fault(id="F8", title="16 workers claim the same job", goal="one winner in 10,000 of 10,000 rounds"),
    Fault(
        id="F9",
        title="a worker sleeps beyond its lease and wakes (SIGSTOP, SIGCONT)",
        goal="none of 200 sleepers writes anything after another worker has its job",
    ),
    Fault(
        id="F10",
        title="a job kills every worker that runs it",
        goal="its step starts 3 times, then fails as interrupted; the others' p95 stays below twice the usual",
    ),
    Fault(
        id="F11",
        about_services=True,
        title="services that hang, drip or never end",
        goal="100 of 100 steps end at most 2 s after their deadline",
    ),
    Fault(
        id="F12",
        about_services=True,
        title="429 with every kind of Retry-After",
        goal="no call before its time, no worker held, more than an hour fails as rate_limited with retry_at",
    ),
    Fault(
        id="F13",
        about_services=True,
        title="a service that answers 95 % of all calls with 500",
        goal="no step is tried more often than its policy says; steps on another host are not slowed",
    ),
    Fault(
        id="F15",
        about_services=True,
        title="answers of 100 MB, gzip bombs, bodies without end",
        goal="cut at 10 MiB decoded, within 3 s of the limit, the worker grows by less than 50 MB",
    ),
    Fault(
        id="F16",
        title="answers that are no text, no JSON or no number",
        goal="each is stored or a step error with a code; no worker dies, no machinery error",
    ),
    Fault(
        id="F17",
        title="10,000 malformed requests, definitions and expressions",
        goal="no answer is 5xx, none takes more than 2 s",
    ),
    Fault(
        id="F18",
        title="activation while the draft is edited, and two at once",
        goal="every version is exactly one draft that was saved; no number is missing",
    ),
    Fault(
        id="F19",
        title="cancel at 500 random moments",
        goal="no step starts after the cancel is committed; a running job ends within 5 s",
    ),
    Fault(
        id="F21",
        title="eight writers for a minute while jobs run",
        goal="nobody sees “database is locked”",
        databases=(SQLITE,),
    ),
    Fault(
        id="F22",
        title="SIGTERM while jobs run, 20 times",
        goal="the cluster stops within 30 s each time, no job is lost, no death is counted",
    ),
    Fault(
        id="F24",
        about_services=True,
        title="the sandbox's process is killed or hangs",
        goal="an error of that step, and the next step of the same worker works",
    ),
    Fault(
        id="F26",
        title="kill -9 in a loop of 10,000 items",
        goal="no item that was recorded is done again; none is missing",
    ),
    Fault(
        id="BUSY",
        title="every worker is inside a step of ten minutes",
        goal="a dead owner elsewhere is found, and a delay ends, within 2 s of their times",
    ),
)

BY_ID = {fault.id: fault for fault in FAULTS}
