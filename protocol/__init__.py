"""What travels between agent and collector: signals, messages, codec, topics. No I/O."""
