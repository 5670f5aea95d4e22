"""Is anybody there to run jobs?"""

from common import clock
from jobs.models import Worker


def any_worker_alive() -> bool:
    """Whether some worker has beaten within its lease and is not about to stop."""
    alive = Worker.objects.filter(gone_at__isnull=True, stopping_at__isnull=True, lease_until__gt=clock.now())
    return alive.exists()
