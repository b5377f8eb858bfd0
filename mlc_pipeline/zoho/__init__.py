"""Everything that knows Zoho Books: its data centers, its OAuth, its REST API v3 and its errors."""
