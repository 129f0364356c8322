# ---- What JavaScript has and Python lacks. Texts are sequences of UTF-16 units. ----

import functools
import json
import math
import re
import threading
import unicodedata

_NAN = float("nan")
_INF = float("inf")
_LN10 = 2.302585092994046
_WHITE = "\t\n\x0b\x0c\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"


def _units(text):
    """A text as UTF-16 units, one a character."""
    if text.isascii() or not _ASTRAL.search(text):
        return text
    return _ASTRAL.sub(lambda found: chr(0xD7C0 + (ord(found[0]) >> 10)) + chr(0xDC00 + (ord(found[0]) & 0x3FF)), text)


_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def _characters(text):
    """The inverse of `_units`."""
    return _PAIR.sub(lambda found: chr(((ord(found[0][0]) - 0xD7C0) << 10) + (ord(found[0][1]) - 0xDC00)), text)


class _O(dict):
    """An object: what it lacks is None, and it is equal to itself alone."""

    __slots__ = ()
    __hash__ = object.__hash__
    __eq__ = object.__eq__
    __ne__ = object.__ne__

    def __missing__(self, key):
        return None


class _Object:
    """An instance of a class."""

    def __getitem__(self, key):
        return getattr(self, key)


class _Map(dict):
    """A map, which is run through as pairs."""

    __slots__ = ()
    __hash__ = object.__hash__
    __eq__ = object.__eq__
    __ne__ = object.__ne__

    def __init__(self, pairs=()):
        dict.__init__(self)
        for pair in pairs or ():
            self[pair[0]] = pair[1]

    def __iter__(self):
        return iter(list(dict.items(self)))


class _Set(dict):
    """A set in the order of adding."""

    __slots__ = ()

    def __init__(self, values=()):
        dict.__init__(self, dict.fromkeys(values or ()))


class _Match(list):
    """What an expression found."""

    def __getitem__(self, key):
        return getattr(self, key) if type(key) is str else list.__getitem__(self, key)


class _RegExp:
    """A regular expression with JavaScript's meaning, compiled when it is first used."""

    def __init__(self, source, flags=""):
        self.source = source
        self.flags = flags
        self.lastIndex = 0
        self._is_sticky = "y" in flags
        self._is_global = "g" in flags
        self._compiled = None

    def __getitem__(self, key):
        return getattr(self, key)

    @property
    def compiled(self):
        if self._compiled is None:
            self._compiled = re.compile(_translated(self.source, self.flags))
        return self._compiled

    def fresh(self):
        other = _RegExp(self.source, self.flags)
        other._compiled = self.compiled
        return other

    def _found(self, text):
        compiled = self._compiled or self.compiled
        if self._is_sticky:
            found = compiled.match(text, self.lastIndex) if self.lastIndex <= len(text) else None
            self.lastIndex = 0 if found is None else found.end()
            return found
        if self._is_global:
            found = compiled.search(text, self.lastIndex) if self.lastIndex <= len(text) else None
            self.lastIndex = 0 if found is None else found.end()
            return found
        return compiled.search(text)

    def test(self, text):
        return self._found(text) is not None

    def exec(self, text):
        found = self._found(text)
        return None if found is None else _match_of(found)


def _match_of(found):
    match = _Match((found[0], *found.groups()))
    match.index = found.start()
    match.groups = _O(found.groupdict())
    return match


# ---- Regular expressions: JavaScript's in Python's, with the letters and cases of one version of Unicode. ----


def _escaped(code):
    return "\\u%04x" % code


def _ranges(ranges):
    return "".join(_escaped(a) if a == b else _escaped(a) + "-" + _escaped(b) for a, b in ranges)


_DIGIT = [(48, 57)]
_WORD = [(48, 57), (65, 90), (95, 95), (97, 122)]
_SPACE = sorted((ord(sign), ord(sign)) for sign in _WHITE)
_LINE_END = [(10, 10), (13, 13), (0x2028, 0x2029)]


def _without(ranges):
    """All units but those of sorted ranges."""
    rest, at = [], 0
    for a, b in sorted(ranges):
        if a > at:
            rest.append((at, a - 1))
        at = max(at, b + 1)
    return rest + ([(at, 0xFFFF)] if at <= 0xFFFF else [])


def _cased(ranges, variants):
    """Ranges with the other cases of their letters."""
    more = [
        (ord(other), ord(other)) for a, b in ranges if b - a < 4000 for code in range(a, b + 1) for other in variants.get(chr(code), "")
    ]
    return ranges + more


@functools.lru_cache(maxsize=None)
def _variants(is_unicode):
    table = {}
    for group in (_FOLDED if is_unicode else _UPPERED).split(" "):
        for sign in group:
            table[sign] = group
    return table


_LONE = "[\\ud800-\\udbff](?![\\udc00-\\udfff])|(?<![\\ud800-\\udbff])[\\udc00-\\udfff]"
_CLASSES = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
_CONTROLS = {"n": 10, "t": 9, "r": 13, "f": 12, "v": 11, "0": 0}


class _Translator:
    def __init__(self, source, flags):
        self.source = source
        self.at = 0
        self.is_unicode = "u" in flags
        self.variants = _variants(self.is_unicode) if "i" in flags else {}
        self.is_multiline = "m" in flags
        self.is_behind = False

    def unit_class(self, ranges, pairs="", is_negated=False):
        ranges = _cased(ranges, self.variants)
        if not is_negated:
            plain = "[" + _ranges(ranges) + "]"
            return "(?:" + plain + "|" + pairs + ")" if pairs and self.is_unicode and not self.is_behind else plain
        if not self.is_unicode or self.is_behind:
            return "[^" + _ranges(ranges) + "]" if ranges else "[\\u0000-\\uffff]"
        # Two units that are one character count as one.
        rest = _ranges(_without(ranges + [(0xD800, 0xDFFF)]))
        return "(?:[" + rest + "]|" + ("(?!" + pairs + ")" if pairs else "") + "[\\ud800-\\udbff][\\udc00-\\udfff]|" + _LONE + ")"

    def property_at(self):
        """The class of \\p{…}, whose name begins after the brace."""
        end = self.source.index("}", self.at)
        name = self.source[self.at + 1 : end]
        self.at = end + 1
        starts, pairs = _PROPERTIES[name]
        codes = [int(each, 36) for each in starts.split(" ")]
        return [(codes[k], codes[k + 1]) for k in range(0, len(codes), 2)], pairs

    def code_at(self):
        """The unit of an escape whose letter is at `at`."""
        sign = self.source[self.at]
        self.at += 1
        if sign in "ux":
            width = 4 if sign == "u" else 2
            digits = self.source[self.at : self.at + width]
            self.at += width
            return int(digits, 16)
        return _CONTROLS.get(sign, ord(sign))

    def in_brackets(self):
        source = self.source
        is_negated = source[self.at] == "^"
        if is_negated:
            self.at += 1
        ranges, pairs, last = [], [], None
        while source[self.at] != "]":
            sign = source[self.at]
            if sign == "\\":
                self.at += 1
                letter = source[self.at]
                if letter in "dws":
                    self.at += 1
                    ranges += _CLASSES[letter]
                    last = None
                    continue
                if letter in "DWS":
                    self.at += 1
                    ranges += _without(_CLASSES[letter.lower()])
                    last = None
                    continue
                if letter == "p" and self.is_unicode:
                    self.at += 1
                    more, beyond = self.property_at()
                    ranges += more
                    pairs += [beyond] if beyond else []
                    last = None
                    continue
                code = 8 if letter == "b" else None
                if code is None:
                    code = self.code_at()
                else:
                    self.at += 1
            else:
                code = ord(sign)
                self.at += 1
                if sign == "-" and last is not None and source[self.at] != "]":
                    if source[self.at] == "\\":
                        self.at += 1
                        end = self.code_at()
                    else:
                        end = ord(source[self.at])
                        self.at += 1
                    ranges[-1] = (last, end)
                    last = None
                    continue
            ranges.append((code, code))
            last = code
        self.at += 1
        if not ranges and not pairs:
            return "[\\u0000-\\uffff]" if is_negated else "(?!)"
        return self.unit_class(ranges, "|".join(pairs), is_negated)

    def letter(self, code):
        others = self.variants.get(chr(code))
        return _escaped(code) if others is None else "[" + "".join(_escaped(ord(each)) for each in others) + "]"

    def behind(self, is_negated):
        """A look behind: Python wants each of one width."""
        start, depth, at = self.at, 1, self.at
        while depth > 0:
            sign = self.source[at]
            if sign == "\\":
                at += 1
            elif sign == "[":
                while self.source[at] != "]":
                    at += 2 if self.source[at] == "\\" else 1
            elif sign == "(":
                depth += 1
            elif sign == ")":
                depth -= 1
            at += 1
        inner, self.at = self.source[start : at - 1], at
        forms = [""]
        for atom, is_optional in _atoms(inner):
            forms = [form + atom for form in forms] + (list(forms) if is_optional else [])
        flags = ("u" if self.is_unicode else "") + ("i" if self.variants else "") + ("m" if self.is_multiline else "")
        written = []
        for form in forms:
            translator = _Translator(form, flags)
            translator.is_behind = True
            written.append(("(?<!" if is_negated else "(?<=") + translator.all() + ")")
        return "".join(written) if is_negated else "(?:" + "|".join(written) + ")"

    def all(self):
        out, source = [], self.source
        while self.at < len(source):
            sign = source[self.at]
            self.at += 1
            if sign == "\\":
                letter = source[self.at]
                if letter == "b":
                    self.at += 1
                    out.append("(?a:\\b)")
                elif letter == "B":
                    self.at += 1
                    out.append("(?a:\\B)")
                elif letter in "dws":
                    self.at += 1
                    out.append(self.unit_class(_CLASSES[letter]))
                elif letter in "DWS":
                    self.at += 1
                    out.append(self.unit_class(_CLASSES[letter.lower()], "", True))
                elif letter in "pP" and self.is_unicode:
                    self.at += 1
                    ranges, pairs = self.property_at()
                    out.append(self.unit_class(ranges, pairs, letter == "P"))
                elif letter in "123456789":
                    self.at += 1
                    out.append("(?:\\" + letter + ")")
                else:
                    out.append(self.letter(self.code_at()))
            elif sign == "[":
                out.append(self.in_brackets())
            elif sign == ".":
                out.append(self.unit_class(_LINE_END, "", True))
            elif sign == "^":
                out.append("(?:(?<![\\s\\S])|(?<=[\\n\\r\\u2028\\u2029]))" if self.is_multiline else "\\A")
            elif sign == "$":
                out.append("(?=[\\n\\r\\u2028\\u2029]|\\Z)" if self.is_multiline else "\\Z")
            elif sign == "(":
                if source.startswith("?<=", self.at) or source.startswith("?<!", self.at):
                    is_negated = source[self.at + 2] == "!"
                    self.at += 3
                    out.append(self.behind(is_negated))
                elif source.startswith("?<", self.at):
                    self.at += 2
                    out.append("(?P<")
                    end = source.index(">", self.at)
                    out.append(source[self.at : end + 1])
                    self.at = end + 1
                elif source.startswith("?", self.at):
                    out.append("(" + source[self.at : self.at + 2])
                    self.at += 2
                else:
                    out.append("(")
            elif sign in ")|*+?":
                out.append(sign)
            elif sign == "{" and _COUNT.match(source, self.at - 1):
                found = _COUNT.match(source, self.at - 1)
                out.append(found[0])
                self.at = found.end()
            else:
                out.append(self.letter(ord(sign)))
        return "".join(out)


_COUNT = re.compile(r"\{\d+(?:,\d*)?\}")


def _atoms(source):
    """The parts of an expression without groups, each with whether it may be absent; alternatives of one unit are one part."""
    at, atoms = 0, []
    while at < len(source):
        start = at
        if source[at] == "\\":
            at += 2
            if source[start + 1] in "pP" and source.startswith("{", at):
                at = source.index("}", at) + 1
        elif source[at] == "[":
            while source[at] != "]":
                at += 2 if source[at] == "\\" else 1
            at += 1
        else:
            at += 1
        atom = source[start:at]
        is_optional = source.startswith("?", at)
        at += 1 if is_optional else 0
        atoms.append((atom, is_optional))
    return atoms


def _translated(source, flags):
    return _Translator(source, flags).all()


# ---- Methods of texts, lists, maps and sets. ----


def _raw(text):
    return text


def _str(value):
    if type(value) is str:
        return value
    if value is None:
        return "undefined"
    if value is True or value is False:
        return "true" if value else "false"
    if type(value) is float:
        if value != value:
            return "NaN"
        if value in (_INF, -_INF):
            return "Infinity" if value > 0 else "-Infinity"
        return str(int(value)) if value == int(value) and abs(value) < 1e21 else repr(value)
    if isinstance(value, list):
        return _join(value)
    if type(value) is int and abs(value) >= 10**4000:
        return _long(value)
    return str(value)


def _long(value):
    """A whole number of any length: Python refuses to write the longest at once."""
    sign, value, parts = "-" if value < 0 else "", abs(value), []
    while value:
        value, part = divmod(value, 10**4000)
        parts.append(str(part).rjust(4000, "0") if value else str(part))
    return sign + "".join(reversed(parts))


_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|Infinity)\Z", re.ASCII)


def _number(value=0):
    if type(value) is str:
        plain = value.strip(_WHITE)
        if plain == "":
            return 0
        if not _DECIMAL.match(plain):
            return _NAN
        whole = float(plain.replace("Infinity", "inf"))
        return int(whole) if whole == whole and abs(whole) < 2**53 and whole == int(whole) else whole
    if value is None:
        return _NAN
    try:
        return float(value)
    except OverflowError:
        return _INF if value > 0 else -_INF


def _big(value):
    if type(value) is not str:
        return int(value)
    sign = -1 if value.startswith("-") else 1
    digits = value.lstrip("+-")
    total = 0
    # Python refuses to read the longest at once.
    for at in range(0, len(digits), 4000):
        part = digits[at : at + 4000]
        total = total * 10 ** len(part) + int(part)
    return sign * total


def _parse_int(text, base=10):
    value, is_read = 0, False
    for sign in text.strip(_WHITE).lower():
        digit = "0123456789abcdefghijklmnopqrstuvwxyz".find(sign)
        if digit < 0 or digit >= base:
            break
        value, is_read = value * base + digit, True
    return value if is_read else _NAN


def _quotient(a, b):
    """Of whole numbers, towards zero."""
    whole = abs(a) // abs(b)
    return whole if (a < 0) == (b < 0) else -whole


def _power(a, b):
    if type(a) is int and type(b) is int and b >= 0:
        return a**b
    try:
        result = float(a) ** float(b)
        return _NAN if isinstance(result, complex) else result
    except ZeroDivisionError:
        return _INF
    except OverflowError:
        return -_INF if a < 0 and b % 2 == 1 else _INF


def _math(name):
    def call(*values):
        try:
            return getattr(math, {"log": "log", "atan2": "atan2"}.get(name, name))(*values)
        except OverflowError:
            return _INF if name in ("exp", "cosh") or values[0] > 0 else -_INF
        except ValueError:
            return -_INF if name in ("log", "log2") and values[0] == 0 else _NAN

    return call


def _ceil(value):
    return math.ceil(value) if abs(value) < _INF else value


def _floor(value):
    return math.floor(value) if abs(value) < _INF else value


def _int32(value):
    value &= 0xFFFFFFFF
    return value - 0x100000000 if value >= 0x80000000 else value


def _imul(a, b):
    return _int32(a * b)


def _is_nan(value, *_):
    return value != value


def _is_finite(value, *_):
    return isinstance(value, (int, float)) and abs(value) < _INF


def _is_integer(value, *_):
    return _is_finite(value) and value == int(value)


def _is_safe_integer(value, *_):
    return _is_integer(value) and abs(value) < 2**53


def _json(value):
    return json.dumps(value, ensure_ascii=False)


def _has_own(value, key):
    return key in value


def _array_from(source, make=None):
    if isinstance(source, _O):
        return [make(None, k) for k in range(int(source["length"]))]
    return list(source) if make is None else [make(each) for each in source]


def _list(values):
    return values if isinstance(values, (list, str)) else list(values)


def _advance(owner, name, step):
    value = getattr(owner, name) + step
    setattr(owner, name, value)
    return value


def _at(values, at):
    """What is at a place, or None."""
    if type(at) is int and not isinstance(values, dict):
        return values[at] if 0 <= at < len(values) else None
    if isinstance(values, dict):
        return values.get(at)
    return None


def _counted(values, at):
    """What is at a place that may be counted from the end, or None."""
    return values[at] if -len(values) <= at < len(values) else None


def _charCodeAt(text, at=0):
    return ord(text[at]) if 0 <= at < len(text) else _NAN


def _startsWith(text, start, at=0):
    return text.startswith(start, at if at > 0 else 0)


def _endsWith(text, end, to=None):
    return text.endswith(end) if to is None else text.endswith(end, 0, max(0, to))


def _indexOf(values, wanted, at=0):
    if isinstance(values, str):
        return values.find(wanted, max(0, at))
    return values.index(wanted) if wanted in values else -1


def _lastIndexOf(text, wanted):
    return text.rfind(wanted)


def _includes(values, wanted):
    return wanted in values


def _join(values, separator=","):
    return separator.join("" if each is None else _str(each) for each in values)


def _split(text, separator, limit=None):
    if isinstance(separator, _RegExp):
        parts = separator.compiled.split(text)
    else:
        parts = text.split(separator)
    return parts if limit is None else parts[:limit]


_DOLLAR = re.compile(r"\$(\d)")


def _substituted(found, by):
    if type(by) is str:
        return _DOLLAR.sub(lambda place: found[int(place[1])] or "", by)
    return by(found[0], *found.groups())


def _replace(text, pattern, by):
    if type(pattern) is str:
        return text.replace(pattern, by, 1)
    return pattern.compiled.sub(lambda found: _substituted(found, by), text, count=0 if pattern._is_global else 1)


def _replaceAll(text, pattern, by):
    return text.replace(pattern, by)


def _matchAll(text, pattern):
    return [_match_of(found) for found in pattern.compiled.finditer(text)]


def _match(text, pattern):
    if not pattern._is_global:
        return pattern.exec(text)
    found = [each[0] for each in pattern.compiled.finditer(text)]
    return found or None


def _search(text, pattern):
    found = pattern.compiled.search(text)
    return -1 if found is None else found.start()


def _trim(text):
    return text.strip(_WHITE)


def _padStart(text, width, fill):
    return text.rjust(int(width), fill)


def _padEnd(text, width, fill):
    return text.ljust(int(width), fill)


def _normalize(text, form):
    return _units(unicodedata.normalize(form, _characters(text)))


def _toLowerCase(text):
    return text.lower()


def _toUpperCase(text):
    return text.upper()


def _toString(value, base=10):
    return ("%x" if value >= 0 else "-%x") % abs(value) if base == 16 else _str(value)


def _push(values, *more):
    if type(values) is list:
        values.extend(more)
    else:
        values.push(*more)


def _pop(values):
    return values.pop() if values else None


def _unshift(values, value):
    values.insert(0, value)


def _entries(values):
    return [[k, each] for k, each in enumerate(values)] if isinstance(values, list) else values


def _keys(values):
    return list(dict.keys(values))


def _values(values):
    return list(dict.values(values))


def _has(values, key):
    return key in values


def _get(values, key):
    return values.get(key)


def _set(values, key, value):
    values[key] = value


def _add(values, key):
    values[key] = None


def _clear(values):
    values.clear()


def _flat(values):
    return [inner for each in values for inner in (each if isinstance(each, list) else [each])]


def _toSorted(values):
    return sorted(values, key=_str)


def _toReversed(values):
    return values[::-1]


def _sort(values, compare):
    values.sort(key=functools.cmp_to_key(compare))
    return values


def _map(values, f):
    return [f(each) for each in values]


def _map_i(values, f):
    return [f(each, k) for k, each in enumerate(values)]


def _filter(values, f):
    return [each for each in values if f(each)]


def _filter_i(values, f):
    return [each for k, each in enumerate(values) if f(each, k)]


def _some(values, f):
    return any(f(each) for each in values)


def _some_i(values, f):
    return any(f(each, k) for k, each in enumerate(values))


def _every(values, f):
    return all(f(each) for each in values)


def _every_i(values, f):
    return all(f(each, k) for k, each in enumerate(values))


def _find(values, f):
    return next((each for each in values if f(each)), None)


def _find_i(values, f):
    return next((each for k, each in enumerate(values) if f(each, k)), None)


def _findIndex(values, f):
    return next((k for k, each in enumerate(values) if f(each)), -1)


def _findLast(values, f):
    return next((each for each in reversed(values) if f(each)), None)


def _findLastIndex(values, f):
    return next((k for k in range(len(values) - 1, -1, -1) if f(values[k])), -1)


def _flatMap(values, f):
    return _spread(f(each) for each in values)


def _flatMap_i(values, f):
    return _spread(f(each, k) for k, each in enumerate(values))


def _spread(parts):
    return [inner for part in parts for inner in (part if isinstance(part, list) else [part])]


_NO_START = object()


def _reduce(values, f, start=_NO_START):
    return functools.reduce(f, values) if start is _NO_START else functools.reduce(f, values, start)


def _reduce_i(values, f, start):
    for k, each in enumerate(values):
        start = f(start, each, k)
    return start
