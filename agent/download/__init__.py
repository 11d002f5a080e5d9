"""Logs off a drone, by whichever way is safe and fast. Pure; time passes in."""
