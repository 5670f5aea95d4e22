"""How pages write moments, where Django's own way leaves out what an auditor needs."""
