"""What a relying party's developer writes, and a demonstration of the whole."""
