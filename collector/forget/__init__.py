"""Forgetting a drone or a customer: what goes, what stays, and no trace of it in the file."""
