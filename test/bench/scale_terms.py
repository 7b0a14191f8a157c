"""Terms for q of each class of luck, found in the assets of the smallest tenant: the first assets of every
tenant have the same images and labels, so what is common in one is as common in all."""

import random
import re
from collections import Counter

WORD = re.compile(r"[a-z0-9:/._-]+")
HEXADECIMAL = re.compile(r"[0-9a-f]+")
LOTS = "abcdefghijklmnopqrstuvw"
SAMPLE = 10_000


def parts(text, lengths):
    """Substrings that stand between the separators of `asset.search`, without those of digests."""
    return {term for word in WORD.findall(text) for length in lengths for at in range(len(word) - length + 1)
            if not HEXADECIMAL.fullmatch(term := word[at:at + length])}


class Terms:
    def __init__(self, rows):
        """`rows` are [name, search] of assets, at most SAMPLE of them matter."""
        self.rows = sorted(([name, text] for name, text in rows[:SAMPLE]), key=lambda row: row[0].encode())
        texts = [text for _, text in self.rows]
        some = random.Random(1).sample(texts, min(1_000, len(texts)))
        self.shares = Counter(term for text in some for term in parts(text, range(3, 11)))
        self.whole = len(some)
        self.texts = texts

    def of_share(self, least, most, count=520):
        """As many terms that this share of the assets has, of all lengths from 3 to 10."""
        found = sorted(term for term, n in self.shares.items() if least <= n / self.whole <= most)
        return random.Random(2).sample(found, min(count, len(found)))

    def far(self, count=260):
        """(sort, term): terms that only the last fiftieth of a walk by name meets, or of one backwards."""
        tail = len(self.rows) // 50
        found = []
        for sort, far, near in (("name", self.rows[-tail:], self.rows[:-tail]), ("-name", self.rows[:tail], self.rows[tail:])):
            elsewhere = "\n".join(text for _, text in near)
            terms = sorted({term for name, _ in far for term in parts(name, range(4, 13))})
            random.Random(3).shuffle(terms)
            fresh = (term for term in terms if term not in elsewhere)
            found += [(sort, term) for _, term in zip(range(count), fresh)]
        return found

    def strangers(self, count=520):
        """Pairs of terms, each on one asset in 25 or more, that no asset has both of."""
        common = self.of_share(0.04, 0.7, 150)
        has = {term: sum(1 << i for i, text in enumerate(self.texts) if term in text) for term in common}
        pairs = [(one, other) for one in common for other in common if not has[one] & has[other]]
        lots = [(f"lot:{one}", f"lot:{other}") for one in LOTS for other in LOTS if one != other]
        pick = random.Random(4).sample
        return pick(pairs, min(count // 2, len(pairs))) + pick(lots, min(count, len(lots)))
