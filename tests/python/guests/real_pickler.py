# SPDX-License-Identifier: GPL-2.0-or-later
"""CPython bpo-41422: what a Pickler has in its memo is not seen by the cyclic
collector, so an object that holds its own pickler is never freed."""

import io
import pickle

import guest


class Document:
    def __init__(self, title):
        self.title = title

    def __reduce__(self):
        return Document, (self.title,)

    def save(self):
        pickler = pickle.Pickler(io.BytesIO())  # LEAK pickler
        pickler.dump(self)
        return pickler


def leak():
    document = Document("a title")  # LEAK
    document.pickler = document.save()


def clean():
    document = Document("a title")
    document.pickler = document.save()
    document.pickler.clear_memo()


if __name__ == "__main__":
    guest.main(globals())
