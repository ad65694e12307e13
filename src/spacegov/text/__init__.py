"""Plain text in, passages and anchored quotations out."""
