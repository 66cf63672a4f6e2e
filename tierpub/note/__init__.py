"""Text to portions with exact spans. Knows nothing of policy."""
