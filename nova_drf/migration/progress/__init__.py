"""How far a migration is: what the code says now, and what was proved and measured before."""
