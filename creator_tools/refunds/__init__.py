"""Money that goes back, and what goes with it: quoted first, decided once, certain at the end."""
