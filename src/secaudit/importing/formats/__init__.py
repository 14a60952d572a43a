"""One module a format, found by name. Each has

NAME = "bandit"                           how a person calls it
def fits(data) -> bool                    whether parsed JSON is of this format
def read(data) -> Report                  what it says

The data are anybody's: modules take values out of them with `importing.shape` only, which never trusts a type.
"""
