"""An RSQL parser and evaluator written from rsql.md alone, to compare the server with.

`parse` gives the tree of `inventory.rsql_parse`, `matches` evaluates it over an asset as the API
shows it. Clarity before speed.
"""
import datetime
import re

BLANK = " \t\r\n"
RESERVED = "\"'();,=!~<>" + BLANK
OPERATORS = {
    "==": "==", "!=": "!=", "<": "=lt=", "=lt=": "=lt=", "<=": "=le=", "=le=": "=le=", ">": "=gt=",
    "=gt=": "=gt=", ">=": "=ge=", "=ge=": "=ge=", "=in=": "=in=", "=out=": "=out="
}


class Refused(Exception):
    """Not RSQL; `position` is the 1-based code point of the first character that cannot go on."""
    def __init__(self, position, reason):
        super().__init__(f"{reason} at {position}")
        self.position = position


class Value(str):
    """A value without quotes and escapes; `stars` are the indices of its live wildcards."""
    stars = frozenset()


class Parser:
    def __init__(self, text):
        self.text = text
        self.at = 0

    def peek(self):
        return self.text[self.at] if self.at < len(self.text) else ""

    def refuse(self, reason, at=None):
        raise Refused((self.at if at is None else at) + 1, reason)

    def blanks(self):
        while self.peek() and self.peek() in BLANK:
            self.at += 1

    def word(self):
        """The unquoted token that begins here, or an empty text."""
        end = self.at
        while end < len(self.text) and self.text[end] not in RESERVED:
            end += 1
        return self.text[self.at:end]

    def separator(self, sign, name):
        """Takes a separator after a complete constraint or list value."""
        start = self.at
        self.blanks()
        if self.peek() == sign:
            self.at += 1
            return True
        word = self.word()
        after = self.at + len(word)
        if word.lower() == name and self.at > start and after < len(
                self.text) and self.text[after] in BLANK:
            self.at = after
            return True
        self.at = start
        return False

    def whole(self):
        tree = self.either()
        self.blanks()
        if self.peek():
            self.refuse("text after a complete constraint")
        return tree

    def either(self):
        return self.chain(",", "or", self.both)

    def both(self):
        return self.chain(";", "and", self.constraint)

    def chain(self, sign, name, part):
        parts = [part()]
        while self.separator(sign, name):
            parts.append(part())
        return parts[0] if len(parts) == 1 else {"op": name, "args": parts}

    def constraint(self):
        self.blanks()
        if self.peek() != "(":
            return self.comparison()
        self.at += 1
        tree = self.either()
        self.blanks()
        if self.peek() != ")":
            self.refuse("an open parenthesis")
        self.at += 1
        return tree

    def comparison(self):
        selector = self.word()
        if not selector:
            self.refuse("no selector")
        self.at += len(selector)
        self.blanks()
        operator = self.operator()
        self.blanks()
        if self.peek() != "(":
            values = [self.value()]
        else:
            self.at += 1
            values = [self.value()]
            if operator in ("=in=", "=out="):
                while self.separator(",", "or"):
                    values.append(self.value())
            self.blanks()
            if self.peek() != ")":
                self.refuse("an open list")
            self.at += 1
        return {"field": selector, "cmp": operator, "values": values}

    def operator(self):
        for sign in sorted(OPERATORS, key=len, reverse=True):
            if self.text.startswith(sign, self.at):
                self.at += len(sign)
                return OPERATORS[sign]
        # The longest beginning of an operator may still go on.
        length = 0
        while self.at + length < len(self.text) and any(
                sign.startswith(self.text[self.at:self.at + length + 1]) for sign in OPERATORS):
            length += 1
        self.refuse("no operator", self.at + length)

    def value(self):
        self.blanks()
        quote = self.peek()
        if quote in ("'", '"') and quote:
            return self.quoted(quote)
        word = self.word()
        if not word:
            self.refuse("no value")
        self.at += len(word)
        if self.peek() in ("'", '"') and self.peek():
            self.refuse("a quote within a token")
        value = Value(word)
        value.stars = frozenset(i for i, c in enumerate(word) if c == "*")
        return value

    def quoted(self, quote):
        start = self.at
        characters, stars = [], set()
        self.at += 1
        while self.peek() != quote:
            escaped = self.peek() == "\\"
            self.at += escaped
            if not self.peek():
                self.refuse("an open quote", start)
            if self.peek() == "*" and not escaped:
                stars.add(len(characters))
            characters.append(self.peek())
            self.at += 1
        self.at += 1
        if self.peek() and (self.peek() not in RESERVED or self.peek() in "\"'"):
            self.refuse("text touches a quoted token")
        value = Value("".join(characters))
        value.stars = frozenset(stars)
        return value


def parse(text):
    return Parser(text).whole()


# ---- evaluation ---------------------------------------------------------------------------------

TEXTS = ("registry", "repository", "name", "config_digest", "architecture", "os")
TIMES = ("created_at", "updated_at", "built_at", "last_scan")
NUMBERS = ("risk_score", "size_bytes")
ARRAYS = ("labels", "image_tag", "manifest_digest", "index_digest")


def matches(tree, asset):
    if "op" in tree:
        combine = all if tree["op"] == "and" else any
        return combine(matches(part, asset) for part in tree["args"])
    return compare(tree["field"], tree["cmp"], tree["values"], asset)


def compare(field, operator, values, asset):
    # Rule 12: != and =out= are the exact complements.
    if operator == "!=":
        return not compare(field, "==", values, asset)
    if operator == "=out=":
        return not compare(field, "=in=", values, asset)
    if field == "q":
        return any(values[0].lower() in text.lower() for text in searched(asset))
    attributes = asset["attributes"]
    if field == "tags":
        return any(value in attributes.get("tags", {}) for value in values)
    if field in ARRAYS:
        return any(
            equals(element, value, operator == "==") for element in elements(field, attributes)
            for value in values)
    actual = scalar(field, asset)
    if operator == "==" and values[0] == "" and field not in TIMES + NUMBERS + ("id", "type"):
        return actual in (None, "")
    if actual is None:
        return False
    if field in TIMES:
        actual, values = instant(actual), [instant(value) for value in values]
    elif field in NUMBERS:
        values = [int(value) for value in values]
    elif field == "id":
        values = [value.lower() for value in values]
    if operator == "==":
        return equals(actual, values[0], True)
    if operator == "=in=":
        return any(equals(actual, value, False) for value in values)
    wanted = values[0]
    return {
        "=lt=": actual < wanted, "=le=": actual <= wanted, "=gt=": actual > wanted,
        "=ge=": actual >= wanted
    }[operator]


def equals(actual, wanted, wild):
    stars = getattr(wanted, "stars", ())
    if not (wild and stars):
        return actual == wanted
    pattern = "".join(".*" if i in stars else re.escape(c) for i, c in enumerate(wanted))
    return re.fullmatch(pattern, actual, re.DOTALL) is not None


def scalar(field, asset):
    attributes = asset["attributes"]
    if field in ("id", "type"):
        return asset[field]
    if field == "class":
        return attributes.get("class", {}).get("display_name")
    if field.startswith("tags."):
        return attributes.get("tags", {}).get(field[len("tags."):])
    if field.startswith("image_labels."):
        return attributes.get("config", {}).get("labels", {}).get(field[len("image_labels."):])
    return attributes.get(field)


def elements(field, attributes):
    if field == "labels":
        return attributes.get("labels", [])
    if field == "image_tag":
        return attributes.get("image_tags", [])
    return [
        digest[field] for digest in attributes.get("distribution_digests", []) if field in digest
    ]


def searched(asset):
    attributes = asset["attributes"]
    yield from attributes.get("labels", [])
    for key, value in attributes.get("tags", {}).items():
        yield from (key, value)
    yield from (attributes[name] for name in ("registry", "repository", "name")
                if name in attributes)
    for digest in attributes.get("distribution_digests", []):
        yield from digest.values()


def instant(text):
    """Microseconds since the epoch (rule 13)."""
    date, _, rest = text.partition("T")
    zone = re.search(r"(Z|[+-]\d\d:\d\d)$", rest)
    clock = rest[:zone.start()] if zone else rest
    hours, minutes, seconds = (clock.split(":") + ["0", "0"])[:3] if clock else ("0", "0", "0")
    whole, _, fraction = seconds.partition(".")
    year, month, day = map(int, date.split("-"))
    days = datetime.date(year, month, day).toordinal() - datetime.date(1970, 1, 1).toordinal()
    total = ((days * 24 + int(hours)) * 60 + int(minutes)) * 60 + int(whole)
    if zone and zone[1] != "Z":
        offset = int(zone[1][1:3]) * 3600 + int(zone[1][4:6]) * 60
        total -= offset if zone[1][0] == "+" else -offset
    return total * 1_000_000 + int((fraction + "000000")[:6])
