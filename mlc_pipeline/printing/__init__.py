"""What people read at the terminal."""
