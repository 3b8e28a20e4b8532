# SPDX-License-Identifier: GPL-2.0-only
"""A browser without a window: what a page does, and how it looks. Debian's chromium, by a pipe."""
import base64
import collections
import json
import os
import shutil
import subprocess
import time

import harness
from harness import Failure, Skip

# Their numbers, as Windows has them and browsers kept them.
KEYS = {" ": 32, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}
TIMEOUT = 120  # s, for one answer: the machine may have other work
SWITCHES = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-default-apps", "--remote-debugging-pipe"]


class Browser:
    """Talks with it in messages of JSON, each ended by a 0."""

    def __init__(self):
        program = shutil.which("chromium")
        if not program:
            raise Skip("no chromium: tests/install-packages tests/html/packages")
        to_it, self.to = os.pipe()
        self.out, from_it = os.pipe()
        profile = harness.path("profile")

        def arrange():
            # It reads from 3 and writes to 4; where a pipe has one of these itself, not at once.
            low, high = os.dup2(to_it, 103), os.dup2(from_it, 104)
            os.dup2(low, 3)
            os.dup2(high, 4)

        self.process = harness.spawn(
            [program, *SWITCHES, f"--user-data-dir={profile}", "about:blank"], preexec_fn=arrange,
            close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(to_it)
        os.close(from_it)
        os.set_blocking(self.out, False)
        self.buffer = b""
        self.last = 0
        self.events = collections.deque()
        self.session = None
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            self.ask(f"{domain}.enable")

    def _receive(self, deadline):
        while b"\0" not in self.buffer:
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise Failure("the browser does not answer")
            try:
                data = os.read(self.out, 1 << 20)
            except BlockingIOError:
                time.sleep(0.01)
                continue
            if not data:
                raise Failure("the browser has gone")
            self.buffer += data
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)

    def ask(self, method, **params):
        self.last += 1
        message = {"id": self.last, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.to, data):]
        deadline = time.monotonic() + TIMEOUT
        while True:
            answer = self._receive(deadline)
            if answer.get("id") == self.last:
                if "error" in answer:
                    raise Failure(f"{method}: {answer['error']['message']}")
                return answer["result"]
            if "method" in answer:
                self.events.append(answer)

    def wait_for(self, method):
        deadline = time.monotonic() + TIMEOUT
        while True:
            for event in self.events:
                if event["method"] == method:
                    return event
            event = self._receive(deadline)
            if "method" in event:
                self.events.append(event)

    def open(self, path):
        self.events.clear()
        self.ask("Page.navigate", url=f"file://{path}")
        self.wait_for("Page.loadEventFired")

    def value(self, expression):
        """What a piece of script is, as JSON has it."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True,
                          awaitPromise=True)
        if "exceptionDetails" in answer:
            raise Failure(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def key(self, name):
        more = {"text": " "} if name == " " else {}
        for kind in ("keyDown", "keyUp"):
            self.ask("Input.dispatchKeyEvent", type=kind, key=name, code=name,
                     windowsVirtualKeyCode=KEYS[name], **more)
            more = {}

    def complaints(self):
        """All that it had to say since the page was opened."""
        self.value("0")
        said = []
        for event in self.events:
            params = event["params"]
            if event["method"] == "Runtime.consoleAPICalled":
                said.append(str([arg.get("value") for arg in params["args"]]))
            elif event["method"] == "Runtime.exceptionThrown":
                said.append(str(params["exceptionDetails"]))
            elif event["method"] == "Log.entryAdded":
                said.append(params["entry"]["text"])
        return said

    def requests(self):
        self.value("0")
        return [event["params"]["request"]["url"] for event in self.events
                if event["method"] == "Network.requestWillBeSent"]

    def look(self, width, height, scheme="light", media="screen", mobile=False):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height,
                 deviceScaleFactor=1, mobile=mobile)
        self.ask("Emulation.setEmulatedMedia", media=media,
                 features=[{"name": "prefers-color-scheme", "value": scheme},
                           {"name": "prefers-reduced-motion", "value": "reduce"}])
        self.value("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def picture(self, filename, **clip):
        more = {"clip": {"x": 0, "scale": 1, **clip}, "captureBeyondViewport": True} if clip else {}
        data = self.ask("Page.captureScreenshot", format="png", **more)["data"]
        with open(filename, "wb") as file:
            file.write(base64.b64decode(data))

    def paper(self, filename):
        data = self.ask("Page.printToPDF", printBackground=True)["data"]
        with open(filename, "wb") as file:
            file.write(base64.b64decode(data))
