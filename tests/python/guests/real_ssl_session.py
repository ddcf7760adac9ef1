# SPDX-License-Identifier: GPL-2.0-or-later
"""CPython gh-116810: each look at SSLObject.session copies the session of
OpenSSL, and loses the copy."""

import ssl

import guest


def handshake():
    """A client and a server that talk TLS 1.2 through memory."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = []
    for protocol, server in ((ssl.PROTOCOL_TLS_CLIENT, False),
                             (ssl.PROTOCOL_TLS_SERVER, True)):
        context = ssl.SSLContext(protocol)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("AECDH:@SECLEVEL=0")
        incoming, outgoing = (to_server, to_client) if server \
            else (to_client, to_server)
        ends.append(context.wrap_bio(incoming, outgoing, server_side=server))
    done = set()
    while len(done) < 2:
        for end in ends:
            try:
                end.do_handshake()
                done.add(end)
            except ssl.SSLWantReadError:
                pass
    return ends


ENDS = handshake()


def leak():
    ENDS[0].session  # LEAK


def clean():
    ENDS[0].session_reused


if __name__ == "__main__":
    guest.main(globals())
