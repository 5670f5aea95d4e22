"""The evidence pack of a job: everything that it takes to verify, far from here, what the job did. docs/audit.md says
what is in one; `audit.pack_check` judges it.
"""

from jobs.evidence.pack import Evidence, take_evidence

__all__ = ["Evidence", "take_evidence"]
