# SPDX-License-Identifier: GPL-2.0-only
"""What the five write-ups report."""
import collections

Writeup = collections.namedtuple("Writeup", "id layout boot boot_exits boot_cycles most least")

WRITEUPS = [
    Writeup("000_615c786e5e0a3b2a", 2021, "boot", "4.4 million", "51.4 billion",
            [30, 48, 10], [29, 46, 47, 54, 55]),
    Writeup("001_42fa35a2664b4192", 2022, "reboot", "3,334,075", "-", [48, 30], [29]),
    Writeup("002_fb26784643ef8297", 2021, "boot", "about 56 thousand", "-", [48], [55]),
    Writeup("003_6e18655e5cf06086", 2021, "boot", "-", "-", [], []),
    Writeup("004_01ebda07a0fb3143", 2021, "boot", "1,111,527", "14,945,269,786", [], []),
]

Row = collections.namedtuple("Row", "count cycles readings")

# 000's table of counts and cycles; 003's three readings.
ROWS = {
    0: Row(17894, 1920914, (11836, 11836, 11836)),
    1: Row(29835, 5601330, (24653, 28309, 28875)),
    7: Row(9843, 1058866, (0, 0, 0)),
    10: Row(358160, 26843236, (135047, 141416, 143085)),
    12: Row(141748, 15585026, (33124, 38797, 41116)),
    28: Row(226744, 16074354, (26387, 26387, 26387)),
    29: Row(16, 1666, (3, 3, 3)),
    30: Row(2222594, 200592032, (190884, 190915, 190945)),
    31: Row(5754, 531270, (647, 660, 672)),
    32: Row(273051, 30342930, (85297, 99762, 105440)),
    40: Row(9868, 1170288, (3465, 3951, 4143)),
    46: Row(85, 6252, (6, 6, 6)),
    47: Row(42, 2848, (2, 2, 2)),
    48: Row(1220821, 113218371, (13760741, 13763192, 13763857)),
    49: Row(54591, 5074234, (28854, 30642, 31029)),
    54: Row(18, 2366, (3, 3, 3)),
    55: Row(18, 1346, (3, 3, 3)),
}

# Write-up, its command, what it reports.
ANSWERS = [
    ("001", "cpuid -l 0x4ffffffe -s 10", "count in EAX, grows at every call"),
    ("001", "cpuid -l 0x4fffffff -s 10", "time in EBX:ECX"),
    ("001", "cpuid -l 0x4ffffffe -s 77", "EDX all ones"),
    ("001", "cpuid -l 0x4ffffffe -s 5", "all zero"),
    ("002", "cpuid -l 0x4FFFFFFD -s 11", "-"),
    ("002", "cpuid -l 0x4FFFFFFC -s 11", "-"),
    ("002", "cpuid -l 0x4FFFFFFD -s 38", "undefined"),
    ("002", "cpuid -l 0x4FFFFFFC -s 38", "undefined"),
    ("004", "cpuid -l 0x4fffffff", "1,111,527 exits"),
    ("004", "cpuid -l 0x4ffffffe", "EBX 3, ECX 2060367898: 14,945,269,786 cycles"),
    ("004", "cpuid -l 0x4ffffffc -s 10", "1,418,211,925 cycles"),
    ("004", "cpuid -l 0x4ffffffd -s 35", "EDX -1"),
    ("004", "cpuid -l 0x4ffffffc -s 35", "EDX -1"),
    ("004", "cpuid -l 0x4ffffffd -s 4", "all zero"),
    ("004", "cpuid -l 0x4ffffffc -s 4", "all zero"),
]
