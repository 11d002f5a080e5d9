"""Facts from outside: what people and other programs tell us, as files, by HTTP, from HubSpot."""
