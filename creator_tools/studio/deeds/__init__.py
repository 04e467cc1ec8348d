"""What a creator does, one function per deed: the chat and the page call these and nothing else.

A deed checks, asks for a second word where it is dangerous, changes, and remembers how to take it
back. Words for people stand at the doors; only the sentence of an undo is written here, because
it is kept with the undo.
"""
