"""What the placeholders in a rule's template stand for, by family of rules."""
