"""The pages of workflows. CONTRIBUTING.md says how one is built."""
