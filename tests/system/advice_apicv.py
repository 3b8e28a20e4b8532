# SPDX-License-Identifier: GPL-2.0-only
"""--explain where AVIC is on, as the module sees it: the emulated CPU has none."""
import advice
from harness import check, check_equal

EOIS = ["wrmsr=12000", "--msr", "0x80b"]


def inhibited():
    """exitgen's guest has an x2APIC, and --inhibit lets the PIT reinject."""
    text = advice.fits("apicv-inhibited", [*EOIS, "--inhibit", "2"], "--detail")
    check("inhibited by " in text and "PIT reinjection" in text, f"by what: {text}")


def inhibited_otherwise(option, said):
    text = advice.fits("apicv-inhibited", [*EOIS, option], "--detail")
    check(said in text, f"by what: {text}")


def few_interrupts():
    """Inhibited all the same, which costs it nothing."""
    text = advice.explained("--detail", command=advice.tools.exitgen_to(
        advice.path("r.json"), "out=90", "--inhibit", "2"))
    check_equal(f"rules: {text}", advice.named(text), [])


CASES = [
    ("advice/apicv-inhibited", inhibited),
    ("advice/apicv-auto-eoi", inhibited_otherwise, "--auto-eoi", "inhibited by Hyper-V's AutoEOI"),
    ("advice/apicv-alias", inhibited_otherwise, "--alias", "APIC id"),
    ("advice/apicv-few-interrupts", few_interrupts),
]
