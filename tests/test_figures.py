"""Figures: text → number, unit, bound and date."""

from lichang.figures import find


def test_a_paragraph_of_news_is_read_whole():
    text = "H200配备141GB内存,带宽4.8TB/s,算力是H20的6倍以上;去年昇腾出货50万-100万张,占约两成五。"
    assert [(f.text, f.kind, f.low, f.high, f.unit, f.bound) for f in find(text, published="2025-12-10")] == [
        ("141GB", "quantity", 141, 141, "GB", "eq"),
        ("4.8TB/s", "quantity", 4.8, 4.8, "TB/s", "eq"),
        ("6倍以上", "multiple", 6, 6, "x", "ge"),
        ("去年", "date", None, None, None, "eq"),
        ("50万-100万张", "count", 500000, 1000000, "张", "range"),
        ("约两成五", "percent", 25, 25, "%", "approx"),
    ]
