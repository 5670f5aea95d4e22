"""The engine's tables. `jobs.engine.journal` writes most of them as SQL; the columns are described here."""

from jobs.models.files import Blob, File
from jobs.models.job import Job
from jobs.models.payload import Payload
from jobs.models.preview import Pin, Preview, SampleInputs
from jobs.models.steprun import StepRun
from jobs.models.wait import Wait
from jobs.models.worker import Worker

__all__ = ["Blob", "File", "Job", "Payload", "Pin", "Preview", "SampleInputs", "StepRun", "Wait", "Worker"]
