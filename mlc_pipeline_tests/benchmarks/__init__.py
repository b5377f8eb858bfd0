"""What guards `make bench`: that both sides do the same work, and that a missed figure is a failure."""
