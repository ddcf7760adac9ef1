# SPDX-License-Identifier: GPL-2.0-or-later
"""packages.py FUNCTION: uses a popular package a little.
packages.py FUNCTION check: makes a leak check after that."""

import gc
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


def use_numpy():
    import numpy
    numbers = numpy.arange(1000.0).reshape(10, 100)
    numpy.linalg.svd(numbers)
    numpy.fft.fft(numbers)
    numpy.random.default_rng(1).normal(size=100)
    assert numpy.unique(numbers.astype(int)).size == 1000
    assert numpy.einsum("ij,kj->ik", numbers, numbers).shape == (10, 10)
    str(numpy.zeros(3, dtype=[("a", "i4"), ("b", "f8")]))
    numpy.array(["a", [1]], dtype=object)


def use_h5py():
    import h5py
    with h5py.File("x.h5", "w", driver="core", backing_store=False) as file:
        data = file.create_dataset("d", (10, 10), dtype="f8")
        data[...] = 1
        data.attrs["name"] = "text"
        file.create_group("g")["numbers"] = [1, 2, 3]
        assert list(file) == ["d", "g"]
        assert data[2:4].sum() == 20


def use_jinja2():
    import jinja2
    template = jinja2.Environment(autoescape=True).from_string(
        "{% for i in x %}{{ i }},{% endfor %}")
    assert template.render(x=[1, "<"]) == "1,&lt;,"


def use_simplejson():
    import simplejson
    value = {"a": [1, 2.5, None, "x"]}
    assert simplejson.loads(simplejson.dumps(value)) == value


def use_msgpack():
    import msgpack
    value = {"a": [1, 2.5, None, "x"]}
    assert msgpack.unpackb(msgpack.packb(value)) == value


def use_psutil():
    import psutil
    process = psutil.Process()
    process.memory_info()
    process.open_files()
    process.as_dict(["pid", "name", "cmdline"])
    psutil.cpu_times()
    psutil.virtual_memory()
    psutil.net_if_addrs()


def use_sqlalchemy():
    import sqlalchemy
    engine = sqlalchemy.create_engine("sqlite://")
    table = sqlalchemy.Table(
        "t", sqlalchemy.MetaData(),
        sqlalchemy.Column("a", sqlalchemy.Integer, primary_key=True),
        sqlalchemy.Column("b", sqlalchemy.String))
    table.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(table.insert(), [{"b": "x"}, {"b": "y"}])
        assert connection.execute(table.select()).fetchall()[1][1] == "y"
    engine.dispose()


def use_bcrypt():
    import bcrypt
    assert bcrypt.checkpw(b"x", bcrypt.hashpw(b"x", bcrypt.gensalt(4)))


def use_nacl():
    import nacl.secret
    import nacl.signing
    import nacl.utils
    box = nacl.secret.SecretBox(nacl.utils.random(32))
    assert box.decrypt(box.encrypt(b"text")) == b"text"
    nacl.signing.SigningKey.generate().sign(b"text")


def use_cffi():
    import cffi
    ffi = cffi.FFI()
    ffi.cdef("int abs(int); struct s { int a; char* b; };")
    assert ffi.dlopen(None).abs(-1) == 1
    ffi.new("struct s*").a = 1
    assert ffi.callback("int(int)", lambda x: x)(5) == 5


def use_greenlet():
    import greenlet
    one = greenlet.greenlet(lambda x: greenlet.getcurrent().parent.switch(x))
    assert one.switch([1]) == [1]


def use_tornado():
    import asyncio
    import tornado.httpclient
    import tornado.httpserver
    import tornado.testing
    import tornado.web

    class Handler(tornado.web.RequestHandler):
        def get(self):
            self.write({"a": 1})

    async def talk():
        socket, port = tornado.testing.bind_unused_port()
        server = tornado.httpserver.HTTPServer(
            tornado.web.Application([("/", Handler)]))
        server.add_sockets([socket])
        client = tornado.httpclient.AsyncHTTPClient()
        answer = await client.fetch("http://127.0.0.1:%d/" % port)
        assert answer.body == b'{"a": 1}'
        server.stop()

    asyncio.run(talk())


def use_regex():
    import regex
    assert regex.findall(r"(?<a>\w+)\s", "a b c ") == ["a", "b", "c"]
    assert regex.fullmatch(r"(?:cat){e<=1}", "cit")


def use_lz4():
    import lz4.block
    import lz4.frame
    for packer in lz4.frame, lz4.block:
        assert packer.decompress(packer.compress(b"x" * 1000)) == b"x" * 1000


def use_bitarray():
    import bitarray
    bits = bitarray.bitarray("0101")
    bits += bits
    assert bits.to01() == "01010101"


def use_gmpy2():
    import gmpy2
    assert gmpy2.is_prime(gmpy2.mpz(10) ** 100 + 267)
    assert gmpy2.mpfr("1.5") * 2 == gmpy2.mpq(3)


def use_cairo():
    import cairo
    import io
    surface = cairo.ImageSurface(cairo.FORMAT_ARGB32, 50, 50)
    context = cairo.Context(surface)
    context.line_to(10, 10)
    context.stroke()
    context.show_text("text")
    surface.write_to_png(io.BytesIO())


def use_pydantic():
    import pydantic
    import typing

    class Model(pydantic.BaseModel):
        a: int
        c: typing.List[float] = []

    assert Model(a="1", c=["1.5"]).c == [1.5]
    try:
        Model(a="x")
    except pydantic.ValidationError as error:
        str(error)


def use_tkinter():
    import tkinter
    assert tkinter.Tcl().eval("expr 1 + 1") == "2"


def use_openssl():
    from OpenSSL import SSL, crypto
    SSL.Context(SSL.TLS_METHOD)
    crypto.PKey().generate_key(crypto.TYPE_RSA, 2048)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
    if sys.argv[2:] == ["check"]:
        import midrun
        gc.collect()
        midrun.check("after the use")
