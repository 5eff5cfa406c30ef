#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""
Opens the page of an export in Chromium, from a file, as a lawyer would: it searches, its links lead
to the messages, nothing is asked of a network, and no script but its own runs.

    bundle.py PAGE MESSAGES     exit 0: all well, 1: not, 77: no browser
"""
import os
import shutil
import sys
import tempfile
import urllib.parse

import pages
from pages import check

ROWS = "[...document.querySelectorAll('tbody tr')]"
FIND = "{const i = document.getElementById('q'); i.value = %r; i.dispatchEvent(new Event('input'))}"


def search(browser, words):
    browser.value(FIND % words)
    return browser.value(ROWS + ".filter(r => !r.hidden && r.getClientRects().length > 0).length")


def main():
    page, messages = os.path.abspath(sys.argv[1]), int(sys.argv[2])
    program = shutil.which("chromium")
    if program is None:
        print("SKIP  chromium is missing")
        return 77
    url = "file://" + urllib.parse.quote(page)
    with tempfile.TemporaryDirectory() as profile:
        browser = pages.Browser(program, profile)
        try:
            for domain in "Page", "Runtime", "Network", "Log":
                browser.ask(domain + ".enable")
            browser.ask("Page.navigate", url=url)
            browser.until("Page.loadEventFired")
            check("a row a message", search(browser, ""), messages)
            check("words find a row", search(browser, "PRICE anna@corp.example"), 1)
            check("which is counted", browser.value("document.getElementById('n').textContent"),
                  "1 of %d messages" % messages)
            check("a subject is text", search(browser, "<script>"), 1)
            check("nothing fits", search(browser, "price nobody"), 0)
            search(browser, "")
            links = browser.value("[...document.querySelectorAll('a[href]')].map(a => a.href)")
            files = [urllib.parse.unquote(link[len("file://"):]) for link in links]
            check("every link leads to a file", [f for f in files if not os.path.isfile(f)], [])
            inside = os.path.dirname(page) + os.sep
            check("in the folder", [f for f in files if not os.path.abspath(f).startswith(inside)], [])
            check("each message has one", len([f for f in files if f.endswith(".eml")]), messages)
            check("no script of a mail ran", browser.value("typeof window.owned"), "undefined")
            check("no element that a mail could have made",
                  browser.value("document.querySelectorAll('img, iframe, object, embed, link, form, base').length"), 0)
            check("the page is in order", browser.value(pages.STRUCTURE), "")
            check("all text can be read", browser.value(pages.CONTRAST), "")
            asked = [event["params"]["request"]["url"] for event in browser.events
                     if event.get("method") == "Network.requestWillBeSent"]
            check("nothing but the page was asked for", [u for u in asked if u.split("#")[0] != url], [])
            check("the console is silent", pages.told(browser, {"Runtime.exceptionThrown", "Runtime.consoleAPICalled",
                                                                "Log.entryAdded"}), [])
        finally:
            browser.close()
    return 1 if pages.failed else 0


if __name__ == "__main__":
    sys.exit(main())
