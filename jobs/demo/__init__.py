"""The demonstration: a workspace with sample workflows, and a sample job run through the HTTP API as a program would."""
