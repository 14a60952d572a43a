"""Add up what an audit sent, for the run."""

from __future__ import annotations

from secaudit.model import TableData, Traffic

_KEY = ("kind", "level", "host", "address", "port")


def traffic_of(table: TableData) -> tuple[Traffic, ...]:
    """One line for each place and kind. DNS questions are one line for the resolver, whatever names they were about."""
    sums: dict[tuple[str, str, str, str, int], list[int]] = {}
    for cells in table.rows:
        row = dict(zip(table.columns, cells, strict=True))
        host = "" if row["kind"] == "dns" else row["host"]
        key = (str(row["kind"]), str(row["level"]), str(host), str(row["address"]), int(row["port"] or 0))
        total = sums.setdefault(key, [0, 0, 0, 0])
        good = row["outcome"] in ("ok", "NOERROR", "NXDOMAIN")
        for number, value in enumerate((1, 0 if good else 1, row["sent_bytes"], row["received_bytes"])):
            total[number] += int(value or 0)
    return tuple(Traffic(*key, *total) for key, total in sorted(sums.items()))
