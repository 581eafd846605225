"""Reads a feed with feedparser, conditionally, and prints what it saw as JSON.

usage: readfeed.py ADDRESS STATE
STATE is a file that keeps the validators from one run to the next.
"""
import json
import os
import sys

import feedparser

address, state = sys.argv[1:]
held = {}
if os.path.exists(state):
    with open(state, encoding="utf-8") as f:
        held = json.load(f)
feed = feedparser.parse(address, etag=held.get("etag"), modified=held.get("modified"))
if feed.status == 200:
    with open(state, "w", encoding="utf-8") as f:
        json.dump({"etag": feed.get("etag"), "modified": feed.get("modified")}, f)
json.dump({
    "status": feed.status,
    "faults": [str(feed.get("bozo_exception", "unknown"))] if feed.bozo else [],
    "title": feed.feed.get("title", ""),
    "language": feed.feed.get("language", ""),
    "entries": [{
        "id": e.get("id", ""),
        "title": e.get("title", ""),
        "link": e.get("link", ""),
        "author": e.get("author", ""),
        "published": e.get("published_parsed") is not None,
        "content": e.content[0].value if "content" in e else "",
    } for e in feed.entries],
}, sys.stdout)
