"""How much waits in the database, in numbers about nobody."""
