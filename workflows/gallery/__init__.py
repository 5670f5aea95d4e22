"""The gallery: real workflows that people copy into a draft of their own, each in a folder beside this file.

A folder has the workflow as `SLUG.yaml`, what it calls as further YAML files, `about.yaml` and sample files. What a step
does stands in its `description`, so that the explanation goes along into the copy.
"""

from workflows.gallery.reading import FOLDER, SLUGS, Entry, SampleFile, entries, entry_of

__all__ = ["FOLDER", "SLUGS", "Entry", "SampleFile", "entries", "entry_of"]
