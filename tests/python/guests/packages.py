# SPDX-License-Identifier: GPL-2.0-or-later
"""packages.py FUNCTION: uses a popular package a little."""

import sys


def use_cryptography():
    from cryptography.fernet import Fernet
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    fernet = Fernet(Fernet.generate_key())
    assert fernet.decrypt(fernet.encrypt(b"text")) == b"text"
    aead = AESGCM(AESGCM.generate_key(128))
    nonce = bytes(12)
    sealed = aead.encrypt(nonce, b"text", None)
    assert aead.decrypt(nonce, sealed, None) == b"text"
    key = ec.generate_private_key(ec.SECP256R1())
    algorithm = ec.ECDSA(hashes.SHA256())
    key.public_key().verify(key.sign(b"text", algorithm), b"text", algorithm)
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM,
        serialization.PublicFormat.SubjectPublicKeyInfo)
    serialization.load_pem_public_key(pem)


def use_lxml():
    from lxml import etree, html
    root = etree.fromstring("<a><b x='1'>t</b></a>")
    assert root.xpath("//b/@x") == ["1"]
    etree.tostring(root)
    assert html.fromstring("<p>a<b>c").text_content() == "ac"
    try:
        etree.fromstring("<a>")
    except etree.XMLSyntaxError:
        pass


def use_yaml():
    import yaml
    value = {"a": [1, 2.5, {"b": "c"}]}
    for dumper, loader in ((yaml.SafeDumper, yaml.SafeLoader),
                           (yaml.CSafeDumper, yaml.CSafeLoader)):
        assert yaml.load(yaml.dump(value, Dumper=dumper),
                         Loader=loader) == value
        try:
            yaml.load("a: [", Loader=loader)
        except yaml.YAMLError:
            pass


def use_requests():
    import http.server
    import threading
    import requests

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"text")

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = "http://127.0.0.1:%d/" % server.server_port
        assert requests.get(url, timeout=100).text == "text"
        server.shutdown()
        thread.join()


def use_pandas():
    import pandas
    frame = pandas.DataFrame({"a": [1, 2, 3, 1], "b": list("xyzx"),
                              "c": [0.0, 1.0, 2.0, 3.0]})
    assert frame.groupby("a")["c"].sum().tolist() == [3.0, 1.0, 2.0]
    frame.merge(frame, on="a").describe()
    frame.pivot_table(index="a", columns="b", values="c")
    frame.to_csv()
    pandas.to_datetime(["2020-01-01", "2021-02-03"])


def use_scipy():
    import scipy.interpolate
    import scipy.sparse
    curve = scipy.interpolate.CubicSpline([0, 1, 2, 3], [0, 1, 4, 9])
    assert abs(curve(1.5) - 2.25) < 1e-9
    assert scipy.sparse.eye(5).tocsr().sum() == 5


def use_gevent():
    from gevent import monkey
    monkey.patch_all()
    import gevent.pool
    import greenlet

    def work(n):
        gevent.sleep(0.001)
        return [object() for _ in range(n)]

    pool = gevent.pool.Pool(10)
    assert sum(len(r) for r in pool.imap_unordered(work, range(60))) == 1770

    def switch(n):
        return greenlet.getcurrent().parent.switch([n])

    started = [greenlet.greenlet(switch) for _ in range(20)]
    assert [g.switch(n) for n, g in enumerate(started)] == \
        [[n] for n in range(20)]
    assert started[0].switch("end") == "end"


if __name__ == "__main__":
    globals()[sys.argv[1]]()
