"""Faults for real: runs are killed at random moments while Zoho Books loses answers; and what is left then."""
