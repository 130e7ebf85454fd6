"""All traps in one inbox: each is turned away, and the article among them is read as if they were not there."""

import json
import subprocess
import sys
from pathlib import Path

from test_sources import TEXT, TRAPS

# Of this process VmHWM: ru_maxrss begins with what the process had that started it, here all of pytest.
RUN = """
import json, re, resource, sys
from pathlib import Path
from lichang.cli import main
try:
    main(["ingest", sys.argv[1], "--store", sys.argv[2]])
except SystemExit as ended:
    own = int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])
    kilobytes = max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    print(json.dumps({"exit": ended.code, "megabytes": kilobytes // 1024}))
"""


def test_a_run_over_all_traps(tmp_path: Path) -> None:
    inbox, store = tmp_path / "inbox", str(tmp_path / "lichang.db")
    for number, (name, make, _) in enumerate(TRAPS.values()):
        made = make()
        path = inbox / f"{number:02}" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(made.encode() if isinstance(made, str) else made)
    (inbox / "article.txt").write_text(TEXT, "utf-8")
    command = [sys.executable, "-c", RUN, str(inbox), store]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert json.loads(ended.stdout)["exit"] == 3, ended.stderr
    assert json.loads(ended.stdout)["megabytes"] < 700  # of which the pipeline takes about 300
    assert ended.stderr.startswith("1 analysed, 1 new")
    expected = {reason for _, _, reasons in TRAPS.values() for reason in reasons}
    told = {line.rpartition(": ")[2] for line in ended.stderr.splitlines() if " rejected: " in line}
    assert told == expected
