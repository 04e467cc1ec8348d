"""Audio, video and files of creators: taken in by parts, told apart by their bytes, kept once."""
