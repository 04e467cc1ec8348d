"""The creator's page: everything the chat can do, by the same deeds, on a phone and at a desk."""
