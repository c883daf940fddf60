"""E-mail as a way to people without a messenger: opting in, what they want, getting out again, mail that came back."""
