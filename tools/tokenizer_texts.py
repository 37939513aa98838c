# SPDX-License-Identifier: Apache-2.0
"""Texts that are hard to tokenize, for tools/compare_tokenizer.py and the golden files.

Random texts come from a small counter-based generator (SplitMix64), which tests/unit/text implements in
C++ too, so that a golden file only needs to store their hash.
"""

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

TRICKY = [
    "", " ", "\n", "a", "!", "hello world", "Hello, World!", "  two  spaces ", "tab\tnew\nline\r\nend",
    # Special tokens, and texts that resemble one.
    "[CLS]", "[MASK]", "x[MASK]y", "[mask]", "[Mask]", "[unused1]", "[MASK", "MASK]", "[[MASK]]",
    "[CLS][SEP][PAD][UNK][MASK]", "Paris is the [MASK] of France.", "a\u0301[MASK]\u0301b", "[ MASK ]",
    "[SEP] [SEP]", "[MASK\u200b]", "\u200b[MASK]\u200b", "中[MASK]国", "[\u0301CLS]",
    # Accents, composed or not, and characters that grow or shrink.
    "cafe\u0301", "café", "CAFÉ", "naïve façade", "Ångström \u212b \u212a \u2126", "İstanbul", "ISTANBUL İI ıi",
    "ﬁsh and ﬂow", "straße STRASSE ẞ", "ΌΣΟΣ ὈΔΥΣΣΕΎΣ ᾳ ᾼ ΐ", "Ǆ ǅ ǆ Ǳ", "ỆỆ ệ e\u0323\u0302 e\u0302\u0323",
    "a\u0300\u0301\u0302\u0303", "\u0301start", "x \u0301 y", "\u0344 \u0340\u0341\u0343", "≠ ≮ ≯ \u226e",
    "\u1fee \u1fef \u037e \u0387 \u2000 \u2329a\u232a", "Ⅷ ⅷ ① ½ ² ㎏ ™",
    # Marks that are kept when accents are stripped, alone and moved by reordering.
    "x\u0345\u302e\u0323y", "\u302e\u0323 \u0345\u302e", "中\u302e\u0323", "a\u302e\u200b\u0323b",
    "\U0001d15e\u0334a", "\U0001d160 \U0001d164\U0001d16d\u0334", "\u0f73\u0f71\u302f \u0f75 \u0f81\u0e38",
    "á\u302e\u0301", "\u1b44\u0334\u1b34 \u1bf2\u0301\u1baa", "\u0334\u1b44\U000116b6\u093c",
    "\U0001e944\u0323\U0001e94a \u08d4\u0323\u08e1", "a\u0345\u302e[MASK]\u0345\u302e",
    # Scripts.
    "한국어 텍스트 \u1112\u1161\u11ab 가각힣", "日本語のテキスト ガギ か\u3099", "中文文本，没有空格。", "中文abc混合English文本",
    "Привет, Мир! ЁЙ ёй Ѐ", "שָׁלוֹם עֲלֵיכֶם", "السَّلَامُ عَلَيْكُمْ", "नमस्ते हिन्दी क्षेत्र", "বাংলা ভাষা",
    "ไทยภาษา เก่ง น้ำ", "ქართული ᲥᲐᲠᲗᲣᲚᲘ", "Հայերեն ՀԱՅԵՐԵՆ", "ᏣᎳᎩ ꮳꮃꭹ", "\U00010400\U00010428 \U0001e900",
    "豈更車\uf9ff \ufa0e \U0002f800\U0002fa1d", "\U0002b81d\U0002b820\U0002b91f\U0002b920 \U00030000",
    "\u3400\u4dbf\u4dc0\u4dff\u4e00\u9fff\ua000", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 ＦＵＬＬ ｗｉｄｔｈ １２３",
    # Invisible characters, spaces, controls.
    "ab\u200bcd", "a\u00adb", "zero\ufeffwidth", "a\u2060b\u2064c", "a\u180eb", "\u200f\u202aright\u202c",
    "a\u00a0b\u1680c\u2003d\u2028e\u2029f\u202fg\u205fh\u3000i", "a\u000bb\u000cc\u001cd\u001fe\u0085f",
    "nul\u0000nul", "bad\ufffdbad", "\u007f\u0080\u009f", "\ue000private\U000f0000use\U0010fffd",
    "\u0378unassigned\U000e0fff", "\U000e0001\U000e0041tags", "\ufdd0\uffff\U0001ffff noncharacters",
    # Punctuation and symbols.
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", "don't e-mail U.S.A. $1,000.50 50% c++ #tag @me a_b",
    "“quotes” ‘single’ «guillemets» – — … ¿qué? ¡sí!", "$ € £ ¥ + < = > | ~ ^ ` ° © ®", "、。「」『』・〜！？",
    "؟ ، ؛ ٪ ।॥ ፡።", "👍🏽 👩‍👩‍👧‍👦 🇫🇷 ❤️ ☺", "https://example.com/a?b=c&d=e#f",
    # Long words.
    "a" * 99, "a" * 100, "a" * 101, "b" * 1000, "é" * 100, "é" * 101, "e\u0301" * 100, "e\u0301" * 101,
    "가" * 33, "가" * 34, "\U00010428" * 100 + " " + "\U00010428" * 101, "x" * 99 + "\u200b" + "y",
    "x" * 100 + "\u200b" + "y", "z" * 100 + "!" + "z" * 101 + "\u0301", "İ" * 50, "İ" * 51, "İ" * 101,
    "\u0301" * 300, "a" + "\u302e" * 300, "\u0301\u302e" * 150, "中" * 200,
    "supercalifragilisticexpialidocious pneumonoultramicroscopicsilicovolcanoconiosis",
]

POOLS = [
    [chr(c) for c in range(0x61, 0x7B)],
    [chr(c) for c in range(0x20, 0x7F)],
    [" ", "\t", "\n", "\u00a0", "\u3000", "\u2028"],
    [chr(c) for c in range(0xC0, 0x250)],
    [chr(c) for c in range(0x300, 0x370)],
    ["\u302e", "\u302f", "\u1b44", "\u1baa", "\u1bf2", "\ua953", "\u08d4", "\u1dfb", "\U0001d165",
     "\U0001d16d", "\U000111c0", "\U0001e000", "\U0001e944", "\U0001e94a", "\U00011442"],
    ["\u0344", "\u0f73", "\u0f75", "\u0f81", "\u0f71", "\u0f74", "\u0345", "\u0334", "\u093c",
     "\u094d", "\u05b0", "\u0e38", "\u0323", "\u031b", "\U0001d15e", "\U0001d160", "\U0001d1bd",
     "\u0958", "\u09cb", "\u0ddd"],
    [chr(c) for c in range(0x370, 0x500)],
    [chr(c) for c in range(0x590, 0x700)],
    [chr(c) for c in range(0x900, 0xE80)],
    [chr(c) for c in range(0x1E00, 0x2070)],
    [chr(c) for c in range(0x2070, 0x2400)],
    [chr(c) for c in range(0x3000, 0x3100)],
    [chr(c) for c in range(0x4E00, 0x4F00)],
    [chr(c) for c in range(0xAC00, 0xAC80)],
    [chr(c) for c in range(0xF900, 0xFB10)],
    [chr(c) for c in range(0x1D100, 0x1D200)],
    [chr(c) for c in range(0x2B800, 0x2B940)],
    [chr(c) for c in range(0x2F800, 0x2F880)],
    ["\u200b", "\u00ad", "\ufeff", "\u0000", "\ufffd", "\u200d", "\ue000", "\u000b"],
    SPECIAL + ["[", "]", "##", "İ", "ı", "ẞ", "Σ"],
]

MASK64 = (1 << 64) - 1


def mix64(x):
    """The finalizer of SplitMix64, as in src/base/random.h."""
    x = (x + 0x9E3779B97F4A7C15) & MASK64
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK64
    return x ^ (x >> 31)


def random_text(seed, pools=POOLS):
    """Up to 32 items. Each comes from the same pool as the previous one, or from another."""
    state = mix64(seed)
    length = state % 33
    pool = 0
    items = []
    for _ in range(length):
        state = mix64(state)
        if state % 3 == 0:
            pool = (state >> 8) % len(pools)
        items.append(pools[pool][(state >> 32) % len(pools[pool])])
    return "".join(items)


def all_code_points():
    return (chr(c) for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF)


def around_code_point(character):
    """A code point alone, inside a word, after a word."""
    return character, f"ab{character}cd", f"ab{character}"
