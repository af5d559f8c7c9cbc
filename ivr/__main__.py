"""`python -m ivr`: the command line, also where the script `ivr` is not on the PATH."""

from ivr.cli import main

if __name__ == "__main__":
    main()
