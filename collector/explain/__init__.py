"""``windsock-collector explain``: one log as one page that a stranger understands."""
