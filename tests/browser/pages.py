#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""
Opens a report in Chromium and uses it as an officer would: nothing is asked of a network, no script
but the page's own runs, sorting, filtering and folding work, the page fits a phone, and text can be
read in both colour schemes. Speaks to the browser over its debugging pipe, so it needs no library.

    pages.py PAGE ARTEFACTS [PAGE...]     exit 0: all well, 1: not, 77: no browser

All pages go through axe-core where script/bootstrap --test could fetch it (it needs npm); FLAGPOST_AXE names its file.
"""
import base64
import ctypes
import json
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

WAIT_SECONDS = 60
failed = []


def check(label, got, wanted):
    if got == wanted:
        print("ok    " + label)
    else:
        print("FAIL  %s: got %r, wanted %r" % (label, got, wanted))
        failed.append(label)


class Browser:
    """One headless Chromium; messages are JSON, each ended by a NUL."""

    def __init__(self, program, profile):
        to_read, self.out = os.pipe()
        self.inp, to_write = os.pipe()

        def descriptors():
            # The browser reads from 3 and writes to 4; both may be taken by the pipes themselves.
            first, second = os.dup(to_read), os.dup(to_write)
            os.dup2(first, 3)
            os.dup2(second, 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--remote-debugging-pipe", "--user-data-dir=" + profile, "about:blank"],
            preexec_fn=descriptors, close_fds=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        self.buffer = b""
        self.number = 0
        self.session = None
        self.events = []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def receive(self, end):
        while b"\0" not in self.buffer:
            ready = select.select([self.inp], [], [], max(0, end - time.monotonic()))[0]
            piece = os.read(self.inp, 1 << 20) if ready else b""
            if not piece:
                raise RuntimeError("the browser says nothing more")
            self.buffer += piece
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def ask(self, method, **params):
        self.number += 1
        request = {"id": self.number, "method": method, "params": params}
        if self.session:
            request["sessionId"] = self.session
        os.write(self.out, json.dumps(request).encode() + b"\0")
        end = time.monotonic() + WAIT_SECONDS
        while True:
            answer = self.receive(end)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError("%s: %s" % (method, answer["error"]["message"]))
                return answer["result"]
            self.events.append(answer)

    def until(self, method):
        end = time.monotonic() + WAIT_SECONDS
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.receive(end))

    def value(self, expression):
        result = self.ask("Runtime.evaluate", expression=expression, returnByValue=True,
                          awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(expression + ": " + json.dumps(result["exceptionDetails"])[:400])
        return result["result"].get("value")

    def close(self):
        try:
            self.session = None
            self.ask("Browser.close")
        except (RuntimeError, OSError):
            pass
        self.process.wait(WAIT_SECONDS)


# Elements with text of their own whose contrast is below WCAG AA (4.5, large text 3).
CONTRAST = """(() => {
  const parse = c => { const m = c.match(/[\\d.]+/g).map(Number); return m.length > 3 ? m : [...m, 1]; };
  const over = (top, under) => top.slice(0, 3).map((c, i) => c * top[3] + under[i] * (1 - top[3]));
  const light = c => { const [r, g, b] = c.map(v => { v /= 255;
    return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
  const back = e => { const found = [];
    for (let at = e; at; at = at.parentElement) { const c = parse(getComputedStyle(at).backgroundColor);
      if (c[3] > 0) found.push(c); if (c[3] === 1) break; }
    return found.reverse().reduce((under, top) => over(top, under), [255, 255, 255]); };
  const bad = new Set();
  document.querySelectorAll('body *').forEach(e => {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim() !== '')) return;
    if (e.closest('svg, script, style') || e.getClientRects().length === 0) return;
    const style = getComputedStyle(e), under = back(e), ink = over(parse(style.color), under);
    const [a, b] = [light(ink), light(under)], size = parseFloat(style.fontSize);
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) bad.add(e.tagName + '.' + e.className + ' ' + ratio.toFixed(2));
  });
  return [...bad].slice(0, 10).join('; ');
})()"""

# What a machine can tell of accessibility: names, labels, one h1, headings in order, no double ids.
STRUCTURE = """(() => {
  const bad = [];
  if (document.querySelectorAll('h1').length !== 1) bad.push('h1');
  if (!document.documentElement.lang) bad.push('lang');
  if (document.querySelectorAll('main').length !== 1) bad.push('main');
  let last = 1;
  document.querySelectorAll('h1,h2,h3,h4').forEach(h => { const n = Number(h.tagName[1]);
    if (n > last + 1) bad.push('heading ' + h.textContent.slice(0, 40)); last = n; });
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  if (new Set(ids).size !== ids.length) bad.push('ids');
  document.querySelectorAll('button, a, input').forEach(e => {
    if (!(e.textContent.trim() || e.getAttribute('aria-label'))) bad.push('nameless ' + e.tagName); });
  document.querySelectorAll('svg').forEach(e => {
    if (e.getAttribute('aria-hidden') !== 'true' && !e.getAttribute('aria-label')) bad.push('svg'); });
  document.querySelectorAll('th').forEach(e => { if (!e.scope) bad.push('th without scope'); });
  document.querySelectorAll('[tabindex]').forEach(e => { if (Number(e.tabIndex) > 0) bad.push('tabindex'); });
  return bad.slice(0, 10).join('; ');
})()"""

UNFOLD = "window.shut = [...document.querySelectorAll('details:not([open])')]; window.shut.forEach(d => { d.open = true; })"
ROWS = "[...document.querySelectorAll('#all-flags tbody tr')]"


def use(browser):
    rows = browser.value(ROWS + ".length")
    check("there are flags to look at", rows > 3, True)
    browser.value("document.querySelector('#all-flags > details').open = true")
    column = "document.querySelectorAll('#all-flags th button')[%d]"
    browser.value((column % 0) + ".click()")
    numbers = browser.value(ROWS + ".map(r => Number(r.cells[0].textContent.slice(5)))")
    check("a click sorts", numbers, sorted(numbers))
    browser.value((column % 0) + ".click()")
    numbers = browser.value(ROWS + ".map(r => Number(r.cells[0].textContent.slice(5)))")
    check("another the other way", numbers, sorted(numbers, reverse=True))
    browser.value((column % 2) + ".click()")
    ranks = {"Low": 1, "Medium": 2, "High": 3}
    words = browser.value(ROWS + ".map(r => r.cells[2].textContent)")
    check("severities sort by weight", [ranks[w] for w in words], sorted(ranks[w] for w in words))
    check("which is told to screen readers",
          browser.value("document.querySelectorAll('#all-flags th')[2].getAttribute('aria-sort')"), "ascending")

    box = "document.querySelector('#all-flags .filter input')"
    browser.value("{const i = %s; i.value = 'HIGH'; i.dispatchEvent(new Event('input'))}" % box)
    shown = browser.value(ROWS + ".filter(r => !r.hidden).map(r => r.textContent.toLowerCase().includes('high'))")
    check("a filter leaves what fits", len(shown) > 0 and all(shown), True)
    browser.value("{const i = %s; i.value = '<script>nothing'; i.dispatchEvent(new Event('input'))}" % box)
    check("and nothing where nothing fits", browser.value(ROWS + ".filter(r => !r.hidden).length"), 0)
    browser.value("{const i = %s; i.value = ''; i.dispatchEvent(new Event('input'))}" % box)

    browser.value("document.querySelector('#decide .fold-button').click()")
    check("a section folds", browser.value("document.querySelector('#decide article').getClientRects().length"), 0)
    browser.value("document.querySelector('#decide .fold-button').click()")
    browser.value("document.querySelector('#all-flags > details').open = false")
    browser.value("location.hash = '#' + document.querySelector('#all-flags tbody tr').id")
    browser.value("new Promise(done => setTimeout(done, 100))")
    check("a link into a folded list opens it",
          browser.value("document.querySelector('#all-flags > details').open"), True)
    broken = browser.value("[...document.querySelectorAll('a[href]')].filter(a => "
                           "!a.getAttribute('href').startsWith('#') || "
                           "!document.getElementById(a.getAttribute('href').slice(1))).length")
    check("every link has its place", broken, 0)


def go(browser, url):
    browser.events = [event for event in browser.events if event.get("method") != "Page.loadEventFired"]
    browser.ask("Page.navigate", url=url)
    browser.until("Page.loadEventFired")


def shoot(browser, path, width=1280, scale=1, phone=False, script=True):
    """All of the page; what is out of sight is drawn only once it comes into it, so the window is made as high."""
    browser.value("window.scrollTo(0, 0)")
    for _ in range(3 if script else 0):
        high = min(16000, browser.value("document.documentElement.scrollHeight"))
        browser.ask("Emulation.setDeviceMetricsOverride", width=width, height=high, deviceScaleFactor=scale, mobile=phone)
        browser.value("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    high = min(16000, browser.ask("Page.getLayoutMetrics")["cssContentSize"]["height"])
    data = browser.ask("Page.captureScreenshot", format="png", captureBeyondViewport=not script,
                       clip={"x": 0, "y": 0, "width": width, "height": high, "scale": 1})["data"]
    with open(path, "wb") as out:
        out.write(base64.b64decode(data))


def look(browser, artefacts):
    for scheme in "light", "dark":
        browser.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        browser.ask("Emulation.setDeviceMetricsOverride", width=1280, height=2400, deviceScaleFactor=1, mobile=False)
        check("all text can be read, " + scheme, browser.value(CONTRAST), "")
        shoot(browser, os.path.join(artefacts, scheme + ".png"))
    browser.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "light"}])
    browser.ask("Emulation.setDeviceMetricsOverride", width=390, height=2400, deviceScaleFactor=2, mobile=True)
    check("a phone need not be moved sideways",
          browser.value("document.documentElement.scrollWidth <= window.innerWidth"), True)
    browser.value(UNFOLD)
    check("nor any list on it", browser.value(
        "[...document.querySelectorAll('.wide')].filter(e => e.scrollWidth > e.clientWidth).map(e => e.getAttribute('aria-label')).join('; ')"), "")
    browser.value("window.shut.forEach(d => { d.open = false; })")
    shoot(browser, os.path.join(artefacts, "phone.png"), 390, 1, True)
    browser.ask("Emulation.clearDeviceMetricsOverride")


VIEWS = (("light", "light", 1280, False), ("dark", "dark", 1280, False), ("phone", "light", 390, True),
         ("dark phone", "dark", 390, True))


def view(browser, scheme, width, phone):
    browser.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.ask("Emulation.setDeviceMetricsOverride", width=width, height=2400, deviceScaleFactor=1, mobile=phone)


def audit(browser, pages, artefacts):
    """Every rule of axe-core, folded lists open, on each page as people may see it."""
    source = os.environ.get("FLAGPOST_AXE", "")
    if not os.path.isfile(source):
        print("SKIP  axe-core is missing (script/bootstrap --test fetches it where npm is there)")
        return
    with open(source, encoding="utf-8") as file:
        program = file.read()
    for page in pages:
        name = os.path.basename(page)
        go(browser, "file://" + urllib.parse.quote(os.path.abspath(page)))
        browser.value(program + ";1")
        browser.value("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        for label, scheme, width, phone in VIEWS:
            view(browser, scheme, width, phone)
            found = browser.value("axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v => v.id + ' ' + "
                                  "v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(', ')).join('; '))")
            check("axe-core finds nothing on %s, %s" % (name, label), found, "")
        view(browser, "light", 1280, False)
        shoot(browser, os.path.join(artefacts, "all-of-" + name.split(".")[0] + ".png"))
    browser.ask("Emulation.clearDeviceMetricsOverride")
    browser.ask("Emulation.setEmulatedMedia", features=[])


def text_of(path):
    """What stands in a PDF, by the library that Flagpost itself reads them with."""
    poppler = ctypes.CDLL("libpoppler-glib.so.8")
    for name in "document_new_from_file", "document_get_page":
        getattr(poppler, "poppler_" + name).restype = ctypes.c_void_p
    poppler.poppler_page_get_text.restype = ctypes.c_char_p
    document = ctypes.c_void_p(poppler.poppler_document_new_from_file(
        ("file://" + urllib.parse.quote(os.path.abspath(path))).encode(), None, None))
    pages = [ctypes.c_void_p(poppler.poppler_document_get_page(document, number))
             for number in range(poppler.poppler_document_get_n_pages(document))]
    return "\n".join(poppler.poppler_page_get_text(page).decode() for page in pages)


def print_page(browser, path):
    """A PDF of it, as bytes and as text."""
    pdf = base64.b64decode(browser.ask("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"])
    with open(path, "wb") as out:
        out.write(pdf)
    return pdf, text_of(path)


def printed_whole(browser, text, how):
    """Each folded list is on the paper, by words that stand in it and nowhere else."""
    lists = browser.value("[...document.querySelectorAll('article summary')].filter(s => s.textContent === 'All matches').length")
    check("all matches of each card are printed, " + how, text.count("At most 12 are listed here"), lists)
    check("all folders too, " + how, text.count("Last pass"), 2)
    check("heads of tables repeat on each page, " + how, len(re.findall(r"Incident\s*Severity", text)) > 1, True)
    check("the runs too, " + how, text.count("Exit code"), 1)
    rows = browser.value(ROWS + ".map(r => r.cells[0].textContent)")
    check("and all flags in rows, " + how, [row for row in rows if not re.search(row + r"(?!\d)", text)], [])


def paper(browser, artefacts):
    """What goes to a printer: A4, heads of tables on each page, nothing cut that can be kept whole."""
    browser.ask("Emulation.setEmulatedMedia", media="print")
    style = "getComputedStyle(document.querySelector('%s')).%s"
    check("cards are not cut", browser.value(style % (".card", "breakInside")), "avoid")
    check("nor rows", browser.value(style % ("#all-flags tbody tr", "breakInside")), "avoid")
    check("heads of tables repeat", browser.value(style % ("#all-flags thead", "display")), "table-header-group")
    check("what is pressed is not printed", browser.value(
        "[...document.querySelectorAll('nav, .filter, .fold-button')].filter(e => e.getClientRects().length).length"), 0)
    check("nothing hangs over the edge", browser.value(
        "(() => { const w = document.documentElement.clientWidth; return [...document.querySelectorAll('.card, h2, p')]"
        ".filter(e => e.getBoundingClientRect().right > w + 1).length; })()"), 0)
    browser.ask("Emulation.setEmulatedMedia", media="")
    folded = browser.value("document.querySelectorAll('details:not([open])').length")
    pdf, text = print_page(browser, os.path.join(artefacts, "print.pdf"))
    printed_whole(browser, text, "by the script")
    check("and are folded again afterwards", browser.value("document.querySelectorAll('details:not([open])').length"), folded)
    browser.value("{const i = document.querySelector('#all-flags .filter input'); i.value = 'competitor-mail'; i.dispatchEvent(new Event('input'))}")
    text = print_page(browser, os.path.join(artefacts, "filtered.pdf"))[1]
    check("what a filter leaves out is said on paper", re.findall(r"\d+ of %d flags" % browser.value(ROWS + ".length"), text) != [], True)
    browser.value("{const i = document.querySelector('#all-flags .filter input'); i.value = ''; i.dispatchEvent(new Event('input'))}")
    boxes = {tuple(round(float(n)) for n in box.split()) for box in re.findall(rb"/MediaBox ?\[([0-9. ]+)\]", pdf)}
    check("the paper is A4", boxes, {(0, 0, 595, 842)})


def without_script(browser, before, artefacts):
    """All that is said is said by the page itself; buttons that would do nothing are not there."""
    check("without script no button pretends", browser.value(
        "document.querySelectorAll('button, input').length"), 0)
    lost = browser.value("[...document.querySelectorAll('main > section')].filter(s => "
                         "s.getClientRects().length === 0).map(s => s.id).join(' ')")
    check("no section is lost", lost, "")
    check("all flags are in the page", browser.value(ROWS + ".length") > 3, True)
    check("lists are folded by the browser's own means", browser.value(
        "[...document.querySelectorAll('details')].filter(d => d.firstElementChild.tagName !== 'SUMMARY').length"), 0)
    said = browser.value("document.querySelector('main').textContent.length")
    printed_whole(browser, print_page(browser, os.path.join(artefacts, "print-without-script.pdf"))[1], "by the style alone")
    check("the script adds no more than names of buttons", before - said < before / 10, True)


def told(browser, methods):
    found = []
    for event in browser.events:
        if event.get("method") in methods:
            found.append(json.dumps(event.get("params"))[:300])
    return found


def main():
    page, artefacts = sys.argv[1], sys.argv[2]
    program = shutil.which("chromium")
    if program is None:
        print("SKIP  chromium is missing")
        return 77
    os.makedirs(artefacts, exist_ok=True)
    url = "file://" + urllib.parse.quote(os.path.abspath(page))
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(program, profile)
        try:
            for domain in "Page", "Runtime", "Network", "Log":
                browser.ask(domain + ".enable")
            go(browser, url)
            check("no script of a mail ran", browser.value("typeof window.owned + document.title.includes('owned')"),
                  "undefinedfalse")
            check("no element that a mail could have made",
                  browser.value("document.querySelectorAll('img, iframe, object, embed, link, form, base').length"), 0)
            check("one script", browser.value("document.scripts.length"), 1)
            check("the page is in order", browser.value(STRUCTURE), "")
            use(browser)
            look(browser, artefacts)
            paper(browser, artefacts)
            asked = [event["params"]["request"]["url"] for event in browser.events
                     if event.get("method") == "Network.requestWillBeSent"]
            check("nothing but the page was asked for", [u for u in asked if u.split("#")[0] != url], [])
            check("the console is silent", told(browser, {"Runtime.exceptionThrown", "Runtime.consoleAPICalled",
                                                          "Log.entryAdded"}), [])
            audit(browser, [page] + sys.argv[3:], artefacts)
            go(browser, url)
            before = browser.value("document.querySelector('main').textContent.length")
            browser.ask("Emulation.setScriptExecutionDisabled", value=True)
            go(browser, "about:blank")
            go(browser, url)
            browser.ask("Emulation.setEmulatedMedia", features=[])
            without_script(browser, before, artefacts)
            shoot(browser, os.path.join(artefacts, "without-script.png"), script=False)
        finally:
            browser.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
