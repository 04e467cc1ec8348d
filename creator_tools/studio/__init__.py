"""The creator's desk in a chat: commands, drafts, confirmation, undo. Text in, text out."""
