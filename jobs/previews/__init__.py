"""Previews: trying a draft out. Started, kept for next time, ended and, after a day, removed."""

from jobs.previews.kept import (
    forget_pin,
    keep_sample_inputs,
    pin_output,
    pins_of,
    sample_inputs_of,
)
from jobs.previews.last import LastOutput, LastPreview, last_preview
from jobs.previews.removal import remove_old_previews
from jobs.previews.samples import keep_gallery_samples, samples_for
from jobs.previews.starting import start_preview, start_preview_again

__all__ = [
    "LastOutput",
    "LastPreview",
    "forget_pin",
    "keep_gallery_samples",
    "keep_sample_inputs",
    "last_preview",
    "pin_output",
    "pins_of",
    "remove_old_previews",
    "sample_inputs_of",
    "samples_for",
    "start_preview",
    "start_preview_again",
]
