"""Who is who: drones, customers, distributors and CSMs, by dated links."""
