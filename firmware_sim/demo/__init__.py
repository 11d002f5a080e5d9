"""The demo: the whole product on one machine, in about a minute, with nothing typed."""
