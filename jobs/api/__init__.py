"""Jobs and files over HTTP."""
