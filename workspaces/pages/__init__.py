"""What every page of the staff UI shares, and the pages of people and workspaces. CONTRIBUTING.md says how one is built."""
