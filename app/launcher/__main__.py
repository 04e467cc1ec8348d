"""`python -m app.launcher [--fresh] [--pss]`: what ./run runs."""

import signal
import sys

# While our own code is read in there is nothing to take down, so a wish to stop simply ends us. Its
# exception would be lost in one of the importer's callbacks, and a start that nobody wants go on.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from app.launcher.command import main  # noqa: E402 - the line above must come first

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
