"""The drones that come by: met, visited, their logs fetched and handed over."""
