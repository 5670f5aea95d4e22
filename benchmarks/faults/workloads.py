"""The workflows that are broken into."""

from typing import Any

from benchmarks.faults.rig import Definition, Rig

URL = [{"key": "url", "type": "text"}]
KEY_HEADER = "Idempotency-Key"


def request(key: str, url: str, method: str = "PUT", **more: Any) -> Definition:
    """A request that tells its key whatever its method."""
    config = {"method": method, "url": url, "idempotency_header": KEY_HEADER}
    return {"key": key, "type": "http.request", "config": config, **more}


def code(key: str, source: str = "sum(range(1000))", **more: Any) -> Definition:
    """A `code` step."""
    return {"key": key, "type": "code", "source": source, "inputs": {}, **more}


def mixed(rig: Rig, slug: str = "mixed", *, milliseconds: int = 70) -> str:
    """Effects that may be repeated, one that must not be, and code in between."""
    url = f"{rig.outside.url}/effect/{milliseconds}"
    return rig.workflow(
        slug,
        [
            request("fetch", url, "PUT"),
            code("sums"),
            request("pay", url, "POST", retry="none"),
            {"key": "note", "type": "set", "values": {"total": "{{ steps.sums.output + 1 }}"}},
            request("tell", url, "PUT"),
        ],
        outputs=[{"key": "total", "type": "number", "value": "steps.note.output.total"}],
    )


def repeatable(rig: Rig, slug: str = "repeatable", *, milliseconds: int = 40, steps: int = 2) -> str:
    """Only effects that may be repeated."""
    url = f"{rig.outside.url}/effect/{milliseconds}"
    return rig.workflow(slug, [request(f"put{n}", url) for n in range(steps)])


def quick(rig: Rig, slug: str = "quick") -> str:
    """One `set` step."""
    return rig.workflow(slug, [{"key": "s", "type": "set", "values": {"n": 1}}])


def loop(rig: Rig, slug: str, steps: list[Definition], *, concurrency: int = 1, **more: Any) -> str:
    """Walks the input `items`."""
    block = {
        "key": "each",
        "type": "for_each",
        "items": "inputs.items",
        "concurrency": concurrency,
        "steps": steps,
        **more,
    }
    return rig.workflow(slug, [block], inputs=[{"key": "items", "type": "list"}])
