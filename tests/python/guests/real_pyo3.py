# SPDX-License-Identifier: GPL-2.0-or-later
"""PyO3 #6223: an object of an extension written in Rust does not give back its reference
to its class, when it is freed.  Seen with cryptography."""

from cryptography.x509 import ObjectIdentifier

import guest

SUBJECT = ObjectIdentifier
KEPT = ObjectIdentifier("1.2.3.4")


def leak():
    ObjectIdentifier("1.2.3.4")


def clean():
    KEPT.dotted_string


if __name__ == "__main__":
    guest.main(globals())
