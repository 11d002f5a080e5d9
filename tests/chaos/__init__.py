"""What it takes to prove that nothing is lost and nothing comes twice: `make chaos`."""
