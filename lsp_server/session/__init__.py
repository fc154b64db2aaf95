"""What is known and done while one editor is connected."""
