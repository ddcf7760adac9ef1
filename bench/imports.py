# SPDX-License-Identifier: GPL-2.0-or-later
"""What a larger program does when it starts: imports, classes, compiled regular
expressions, a command line."""

import argparse
import asyncio
import collections
import csv
import ctypes
import dataclasses
import datetime
import decimal
import email.message
import http.client
import json
import logging
import multiprocessing
import re
import sqlite3
import ssl
import sys
import unittest
import xml.etree.ElementTree

modules = [argparse, asyncio, collections, csv, ctypes, datetime, decimal,
           email, http, json, logging, multiprocessing, sqlite3, ssl, unittest,
           xml]

parser = argparse.ArgumentParser()
parser.add_argument("--name", default="nobody")
args = parser.parse_args([])


@dataclasses.dataclass
class Settings:
    name: str
    sizes: list = dataclasses.field(default_factory=list)


WORDS = re.compile(r"(?P<first>\w+)\s+(?:of|by)\s+(?P<rest>[\w\s]+)$")
settings = Settings(args.name, [len(vars(m)) for m in modules])
print("modules=%d" % len(sys.modules) if WORDS.match("one of them") else "")
