"""``python -m api.cli``: the command line where no script is installed."""

from api.cli import main

main()
