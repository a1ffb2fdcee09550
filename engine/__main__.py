"""`python -m engine …` is the command `pokazatel …`."""

from engine.console.main import main

if __name__ == "__main__":
    main()
