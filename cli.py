"""The door of a checkout: `python cli.py …` is the command `pokazatel …`, installed or not."""

from engine.console.main import main

if __name__ == "__main__":
    main()
