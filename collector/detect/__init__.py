"""Pure detectors: arrays in, arrays out."""
