"""What is published: drafts, immutable revisions, previews cut on the server, review."""
