"""The edge agent: reads flight logs, measures each flight, sends compact batches."""
