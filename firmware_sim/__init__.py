"""An autopilot and a fleet that are not there, and the demo that needs them."""
