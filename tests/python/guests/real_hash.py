# SPDX-License-Identifier: GPL-2.0-or-later
"""CPython gh-140406: a __hash__ that returns no int; what it returned is
lost."""

import guest


class Key:
    def __init__(self, result):
        self.result = result

    def __hash__(self):
        return self.result + 1 if type(self.result) is int \
            else "hash of %s" % self.result  # LEAK


def leak():
    try:
        hash(Key("a key"))
    except TypeError:
        pass


def clean():
    hash(Key(123456789))


if __name__ == "__main__":
    guest.main(globals())
