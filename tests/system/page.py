# SPDX-License-Identifier: GPL-2.0-only
"""The page of report --html, in a browser: it works, asks nobody, and its charts are the report's."""
import json
import os
import re
import shutil

import harness
import tools
from browser import Browser
from harness import check, check_equal, path

SAMPLE = os.path.join(tools.BUILD, "tests/html-sample")
TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
VALIDATE = os.path.join(TOP, "tests/validate-json")
SCHEMA = os.path.join(TOP, "user/doc/exitstat-html.schema.json")
DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>')
MOST_BYTES = 1_000_000
HOSTILE = "</script><script>document.title='gone'</script><img src=x onerror=\"document.title='gone'\">"


def run(*argv):
    done = harness.run_command([str(arg) for arg in argv])
    check_equal(f"status of {argv[0]} ({done.stderr.strip()})", done.returncode, 0)
    return done.stdout


def report(*argv):
    return run(tools.EXITSTAT, "report", *argv)


def sample(seconds, vms=8, vcpus=2):
    """The page of a made-up host's recording, and all of it as a document."""
    run(SAMPLE, seconds, vms, vcpus, path("monday.exitstat"))
    report("--html", path("a.html"), path("monday.exitstat"))
    report("--json", path("a.json"), path("monday.exitstat"))


def read(filename):
    with open(filename, encoding="utf-8") as file:
        return file.read()


def data_of(filename):
    found = DATA.search(read(filename))
    check(found, f"no data in {filename}")
    with open(f"{filename}.json", "w", encoding="utf-8") as file:
        file.write(found[1])
    run(VALIDATE, SCHEMA, f"{filename}.json")
    return json.loads(found[1])


def opened(filename):
    browser = Browser()
    browser.open(filename)
    return browser


def check_quiet(browser, filename):
    check_equal("what it complains of", browser.complaints(), [])
    check_equal("what it asks for", browser.requests(), [f"file://{filename}"])


# --- the numbers -------------------------------------------------------------------------------


def report_sums(document):
    """Of each reason: how many exits, and in which buckets, of all VMs."""
    sums = {}
    for vm in document["vms"]:
        for vcpu in vm["vcpus"]:
            for reason in vcpu["reasons"]:
                count, buckets = sums.setdefault(reason["name"], [0, {}])
                sums[reason["name"]][0] = count + reason["count"]
                for bucket in reason["histogram"]:
                    buckets[bucket["lo"]] = buckets.get(bucket["lo"], 0) + bucket["count"]
    return sums


def cycles(ns, khz):
    return ns * khz // 1_000_000


def numbers(*which):
    """report --json of the same file, or of the same of it, has the same."""
    sample(300)
    report("--html", path("part.html"), *which, path("monday.exitstat"))
    report("--json", path("part.json"), *which, path("monday.exitstat"))
    document = json.loads(read(path("part.json")))
    data = data_of(path("part.html"))
    check_equal("ns", data["interval"]["ns"], document["interval"]["ns"])
    check(data["reasons"], "no reasons")
    sums = report_sums(document)
    check_equal("reasons", sorted(sums), sorted(reason["name"] for reason in data["reasons"]))
    for line in data["time"]["reasons"]:
        reason = data["reasons"][line["reason"]]
        count, buckets = sums[reason["name"]]
        check_equal(f"{reason['name']}: count", reason["count"], count)
        check_equal(f"{reason['name']}: its bins", sum(line["count"]), count)
        check_equal(f"{reason['name']}: its bands", sum(sum(cell[1:]) for cell in line["bands"]),
                    reason["timed"])
        check_equal(f"{reason['name']}: histogram", {
            cycles(lo, document["host"]["tsc_khz"]): n for lo, _, n in reason["histogram"]}, buckets)
    for vm, line in zip(data["vms"], data["time"]["vms"]):
        of = next(other for other in document["vms"] if other["pid"] == vm["pid"])
        count = sum(reason["count"] for vcpu in of["vcpus"] for reason in vcpu["reasons"])
        check_equal(f"{vm['name']}: exits", (vm["count"], sum(line["count"])), (count, count))


def cut():
    """A file that was cut: its page says so first, and has what is before."""
    sample(300)
    size = os.path.getsize(path("monday.exitstat"))
    os.truncate(path("monday.exitstat"), size * 2 // 3)
    report("--html", path("cut.html"), path("monday.exitstat"))
    data = data_of(path("cut.html"))
    check(data["cut"] and 100 < data["time"]["moments"] < 300, f"cut: {data['cut']}")
    browser = opened(path("cut.html"))
    said = browser.value("document.querySelector('.missing').textContent")
    check(data["cut"] in said, f"not said: {said}")
    check_equal("'nothing is missing'", browser.value("document.querySelectorAll('.good').length"), 0)
    check_quiet(browser, path("cut.html"))


def drawn():
    """What is on the screen is what is in the data: layers, their sum, the cells, the bars."""
    sample(300)
    data = data_of(path("a.html"))
    browser = opened(path("a.html"))
    check_equal("drawn", browser.value("document.documentElement.dataset.drawn"), "yes")
    check_equal("layers", browser.value("document.querySelectorAll('#rate .area').length"),
                min(len(data["reasons"]), 9))
    said = browser.value("document.querySelector('#rate .readout').textContent")
    rate = sum(reason["count"] for reason in data["reasons"]) / (data["interval"]["ns"] / 1e9)
    check_equal("the rate of all", said, f"In all of the time: {rate:,.0f} exits a second")
    shown = browser.value("[...document.querySelectorAll('#rate .legend li')].map(li => ["
                          "li.querySelector('.name').textContent, li.querySelector('.value').textContent])")
    for name, text in shown:
        of = [reason for reason in data["reasons"] if reason["name"] == name]
        if of:
            check_equal(name, float(text.replace(",", "")),
                        float(f"{of[0]['count'] / 300:.{0 if of[0]['count'] >= 30000 else 1 if of[0]['count'] >= 3000 else 2}f}"))
    check(browser.value("document.querySelectorAll('#latency path[class^=h]').length") > 5,
          "no map of heat")
    check(browser.value("[...document.querySelectorAll('.scale .steps span')].every(e => e.clientWidth > 10)"),
          "the colours of the map of heat are not told")
    browser.value("document.querySelectorAll('details.reason').forEach(card => { card.open = true; })")
    harness.wait_for("histograms", lambda: browser.value(
        "document.querySelectorAll('figure[data-chart=histogram] svg').length") == len(data["reasons"]))
    for i, reason in enumerate(data["reasons"]):
        bars = browser.value(f"document.querySelectorAll('figure[data-chart=histogram][data-reason=\"{i}\"] rect[class^=c]"
                             ":not(.cursor)').length")
        check_equal(f"{reason['name']}: bars", bars, len(reason["histogram"]))
    check_quiet(browser, path("a.html"))


def layers_of(data):
    """The exits of each bin, of each layer from the bottom up, as page.js chooses them."""
    count = sum(reason["count"] for reason in data["reasons"])
    busy = sum(reason["sum_ns"] for reason in data["reasons"] if not reason["idle"])
    weight = [reason["count"] / count + (0 if reason["idle"] else reason["sum_ns"] / busy)
              for reason in data["reasons"]]
    order = sorted(range(len(weight)), key=lambda i: -weight[i])
    lines = {line["reason"]: line["count"] for line in data["time"]["reasons"]}
    others = [lines[i] for i in lines if i is None or i not in order[:8]]
    return [lines[i] for i in order[:8]] + [[sum(bins) for bins in zip(*others)]]


def heights():
    """Each layer of each bin is as high as its exits are many: to half a pixel, the data's."""
    sample(300)
    data = data_of(path("a.html"))
    browser = opened(path("a.html"))
    layers = layers_of(data)
    tops = [sum(layer[i] for layer in layers) for i in range(len(layers[0]))]
    ends = [data["time"]["start_ns"], *data["time"]["end_ns"]]
    seconds = [(b - a) / 1e9 for a, b in zip(ends, ends[1:])]
    scale = (300 - 24 - 26) / (max(n / s for n, s in zip(tops, seconds)) * 1.04)
    paths = browser.value("[...document.querySelectorAll('#rate .area')].map(e => e.getAttribute('d'))")
    sums = [0] * len(tops)
    for n, (layer, drawing) in enumerate(zip(layers, paths, strict=True)):
        upper = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)H", drawing)][:len(tops)]
        sums = [a + b for a, b in zip(sums, layer)]
        for i, y in enumerate(upper):
            wanted = 300 - 24 - sums[i] / seconds[i] * scale
            check(abs(y - wanted) <= 0.5, f"layer {n}, bin {i}: at {y}, not {wanted}")


def cells():
    """The map of heat has a cell where there are exits that were not idle, and nowhere else."""
    sample(300)
    data = data_of(path("a.html"))
    browser = opened(path("a.html"))
    wanted = {(i, cell[0] + k)
              for line in data["time"]["reasons"] if not data["reasons"][line["reason"]]["idle"]
              for i, cell in enumerate(line["bands"]) for k, n in enumerate(cell[1:]) if n}
    found = browser.value("[...document.querySelectorAll('#latency path[class^=h]')]"
                          ".reduce((n, e) => n + e.getAttribute('d').split('M').length - 1, 0)")
    check_equal("cells", found, len(wanted))


# --- hands and eyes ---------------------------------------------------------------------------


def keyboard():
    """All that the pointer does the keys do, and it is said in words."""
    sample(60)
    data = data_of(path("a.html"))
    browser = opened(path("a.html"))
    browser.value("document.querySelector('#rate svg').focus()")
    browser.key("Home")
    first = sum(line["count"][0] for line in data["time"]["reasons"])
    said = browser.value("document.querySelector('#rate .readout').textContent")
    check(f"{first:,} exits a second" in said and said.startswith("From 0 s to 1 s"), f"first: {said}")
    browser.key("ArrowRight")
    said = browser.value("document.querySelector('#rate .readout').textContent")
    check(said.startswith("From 1 s to 2 s"), f"second: {said}")
    browser.key("End")
    said = browser.value("document.querySelector('#rate .readout').textContent")
    check(said.startswith("From 59 s to 1:00"), f"last: {said}")
    browser.value("document.querySelector('#latency svg').focus()")
    browser.key("ArrowUp")
    said = browser.value("document.querySelector('#latency .readout').textContent")
    check(re.match(r"From .* exits of [0-9,]+; p50 in .*, p99 in ", said), f"heat: {said}")
    before = browser.value("document.querySelectorAll('#rate .area').length")
    browser.value("document.querySelector('#rate .legend button').focus()")
    browser.key(" ")
    check_equal("layers with one hidden",
                browser.value("document.querySelectorAll('#rate .area').length"), before - 1)
    check_quiet(browser, path("a.html"))


def controls():
    """How much time, and by VM: idleness is hidden at first, and the heat is of one reason."""
    sample(60)
    data = data_of(path("a.html"))
    browser = opened(path("a.html"))
    browser.value("document.querySelector('input[value=sum_ns]').click()")
    check_equal("idle ones", browser.value("[...document.querySelectorAll('#rate button[aria-pressed=false] .name')]"
                                           ".map(e => e.textContent)"), ["HLT"])
    browser.value("document.querySelector('input[value=vm]').click()")
    names = browser.value("[...document.querySelectorAll('#rate .legend .name')].map(e => e.textContent)")
    check_equal("VMs", names[:2], [f"{vm['name']} ({vm['pid']})" for vm in data["vms"][:2]])
    browser.value("(e => { e.value = '0'; e.dispatchEvent(new Event('change')); })"
                  "(document.querySelector('#latency select'))")
    check(browser.value("document.querySelectorAll('#latency path[class^=h]').length") > 2, "no heat")
    check_quiet(browser, path("a.html"))


def read_aloud():
    """Each thing has a name for who does not see it, and headings are in order."""
    sample(60)
    browser = opened(path("a.html"))
    check_equal("language", browser.value("document.documentElement.lang"), "en")
    check_equal("charts without a name", browser.value(
        "[...document.querySelectorAll('svg')].filter(e => !e.getAttribute('aria-label')).length"), 0)
    check_equal("tables without a caption", browser.value(
        "[...document.querySelectorAll('table')].filter(e => !e.caption?.textContent).length"), 0)
    check_equal("cells of a head that are of nothing", browser.value(
        "[...document.querySelectorAll('th')].filter(e => !e.scope).length"), 0)
    check_equal("controls without a label", browser.value(
        "[...document.querySelectorAll('input, select')].filter(e => !e.labels.length).length"), 0)
    levels = browser.value("[...document.querySelectorAll('h1,h2,h3,h4')].map(e => +e.tagName[1])")
    check_equal("headings", levels[0], 1)
    check(all(b <= a + 1 for a, b in zip(levels, levels[1:])), f"headings skip a level: {levels}")
    check_equal("two of an id", browser.value(
        "(ids => ids.length - new Set(ids).size)([...document.querySelectorAll('[id]')].map(e => e.id))"), 0)
    check_equal("links to nothing", browser.value(
        "[...document.querySelectorAll('a')].filter(a => !document.querySelector(a.getAttribute('href'))).length"), 0)


def contrast():
    """Text against what is behind it, in light and dark: 4.5 as WCAG 2 wants it."""
    sample(60)
    browser = opened(path("a.html"))
    script = """(() => {
        const style = getComputedStyle(document.documentElement);
        const light = name => {
            const hex = style.getPropertyValue(name).trim().slice(1);
            const [r, g, b] = [0, 2, 4].map(i => parseInt(hex.slice(i, i + 2), 16) / 255)
                .map(c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4);
            return .2126 * r + .7152 * g + .0722 * b;
        };
        const ratio = (a, b) => (Math.max(light(a), light(b)) + .05) / (Math.min(light(a), light(b)) + .05);
        return ["--text", "--soft", "--accent"].flatMap(front => ["--back", "--panel"].map(back => ratio(front, back)))
            .concat(ratio("--text", "--warn-back"));
    })()"""
    for scheme in ("light", "dark"):
        browser.look(1200, 900, scheme)
        ratios = browser.value(script)
        check(min(ratios) >= 4.5, f"{scheme}: {ratios}")


def without_script():
    """The tables are there, and say that the charts are not."""
    sample(60)
    browser = Browser()
    browser.ask("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(path("a.html"))
    root = browser.ask("DOM.getDocument")["root"]["nodeId"]
    count = {what: len(browser.ask("DOM.querySelectorAll", nodeId=root, selector=what)["nodeIds"])
             for what in ("svg", "table", "noscript p", "details.reason")}
    check_equal("charts", count["svg"], 0)
    check_equal("that they need a script", count["noscript p"], 1)
    check(count["table"] > 20 and count["details.reason"] > 10, f"tables: {count}")


def widths():
    """From a telephone to a wall: nothing is wider than the page."""
    sample(60)
    browser = opened(path("a.html"))
    for width in (320, 390, 768, 1200, 2560):
        browser.look(width, 900, mobile=width < 700)
        check_equal(f"{width}: the page's width", browser.value("document.documentElement.scrollWidth"), width)
        check(browser.value("document.querySelector('#rate svg').clientWidth") <= width, f"{width}: the chart")


def hostile():
    """Names of a file do nothing but be read."""
    sample(30)
    document = json.loads(read(path("a.json")))
    document["vms"][0]["name"] = document["host"]["cpu"] = HOSTILE
    with open(path("bad.json"), "w", encoding="utf-8") as file:
        json.dump(document, file)
    report("--html", path("bad.html"), path("bad.json"))
    browser = opened(path("bad.html"))
    check_equal("title", browser.value("document.title"), "VM exits of 8 VMs")
    check_equal("pictures", browser.value("document.images.length"), 0)
    check(HOSTILE in browser.value("document.querySelector('#vms').textContent"), "the name is not there")
    browser.value("document.querySelector('input[value=vm]').click()")
    check(HOSTILE in browser.value("document.querySelector('#rate .legend').textContent"), "not in the legend")
    check_equal("title after that", browser.value("document.title"), "VM exits of 8 VMs")
    check_quiet(browser, path("bad.html"))


def empty():
    """Of a file that has nothing: no chart, and no error."""
    sample(1, 0, 0)
    browser = opened(path("a.html"))
    check("No exits were seen" in browser.value("document.body.textContent"), "not said")
    check_quiet(browser, path("a.html"))


def size():
    """An hour of 64 busy vCPUs, at a moment a second."""
    sample(3600, 16, 4)
    found = os.path.getsize(path("a.html"))
    print(f"an hour of 64 vCPUs is {found} bytes", flush=True)
    check(found < MOST_BYTES, f"{found} bytes")
    check_equal("moments", data_of(path("a.html"))["time"]["moments"], 3600)


# What is kept of it in user/html/pictures (make html-test RECORD=1): where it begins, and how large.
PICTURES = {
    "light": ("light", "#rate", 800, 620),
    "dark": ("dark", "#latency", 800, 540),
    "narrow": ("light", "details.reason[open]", 390, 1060),
}
PICTURE_BYTES = 150_000


def pictures():
    """Light, dark, narrow, and on paper: for whoever wants to look."""
    out = os.environ["OUT"]
    sample(3600)
    shutil.copy(path("a.html"), out)
    browser = opened(path("a.html"))
    for name, (scheme, begin, width, height) in PICTURES.items():
        browser.value("document.querySelectorAll('details.reason')[1].open = true")
        browser.look(width, height, scheme, mobile=width < 700)
        top = browser.value(f"document.querySelector('{begin}').getBoundingClientRect().top + scrollY")
        browser.picture(os.path.join(out, f"{name}.png"), y=max(top - 24, 0), width=width, height=height)
        check(20_000 < os.path.getsize(os.path.join(out, f"{name}.png")) < PICTURE_BYTES, f"{name}: its size")
    browser.value("document.querySelectorAll('details.reason')[1].open = false")
    browser.look(1200, 900)
    browser.paper(os.path.join(out, "page.pdf"))
    check(os.path.getsize(os.path.join(out, "page.pdf")) > 100_000, "nothing on paper")
    check_equal("cards that stay open", browser.value("document.querySelectorAll('details.reason[open]').length"), 0)
    check_quiet(browser, path("a.html"))


CASES = [
    ("page/numbers", numbers),
    ("page/numbers-of-a-part", numbers, "--from", "100.5", "--to", "200"),
    ("page/numbers-of-some", numbers, "-p", "4234", "-p", "4217", "-r", "MSR_WRITE", "-r", "CPUID"),
    ("page/cut", cut),
    ("page/drawn", drawn),
    ("page/heights", heights),
    ("page/cells", cells),
    ("page/keyboard", keyboard),
    ("page/controls", controls),
    ("page/read-aloud", read_aloud),
    ("page/contrast", contrast),
    ("page/without-script", without_script),
    ("page/widths", widths),
    ("page/hostile", hostile),
    ("page/empty", empty),
    ("page/size", size),
    ("page/pictures", pictures),
]
