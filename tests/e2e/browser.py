"""A headless Chromium, through chromedriver's HTTP API (W3C WebDriver) with the standard library alone."""
import base64
import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--disable-dev-shm-usage"]
PHONE, LAPTOP = (375, 812), (1280, 900)


class Browser:
    """One window. `close` ends it with all its processes and removes its profile."""

    def __init__(self):
        for tool in ("chromium", "chromedriver"):
            if not shutil.which(tool):
                raise unittest.SkipTest("%s is not installed (tests/packages --tests)" % tool)
        self.folder = tempfile.mkdtemp(prefix="browser-")
        self.driver = subprocess.Popen(["chromedriver", "--port=0", "--log-path=" + os.path.join(self.folder, "log")], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.session = None
        try:
            self.at = "http://127.0.0.1:%d" % self.port()
            options = {"args": FLAGS + ["--user-data-dir=" + os.path.join(self.folder, "profile")]}
            wanted = {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}}
            self.session = self.ask("POST", "/session", {"capabilities": wanted})["sessionId"]
            self.call("POST", "/url", {"url": "about:blank"})
            self.log("performance")     # the new tab's own page
        except BaseException:
            self.close()
            raise

    def port(self):
        for line in self.driver.stdout:
            if "started successfully on port" in line:
                return int(line.split("port")[1].strip(" .\n"))
        raise AssertionError("chromedriver did not start")

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.at + path, data, {"Content-Type": "application/json"}, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError("%s %s: %s" % (method, path, error.read().decode(errors="replace")[:1500])) from None

    def call(self, method, path, body=None):
        return self.ask(method, "/session/%s%s" % (self.session, path), body)

    def devtools(self, command, **params):
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": params})

    def look(self, size=LAPTOP, dark=False):
        """How the page is seen from now on."""
        self.devtools("Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=1, mobile=size == PHONE)
        self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def open(self, path):
        self.call("POST", "/url", {"url": "file://" + path})

    def run(self, script, *arguments):
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def run_async(self, script, *arguments):
        return self.call("POST", "/execute/async", {"script": script, "args": list(arguments)})

    def log(self, kind):
        """What came since the last call: "browser" is the console, "performance" DevTools' events."""
        return self.call("POST", "/se/log", {"type": kind})

    def requests(self):
        """Addresses that were asked for since the last call."""
        events = [json.loads(entry["message"])["message"] for entry in self.log("performance")]
        return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]

    def picture(self, path):
        """The whole page as PNG."""
        shot = self.devtools("Page.captureScreenshot", captureBeyondViewport=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def paper(self):
        """The page as PDF, A4 as the page itself asks for."""
        return base64.b64decode(self.devtools("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"])

    def left(self):
        """Processes that name our profile: nobody else's do."""
        for entry in os.listdir("/proc"):
            with contextlib.suppress(OSError):
                if entry.isdigit() and int(entry) != os.getpid():
                    with open("/proc/%s/cmdline" % entry, "rb") as file:
                        if self.folder.encode() in file.read():
                            yield int(entry)

    def close(self):
        if self.session:
            with contextlib.suppress(AssertionError, OSError):
                self.call("DELETE", "")
        self.driver.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.driver.wait(10)
        self.driver.kill()
        self.driver.wait()
        for pid in self.left():     # a browser that was not asked to end, or did not hear it
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.driver.stdout.close()
        for _ in range(20):
            shutil.rmtree(self.folder, ignore_errors=True)
            if not os.path.exists(self.folder):
                return
            time.sleep(0.1)
