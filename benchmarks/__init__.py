"""What is measured, side by side, and how to run it: `make bench`."""
