"""The settings of a workspace: members, invitations, tokens, and the workspace itself."""
