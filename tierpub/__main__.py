"""`python -m tierpub`."""

from tierpub.cli import main

if __name__ == "__main__":
    main()
