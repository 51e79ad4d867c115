#!/usr/bin/env python3
"""Opens HTML reports in headless Chromium, light, dark, 360 pixels wide and as for print, and fails if there is a message on the
console, a request that leaves the page, a section without height, an anchor that leads nowhere, a plot without words, or a page
that is wider than the screen. browser.py CHROMIUM FOLDER FILE... writes screenshots to FOLDER."""

import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile

# run in the page: what is wrong with it, as a list of lines
LOOK = """(() => {
  const wrong = [];
  for (const s of document.querySelectorAll('main section'))
    if (s.getBoundingClientRect().height < 10) wrong.push('section ' + s.id + ' has no height');
  for (const id of ['summary', 'environment', 'glossary'])
    if (!document.getElementById(id)) wrong.push('there is no section ' + id);
  for (const a of document.querySelectorAll('a'))
    if (!a.getAttribute('href').startsWith('#') || !document.getElementById(a.getAttribute('href').slice(1)))
      wrong.push('link to ' + a.getAttribute('href'));
  for (const svg of document.querySelectorAll('figure svg[role=img]'))
    for (const part of ['title', 'desc'])
      if (!svg.querySelector(':scope > ' + part)?.textContent.trim()) wrong.push('a plot has no ' + part);
  for (const what of ['script', 'iframe', 'object', 'embed', 'form', 'base'])
    if (document.querySelector(what)) wrong.push('there is a ' + what);
  for (const e of document.querySelectorAll('*'))
    for (const a of e.attributes) if (a.name.startsWith('on')) wrong.push('an attribute ' + a.name);
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  if (new Set(ids).size !== ids.length) wrong.push('an id is there twice');
  if (document.documentElement.scrollWidth > innerWidth)
    wrong.push('the page is ' + document.documentElement.scrollWidth + ' wide, the screen ' + innerWidth);
  return wrong;
})()"""

VIEWS = {
    "light": {"width": 1200, "features": [("prefers-color-scheme", "light")]},
    "dark": {"width": 1200, "features": [("prefers-color-scheme", "dark")]},
    "phone": {"width": 360, "features": [("prefers-color-scheme", "light")]},
    "print": {"width": 800, "media": "print", "features": []},
}


class Browser:
    """Chromium on two pipes: JSON messages that end with a zero byte."""

    def __init__(self, program, profile):
        self.read, theirs_out = os.pipe()
        theirs_in, self.write = os.pipe()

        # a pipe's end may be at 3 or 4 itself
        def descriptors():
            a, b = os.dup(theirs_in), os.dup(theirs_out)
            os.dup2(a, 3)
            os.dup2(b, 4)

        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe", "--no-first-run"]
        flags += ["--disable-background-networking", "--disable-component-update", "--hide-scrollbars"]
        self.process = subprocess.Popen(
            [program, *flags, f"--user-data-dir={profile}"],
            preexec_fn=descriptors, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        os.close(theirs_out)
        os.close(theirs_in)
        self.buffer, self.number, self.events = b"", 0, []

    def message(self):
        while b"\0" not in self.buffer:
            part = os.read(self.read, 1 << 20)
            if not part:
                sys.exit("the browser has ended")
            self.buffer += part
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, session=None, **params):
        self.number += 1
        request = {"id": self.number, "method": method, "params": params}
        if session:
            request["sessionId"] = session
        os.write(self.write, json.dumps(request).encode() + b"\0")
        while True:
            answer = self.message()
            if answer.get("id") == self.number:
                if "error" in answer:
                    sys.exit(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def wait(self, method):
        while not any(e.get("method") == method for e in self.events):
            self.events.append(self.message())


def look(browser, path, name, view, folder):
    target = browser.call("Target.createTarget", url="about:blank")["targetId"]
    session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for domain in ["Page", "Network", "Runtime", "Log"]:
        browser.call(f"{domain}.enable", session)
    features = [{"name": k, "value": v} for k, v in view["features"]]
    browser.call("Emulation.setEmulatedMedia", session, media=view.get("media", ""), features=features)
    width = view["width"]
    browser.call("Emulation.setDeviceMetricsOverride", session, width=width, height=800, deviceScaleFactor=1, mobile=width < 500)
    browser.events.clear()
    address = path.resolve().as_uri()
    browser.call("Page.navigate", session, url=address)
    browser.wait("Page.loadEventFired")
    wrong = browser.call("Runtime.evaluate", session, expression=LOOK, returnByValue=True)["result"].get("value")
    wrong = ["the page could not be looked at"] if wrong is None else wrong
    for event in browser.events:
        method, params = event.get("method"), event.get("params", {})
        if method == "Network.requestWillBeSent":
            url = params["request"]["url"]
            if url != address and not url.startswith("data:"):
                wrong.append(f"a request: {url}")
        elif method == "Log.entryAdded":
            wrong.append(f"the console: {params['entry']['text']}")
        elif method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
            wrong.append(f"a script has run: {params}")
    # as much of a long page as can be looked at
    height = browser.call("Runtime.evaluate", session, expression="document.documentElement.scrollHeight")["result"]["value"]
    clip = {"x": 0, "y": 0, "width": width, "height": min(height, 12000), "scale": 1}
    shot = browser.call("Page.captureScreenshot", session, clip=clip, captureBeyondViewport=True)
    (folder / f"{path.stem}-{name}.png").write_bytes(base64.b64decode(shot["data"]))
    browser.call("Target.closeTarget", targetId=target)
    return [f"{path.name}, {name}: {line}" for line in wrong]


def main():
    program, folder, files = sys.argv[1], pathlib.Path(sys.argv[2]), [pathlib.Path(f) for f in sys.argv[3:]]
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(program, profile)
        try:
            wrong = [line for f in files for name, view in VIEWS.items() for line in look(browser, f, name, view, folder)]
            # a page on which everything is wrong, or this could not fail
            bad = pathlib.Path(profile) / "bad.html"
            bad.write_text('<main><section id=summary></section><a href="http://127.0.0.1:9/">x</a></main><figure><svg role=img></svg></figure>'
                           '<script>console.log(1)</script><img src="http://127.0.0.1:9/x.png"><div style="width:3000px">wide</div>')
            seen = "\n".join(look(browser, bad, "light", VIEWS["light"], pathlib.Path(profile)))
            for part in ["no height", "no section glossary", "link to", "no desc", "a script", "a request", "has run", "wide"]:
                if part not in seen:
                    wrong.append(f"on a page that is wrong in every way this is not seen: {part}\n{seen}")
        finally:
            browser.process.terminate()
            browser.process.wait()
    print("\n".join(wrong) if wrong else f"{len(files)} pages, {len(VIEWS)} views each: nothing is wrong; screenshots are in {folder}")
    sys.exit(bool(wrong))


main()
