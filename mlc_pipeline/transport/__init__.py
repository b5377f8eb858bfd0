"""What both clients share on the wire: exact JSON, the scrubbing of secrets, and what is safe to repeat."""
