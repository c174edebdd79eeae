"""What every Python peer of the laboratory prints: one JSON object a line, its time last."""

import json
import sys
import time


def tell(event, **members):
    members = {"event": event, **members, "t": round(time.time() * 1000)}
    sys.stdout.write(json.dumps(members, separators=(",", ":")) + "\n")
    sys.stdout.flush()
