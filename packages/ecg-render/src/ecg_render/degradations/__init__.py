"""What happens to a page after it is printed: functions ``(page, seed) -> page``, one a file, and their parts.

Parts: `warp` moves a page by any map and samples it once, `coarse` and `sampling` spare it work; `relief` and
`relief_table` are shapes of paper, `shading` and `lighting` its light, and `photograph` puts them together.
"""
