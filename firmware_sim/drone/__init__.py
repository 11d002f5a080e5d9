"""`windsock-sim drone`: simulated drones on ptys, TCP and UDP."""
