#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""
Opens a page of 5,000 flags in Chromium: all rows are there, sorted by every column, filtered and found
by their links; with --time ROUNDS nothing is checked and the time until it is drawn is printed instead.

    many.py PAGE                  exit 0: all well, 1: not, 77: no browser
    many.py --time ROUNDS PAGE    a line for each round and the median, in milliseconds; and of sorting by each column
"""
import os
import re
import shutil
import statistics
import sys
import tempfile
import urllib.parse

import pages
from pages import ROWS, check

FLAGS = 5000
BUTTONS = "[...document.querySelectorAll('#all-flags th button')]"
FIND = "{const i = document.querySelector('#all-flags .filter input'); i.value = %r; i.dispatchEvent(new Event('input'))}"
SHOWN = ROWS + ".filter(r => !r.hidden).length"
# From the moment the page was asked for until it is drawn, its script done.
DRAWN = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"


# From a click on a head until the rows are drawn in their new order.
SORTED = ("new Promise(done => { const begin = performance.now(); %s[%d].click(); "
          "requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - begin))); })")


def sort(browser):
    """Each column both ways: the same rows, in the order that the column says."""
    before = browser.value(ROWS + ".map(r => r.id).sort().join(' ')")
    browser.value(BUTTONS + ".forEach(b => { b.click(); b.click(); })")
    check("no row is lost or doubled by sorting", browser.value(ROWS + ".map(r => r.id).sort().join(' ')") == before, True)
    browser.value(BUTTONS + "[0].click()")
    numbers = browser.value(ROWS + ".map(r => Number(r.cells[0].textContent.slice(5)))")
    check("all are in order", numbers, sorted(numbers))
    ranks = {"Low": 1, "Medium": 2, "High": 3}
    browser.value(BUTTONS + "[2].click()")
    words = [ranks[word] for word in browser.value(ROWS + ".map(r => r.cells[2].textContent)")]
    check("so are severities", words, sorted(words))


def find(browser):
    for label, words, left in (("one rule", "bird-7", 500), ("one mail", "partner77@rival0.example", 10),
                               ("one mail and one rule", "bird-7 partner77@", 1), ("nothing", "heron", 0), ("all", "", FLAGS)):
        browser.value(FIND % words)
        check("the filter leaves " + label, browser.value(SHOWN), left)


def on_paper(browser, folder):
    """So many rows are not printed unless somebody unfolded them, and the paper says so."""
    browser.value("document.querySelector('#all-flags > details').open = false")
    text = pages.print_page(browser, os.path.join(folder, "folded.pdf"))[1]
    check("a folded list of thousands is not printed", len(re.findall(r"flag-\d+\s*I-", text)), 0)
    check("which the paper says", "5,000 rows of this list are not printed; the CSV file has them." in " ".join(text.split()), True)
    browser.value(FIND % "partner77@rival0.example")
    text = pages.print_page(browser, os.path.join(folder, "unfolded.pdf"))[1]
    check("an unfolded one is, as it is filtered", len(set(re.findall(r"flag-\d+(?=\s*I-)", text))), 10)
    check("which the paper says too", "10 of 5000 flags" in " ".join(text.split()), True)
    check("and then no row is missing", "are not printed" in text, False)


def examine(browser):
    check("a page of 5,000 flags has them all in rows", browser.value(ROWS + ".length"), FLAGS)
    check("and each once", browser.value("new Set(%s.map(r => r.id)).size" % ROWS), FLAGS)
    check("the cards are the first 200", browser.value("document.querySelectorAll('#decide article').length"), 200)
    sort(browser)
    find(browser)
    check("a filter opens the list", browser.value("document.querySelector('#all-flags > details').open"), True)
    check("every link has its place", browser.value(
        "[...document.querySelectorAll('a[href^=\"#\"]')].filter(a => "
        "!document.getElementById(a.getAttribute('href').slice(1))).length"), 0)
    check("the console is silent", pages.told(browser, {"Runtime.exceptionThrown", "Runtime.consoleAPICalled",
                                                        "Log.entryAdded"}), [])


def measure(browser, url, rounds):
    times = []
    for number in range(rounds):
        pages.go(browser, "about:blank")
        pages.go(browser, url)
        times.append(browser.value(DRAWN))
        print("round %d: %d flags in rows, drawn after %.0f ms" % (number + 1, browser.value(ROWS + ".length"), times[-1]))
    print("median %.0f ms" % statistics.median(times))
    browser.value("document.querySelector('#all-flags > details').open = true")
    browser.value("document.querySelector('#all-flags').scrollIntoView()")
    browser.value(DRAWN)
    times = [browser.value(SORTED % (BUTTONS, column)) for column in range(browser.value(BUTTONS + ".length"))]
    print("sorted by each column: %s ms, median %.0f ms" % (" ".join("%.0f" % one for one in times), statistics.median(times)))


def main():
    timed = sys.argv[1] == "--time"
    program = shutil.which("chromium")
    if program is None:
        print("SKIP  chromium is missing")
        return 77
    url = "file://" + urllib.parse.quote(os.path.abspath(sys.argv[-1]))
    with tempfile.TemporaryDirectory() as profile:
        browser = pages.Browser(program, profile)
        try:
            for domain in ("Page", "Runtime") if timed else ("Page", "Runtime", "Log"):
                browser.ask(domain + ".enable")
            if timed:
                measure(browser, url, int(sys.argv[2]))
            else:
                pages.go(browser, url)
                examine(browser)
                on_paper(browser, profile)
        finally:
            browser.close()
    return 1 if pages.failed else 0


if __name__ == "__main__":
    sys.exit(main())
