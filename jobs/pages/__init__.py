"""The pages of jobs, and the Overview."""
