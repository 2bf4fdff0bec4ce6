"""How fast the console's pages come where there are many messages and many people."""
