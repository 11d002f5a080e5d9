"""What an operator asks of deliveries: what is missing, what can't be read, and a copy of all."""
