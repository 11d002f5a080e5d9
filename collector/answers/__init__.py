"""What people say to cases, and what it changes."""
