"""Does a tagger read the same where only names or typography change? python benchmarks/robustness.py corpora/camps

Companies, products, people and third countries of validation become invented ones that no training text has;
punctuation becomes half-width; the script becomes traditional. Prints camp F1 as it is and how far each change
moves it.
"""

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets

from lichang.analysis import load
from lichang.characters import SIMPLIFIED, TRADITIONAL
from lichang.corpus import lay_out
from lichang.scoring import compare, score

NAMES = {
    "英伟达": "凌睿半导体",
    "英偉達": "凌睿半導體",
    "輝達": "凌睿半導體",
    "AMD": "科锐思",
    "英特尔": "奥芯",
    "微软": "远帆软件",
    "谷歌": "寻径",
    "华为": "曜石科技",
    "華為": "曜石科技",
    "寒武纪": "北辰智算",
    "摩尔线程": "青鸾图形",
    "中芯国际": "江芯制造",
    "昇腾": "启明",
    "昇騰": "啟明",
    "黄仁勋": "温世钧",
    "黃仁勳": "溫世鈞",
    "苏姿丰": "柳若岚",
    "卢特尼克": "哈特维尔",
    "麦圭尔": "奥德里奇",
    "路透社": "泰晤士通讯社",
    "彭博社": "格林威治社",
    "荷兰": "比利时",
    "日本": "意大利",
    "韩国": "西班牙",
    "新加坡": "文莱",
    "马来西亚": "老挝",
    "H200": "K700",
    "H100": "K500",
    "H20": "K50",
    "Blackwell": "Fermat",
    "CUDA": "NOVA",
    "HBM3": "QDM3",
    "HBM": "QDM",
}
_NAMES = re.compile("|".join(map(re.escape, sorted(NAMES, key=len, reverse=True))))
_HALF = str.maketrans("，：；？！（）％“”", ',:;?!()%""')
_TRADITIONAL = str.maketrans(SIMPLIFIED, TRADITIONAL)

CHANGES: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "other names": lambda text: _NAMES.sub(lambda match: NAMES[match.group()], text),
    "half-width signs": lambda text: text.translate(_HALF),
    "traditional script": lambda text: text.translate(_TRADITIONAL),
}


def changed(row: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """The row of a corpus with every text changed, and nothing annotated but camps."""
    units = ("text", "camp", "attitude", "claim")
    return row | {
        "title": change(row["title"] or ""),
        "paragraphs": [
            {
                "section": paragraph["section"],
                "units": [
                    {name: unit[name] for name in units} | {"text": change(unit["text"])}
                    for unit in paragraph["units"]
                ],
            }
            for paragraph in row["paragraphs"]
        ],
    }


def main() -> None:
    """Print a row a change, a column a tagger."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--split", default="validation")
    parser.add_argument("--models", type=Path)
    options = parser.parse_args()
    rows = list(datasets.load_dataset(str(options.corpus), split=options.split, streaming=True))
    taggers = {name: load(name, models=options.models) for name in ("linear", "encoder", "auto")}
    print(f"{'camp F1':20}", *(f"{name:>16}" for name in taggers))
    plain: dict[str, float] = {}
    for label, change in CHANGES.items():
        gold = [lay_out(changed(row, change)) for row in rows]
        cells = []
        for name, analyze in taggers.items():
            found = score(compare(gold, analyze.pipe(one.article for one in gold))).camp_f1
            plain.setdefault(name, found)
            cells.append(f"{found:.3f} ({found - plain[name]:+.3f})")
        print(f"{label:20}", *(f"{cell:>16}" for cell in cells))


if __name__ == "__main__":
    main()
