"""E-mail as a network on which the bot only speaks."""
