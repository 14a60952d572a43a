"""Network protocols, spoken over a wire that is given. Bytes in, facts out; nothing is judged here."""
