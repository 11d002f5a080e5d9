"""The link to drones: ports, frames, who is on it, when and what we may send."""
