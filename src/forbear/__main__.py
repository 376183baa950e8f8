"""`python -m forbear`: the same as the command `forbear`."""

from forbear.cli.main import main

if __name__ == "__main__":
    main()
