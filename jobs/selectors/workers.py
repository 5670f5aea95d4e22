"""Is anybody there to run jobs?"""

from datetime import datetime

from django.db.models import QuerySet
from django.db.models.expressions import Combinable

from common import clock
from jobs.models import Worker


def alive_workers(at: datetime | Combinable) -> QuerySet[Worker]:
    """The workers that have beaten within their lease and are not about to stop."""
    return Worker.objects.filter(gone_at__isnull=True, stopping_at__isnull=True, lease_until__gt=at)


def any_worker_alive() -> bool:
    """Whether some worker would take a job."""
    return alive_workers(clock.now()).exists()
