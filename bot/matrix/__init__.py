"""Matrix: rooms and direct chats, also encrypted ones, on the bot's own homeserver and those it federates with."""
