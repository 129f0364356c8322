"""The grading of `decision-sampling calibrate`, compiled from its TypeScript: attempts, decisions, and whether the last answer is right.

Not written by hand: change the sources that the sections name, and run `npm run build:reward` there. Python 3.10 or later, no packages.
"""

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


# Unicode 17.0.
_FOLDED = "Aa Bb Cc Dd Ee Ff Gg Hh Ii Jj Kk\u212a Ll Mm Nn Oo Pp Qq Rr Ss\u017f Tt Uu Vv Ww Xx Yy Zz \u00b5\u039c\u03bc \u00c0\u00e0 \u00c1\u00e1 \u00c2\u00e2 \u00c3\u00e3 \u00c4\u00e4 \u00c5\u00e5\u212b \u00c6\u00e6 \u00c7\u00e7 \u00c8\u00e8 \u00c9\u00e9 \u00ca\u00ea \u00cb\u00eb \u00cc\u00ec \u00cd\u00ed \u00ce\u00ee \u00cf\u00ef \u00d0\u00f0 \u00d1\u00f1 \u00d2\u00f2 \u00d3\u00f3 \u00d4\u00f4 \u00d5\u00f5 \u00d6\u00f6 \u00d8\u00f8 \u00d9\u00f9 \u00da\u00fa \u00db\u00fb \u00dc\u00fc \u00dd\u00fd \u00de\u00fe \u00df\u1e9e \u00ff\u0178 \u0100\u0101 \u0102\u0103 \u0104\u0105 \u0106\u0107 \u0108\u0109 \u010a\u010b \u010c\u010d \u010e\u010f \u0110\u0111 \u0112\u0113 \u0114\u0115 \u0116\u0117 \u0118\u0119 \u011a\u011b \u011c\u011d \u011e\u011f \u0120\u0121 \u0122\u0123 \u0124\u0125 \u0126\u0127 \u0128\u0129 \u012a\u012b \u012c\u012d \u012e\u012f \u0132\u0133 \u0134\u0135 \u0136\u0137 \u0139\u013a \u013b\u013c \u013d\u013e \u013f\u0140 \u0141\u0142 \u0143\u0144 \u0145\u0146 \u0147\u0148 \u014a\u014b \u014c\u014d \u014e\u014f \u0150\u0151 \u0152\u0153 \u0154\u0155 \u0156\u0157 \u0158\u0159 \u015a\u015b \u015c\u015d \u015e\u015f \u0160\u0161 \u0162\u0163 \u0164\u0165 \u0166\u0167 \u0168\u0169 \u016a\u016b \u016c\u016d \u016e\u016f \u0170\u0171 \u0172\u0173 \u0174\u0175 \u0176\u0177 \u0179\u017a \u017b\u017c \u017d\u017e \u0180\u0243 \u0181\u0253 \u0182\u0183 \u0184\u0185 \u0186\u0254 \u0187\u0188 \u0189\u0256 \u018a\u0257 \u018b\u018c \u018e\u01dd \u018f\u0259 \u0190\u025b \u0191\u0192 \u0193\u0260 \u0194\u0263 \u0195\u01f6 \u0196\u0269 \u0197\u0268 \u0198\u0199 \u019a\u023d \u019b\ua7dc \u019c\u026f \u019d\u0272 \u019e\u0220 \u019f\u0275 \u01a0\u01a1 \u01a2\u01a3 \u01a4\u01a5 \u01a6\u0280 \u01a7\u01a8 \u01a9\u0283 \u01ac\u01ad \u01ae\u0288 \u01af\u01b0 \u01b1\u028a \u01b2\u028b \u01b3\u01b4 \u01b5\u01b6 \u01b7\u0292 \u01b8\u01b9 \u01bc\u01bd \u01bf\u01f7 \u01c4\u01c5\u01c6 \u01c7\u01c8\u01c9 \u01ca\u01cb\u01cc \u01cd\u01ce \u01cf\u01d0 \u01d1\u01d2 \u01d3\u01d4 \u01d5\u01d6 \u01d7\u01d8 \u01d9\u01da \u01db\u01dc \u01de\u01df \u01e0\u01e1 \u01e2\u01e3 \u01e4\u01e5 \u01e6\u01e7 \u01e8\u01e9 \u01ea\u01eb \u01ec\u01ed \u01ee\u01ef \u01f1\u01f2\u01f3 \u01f4\u01f5 \u01f8\u01f9 \u01fa\u01fb \u01fc\u01fd \u01fe\u01ff \u0200\u0201 \u0202\u0203 \u0204\u0205 \u0206\u0207 \u0208\u0209 \u020a\u020b \u020c\u020d \u020e\u020f \u0210\u0211 \u0212\u0213 \u0214\u0215 \u0216\u0217 \u0218\u0219 \u021a\u021b \u021c\u021d \u021e\u021f \u0222\u0223 \u0224\u0225 \u0226\u0227 \u0228\u0229 \u022a\u022b \u022c\u022d \u022e\u022f \u0230\u0231 \u0232\u0233 \u023a\u2c65 \u023b\u023c \u023e\u2c66 \u023f\u2c7e \u0240\u2c7f \u0241\u0242 \u0244\u0289 \u0245\u028c \u0246\u0247 \u0248\u0249 \u024a\u024b \u024c\u024d \u024e\u024f \u0250\u2c6f \u0251\u2c6d \u0252\u2c70 \u025c\ua7ab \u0261\ua7ac \u0264\ua7cb \u0265\ua78d \u0266\ua7aa \u026a\ua7ae \u026b\u2c62 \u026c\ua7ad \u0271\u2c6e \u027d\u2c64 \u0282\ua7c5 \u0287\ua7b1 \u029d\ua7b2 \u029e\ua7b0 \u0345\u0399\u03b9\u1fbe \u0370\u0371 \u0372\u0373 \u0376\u0377 \u037b\u03fd \u037c\u03fe \u037d\u03ff \u037f\u03f3 \u0386\u03ac \u0388\u03ad \u0389\u03ae \u038a\u03af \u038c\u03cc \u038e\u03cd \u038f\u03ce \u0391\u03b1 \u0392\u03b2\u03d0 \u0393\u03b3 \u0394\u03b4 \u0395\u03b5\u03f5 \u0396\u03b6 \u0397\u03b7 \u0398\u03b8\u03d1\u03f4 \u039a\u03ba\u03f0 \u039b\u03bb \u039d\u03bd \u039e\u03be \u039f\u03bf \u03a0\u03c0\u03d6 \u03a1\u03c1\u03f1 \u03a3\u03c2\u03c3 \u03a4\u03c4 \u03a5\u03c5 \u03a6\u03c6\u03d5 \u03a7\u03c7 \u03a8\u03c8 \u03a9\u03c9\u2126 \u03aa\u03ca \u03ab\u03cb \u03cf\u03d7 \u03d8\u03d9 \u03da\u03db \u03dc\u03dd \u03de\u03df \u03e0\u03e1 \u03e2\u03e3 \u03e4\u03e5 \u03e6\u03e7 \u03e8\u03e9 \u03ea\u03eb \u03ec\u03ed \u03ee\u03ef \u03f2\u03f9 \u03f7\u03f8 \u03fa\u03fb \u0400\u0450 \u0401\u0451 \u0402\u0452 \u0403\u0453 \u0404\u0454 \u0405\u0455 \u0406\u0456 \u0407\u0457 \u0408\u0458 \u0409\u0459 \u040a\u045a \u040b\u045b \u040c\u045c \u040d\u045d \u040e\u045e \u040f\u045f \u0410\u0430 \u0411\u0431 \u0412\u0432\u1c80 \u0413\u0433 \u0414\u0434\u1c81 \u0415\u0435 \u0416\u0436 \u0417\u0437 \u0418\u0438 \u0419\u0439 \u041a\u043a \u041b\u043b \u041c\u043c \u041d\u043d \u041e\u043e\u1c82 \u041f\u043f \u0420\u0440 \u0421\u0441\u1c83 \u0422\u0442\u1c84\u1c85 \u0423\u0443 \u0424\u0444 \u0425\u0445 \u0426\u0446 \u0427\u0447 \u0428\u0448 \u0429\u0449 \u042a\u044a\u1c86 \u042b\u044b \u042c\u044c \u042d\u044d \u042e\u044e \u042f\u044f \u0460\u0461 \u0462\u0463\u1c87 \u0464\u0465 \u0466\u0467 \u0468\u0469 \u046a\u046b \u046c\u046d \u046e\u046f \u0470\u0471 \u0472\u0473 \u0474\u0475 \u0476\u0477 \u0478\u0479 \u047a\u047b \u047c\u047d \u047e\u047f \u0480\u0481 \u048a\u048b \u048c\u048d \u048e\u048f \u0490\u0491 \u0492\u0493 \u0494\u0495 \u0496\u0497 \u0498\u0499 \u049a\u049b \u049c\u049d \u049e\u049f \u04a0\u04a1 \u04a2\u04a3 \u04a4\u04a5 \u04a6\u04a7 \u04a8\u04a9 \u04aa\u04ab \u04ac\u04ad \u04ae\u04af \u04b0\u04b1 \u04b2\u04b3 \u04b4\u04b5 \u04b6\u04b7 \u04b8\u04b9 \u04ba\u04bb \u04bc\u04bd \u04be\u04bf \u04c0\u04cf \u04c1\u04c2 \u04c3\u04c4 \u04c5\u04c6 \u04c7\u04c8 \u04c9\u04ca \u04cb\u04cc \u04cd\u04ce \u04d0\u04d1 \u04d2\u04d3 \u04d4\u04d5 \u04d6\u04d7 \u04d8\u04d9 \u04da\u04db \u04dc\u04dd \u04de\u04df \u04e0\u04e1 \u04e2\u04e3 \u04e4\u04e5 \u04e6\u04e7 \u04e8\u04e9 \u04ea\u04eb \u04ec\u04ed \u04ee\u04ef \u04f0\u04f1 \u04f2\u04f3 \u04f4\u04f5 \u04f6\u04f7 \u04f8\u04f9 \u04fa\u04fb \u04fc\u04fd \u04fe\u04ff \u0500\u0501 \u0502\u0503 \u0504\u0505 \u0506\u0507 \u0508\u0509 \u050a\u050b \u050c\u050d \u050e\u050f \u0510\u0511 \u0512\u0513 \u0514\u0515 \u0516\u0517 \u0518\u0519 \u051a\u051b \u051c\u051d \u051e\u051f \u0520\u0521 \u0522\u0523 \u0524\u0525 \u0526\u0527 \u0528\u0529 \u052a\u052b \u052c\u052d \u052e\u052f \u0531\u0561 \u0532\u0562 \u0533\u0563 \u0534\u0564 \u0535\u0565 \u0536\u0566 \u0537\u0567 \u0538\u0568 \u0539\u0569 \u053a\u056a \u053b\u056b \u053c\u056c \u053d\u056d \u053e\u056e \u053f\u056f \u0540\u0570 \u0541\u0571 \u0542\u0572 \u0543\u0573 \u0544\u0574 \u0545\u0575 \u0546\u0576 \u0547\u0577 \u0548\u0578 \u0549\u0579 \u054a\u057a \u054b\u057b \u054c\u057c \u054d\u057d \u054e\u057e \u054f\u057f \u0550\u0580 \u0551\u0581 \u0552\u0582 \u0553\u0583 \u0554\u0584 \u0555\u0585 \u0556\u0586 \u10a0\u2d00 \u10a1\u2d01 \u10a2\u2d02 \u10a3\u2d03 \u10a4\u2d04 \u10a5\u2d05 \u10a6\u2d06 \u10a7\u2d07 \u10a8\u2d08 \u10a9\u2d09 \u10aa\u2d0a \u10ab\u2d0b \u10ac\u2d0c \u10ad\u2d0d \u10ae\u2d0e \u10af\u2d0f \u10b0\u2d10 \u10b1\u2d11 \u10b2\u2d12 \u10b3\u2d13 \u10b4\u2d14 \u10b5\u2d15 \u10b6\u2d16 \u10b7\u2d17 \u10b8\u2d18 \u10b9\u2d19 \u10ba\u2d1a \u10bb\u2d1b \u10bc\u2d1c \u10bd\u2d1d \u10be\u2d1e \u10bf\u2d1f \u10c0\u2d20 \u10c1\u2d21 \u10c2\u2d22 \u10c3\u2d23 \u10c4\u2d24 \u10c5\u2d25 \u10c7\u2d27 \u10cd\u2d2d \u10d0\u1c90 \u10d1\u1c91 \u10d2\u1c92 \u10d3\u1c93 \u10d4\u1c94 \u10d5\u1c95 \u10d6\u1c96 \u10d7\u1c97 \u10d8\u1c98 \u10d9\u1c99 \u10da\u1c9a \u10db\u1c9b \u10dc\u1c9c \u10dd\u1c9d \u10de\u1c9e \u10df\u1c9f \u10e0\u1ca0 \u10e1\u1ca1 \u10e2\u1ca2 \u10e3\u1ca3 \u10e4\u1ca4 \u10e5\u1ca5 \u10e6\u1ca6 \u10e7\u1ca7 \u10e8\u1ca8 \u10e9\u1ca9 \u10ea\u1caa \u10eb\u1cab \u10ec\u1cac \u10ed\u1cad \u10ee\u1cae \u10ef\u1caf \u10f0\u1cb0 \u10f1\u1cb1 \u10f2\u1cb2 \u10f3\u1cb3 \u10f4\u1cb4 \u10f5\u1cb5 \u10f6\u1cb6 \u10f7\u1cb7 \u10f8\u1cb8 \u10f9\u1cb9 \u10fa\u1cba \u10fd\u1cbd \u10fe\u1cbe \u10ff\u1cbf \u13a0\uab70 \u13a1\uab71 \u13a2\uab72 \u13a3\uab73 \u13a4\uab74 \u13a5\uab75 \u13a6\uab76 \u13a7\uab77 \u13a8\uab78 \u13a9\uab79 \u13aa\uab7a \u13ab\uab7b \u13ac\uab7c \u13ad\uab7d \u13ae\uab7e \u13af\uab7f \u13b0\uab80 \u13b1\uab81 \u13b2\uab82 \u13b3\uab83 \u13b4\uab84 \u13b5\uab85 \u13b6\uab86 \u13b7\uab87 \u13b8\uab88 \u13b9\uab89 \u13ba\uab8a \u13bb\uab8b \u13bc\uab8c \u13bd\uab8d \u13be\uab8e \u13bf\uab8f \u13c0\uab90 \u13c1\uab91 \u13c2\uab92 \u13c3\uab93 \u13c4\uab94 \u13c5\uab95 \u13c6\uab96 \u13c7\uab97 \u13c8\uab98 \u13c9\uab99 \u13ca\uab9a \u13cb\uab9b \u13cc\uab9c \u13cd\uab9d \u13ce\uab9e \u13cf\uab9f \u13d0\uaba0 \u13d1\uaba1 \u13d2\uaba2 \u13d3\uaba3 \u13d4\uaba4 \u13d5\uaba5 \u13d6\uaba6 \u13d7\uaba7 \u13d8\uaba8 \u13d9\uaba9 \u13da\uabaa \u13db\uabab \u13dc\uabac \u13dd\uabad \u13de\uabae \u13df\uabaf \u13e0\uabb0 \u13e1\uabb1 \u13e2\uabb2 \u13e3\uabb3 \u13e4\uabb4 \u13e5\uabb5 \u13e6\uabb6 \u13e7\uabb7 \u13e8\uabb8 \u13e9\uabb9 \u13ea\uabba \u13eb\uabbb \u13ec\uabbc \u13ed\uabbd \u13ee\uabbe \u13ef\uabbf \u13f0\u13f8 \u13f1\u13f9 \u13f2\u13fa \u13f3\u13fb \u13f4\u13fc \u13f5\u13fd \u1c88\ua64a\ua64b \u1c89\u1c8a \u1d79\ua77d \u1d7d\u2c63 \u1d8e\ua7c6 \u1e00\u1e01 \u1e02\u1e03 \u1e04\u1e05 \u1e06\u1e07 \u1e08\u1e09 \u1e0a\u1e0b \u1e0c\u1e0d \u1e0e\u1e0f \u1e10\u1e11 \u1e12\u1e13 \u1e14\u1e15 \u1e16\u1e17 \u1e18\u1e19 \u1e1a\u1e1b \u1e1c\u1e1d \u1e1e\u1e1f \u1e20\u1e21 \u1e22\u1e23 \u1e24\u1e25 \u1e26\u1e27 \u1e28\u1e29 \u1e2a\u1e2b \u1e2c\u1e2d \u1e2e\u1e2f \u1e30\u1e31 \u1e32\u1e33 \u1e34\u1e35 \u1e36\u1e37 \u1e38\u1e39 \u1e3a\u1e3b \u1e3c\u1e3d \u1e3e\u1e3f \u1e40\u1e41 \u1e42\u1e43 \u1e44\u1e45 \u1e46\u1e47 \u1e48\u1e49 \u1e4a\u1e4b \u1e4c\u1e4d \u1e4e\u1e4f \u1e50\u1e51 \u1e52\u1e53 \u1e54\u1e55 \u1e56\u1e57 \u1e58\u1e59 \u1e5a\u1e5b \u1e5c\u1e5d \u1e5e\u1e5f \u1e60\u1e61\u1e9b \u1e62\u1e63 \u1e64\u1e65 \u1e66\u1e67 \u1e68\u1e69 \u1e6a\u1e6b \u1e6c\u1e6d \u1e6e\u1e6f \u1e70\u1e71 \u1e72\u1e73 \u1e74\u1e75 \u1e76\u1e77 \u1e78\u1e79 \u1e7a\u1e7b \u1e7c\u1e7d \u1e7e\u1e7f \u1e80\u1e81 \u1e82\u1e83 \u1e84\u1e85 \u1e86\u1e87 \u1e88\u1e89 \u1e8a\u1e8b \u1e8c\u1e8d \u1e8e\u1e8f \u1e90\u1e91 \u1e92\u1e93 \u1e94\u1e95 \u1ea0\u1ea1 \u1ea2\u1ea3 \u1ea4\u1ea5 \u1ea6\u1ea7 \u1ea8\u1ea9 \u1eaa\u1eab \u1eac\u1ead \u1eae\u1eaf \u1eb0\u1eb1 \u1eb2\u1eb3 \u1eb4\u1eb5 \u1eb6\u1eb7 \u1eb8\u1eb9 \u1eba\u1ebb \u1ebc\u1ebd \u1ebe\u1ebf \u1ec0\u1ec1 \u1ec2\u1ec3 \u1ec4\u1ec5 \u1ec6\u1ec7 \u1ec8\u1ec9 \u1eca\u1ecb \u1ecc\u1ecd \u1ece\u1ecf \u1ed0\u1ed1 \u1ed2\u1ed3 \u1ed4\u1ed5 \u1ed6\u1ed7 \u1ed8\u1ed9 \u1eda\u1edb \u1edc\u1edd \u1ede\u1edf \u1ee0\u1ee1 \u1ee2\u1ee3 \u1ee4\u1ee5 \u1ee6\u1ee7 \u1ee8\u1ee9 \u1eea\u1eeb \u1eec\u1eed \u1eee\u1eef \u1ef0\u1ef1 \u1ef2\u1ef3 \u1ef4\u1ef5 \u1ef6\u1ef7 \u1ef8\u1ef9 \u1efa\u1efb \u1efc\u1efd \u1efe\u1eff \u1f00\u1f08 \u1f01\u1f09 \u1f02\u1f0a \u1f03\u1f0b \u1f04\u1f0c \u1f05\u1f0d \u1f06\u1f0e \u1f07\u1f0f \u1f10\u1f18 \u1f11\u1f19 \u1f12\u1f1a \u1f13\u1f1b \u1f14\u1f1c \u1f15\u1f1d \u1f20\u1f28 \u1f21\u1f29 \u1f22\u1f2a \u1f23\u1f2b \u1f24\u1f2c \u1f25\u1f2d \u1f26\u1f2e \u1f27\u1f2f \u1f30\u1f38 \u1f31\u1f39 \u1f32\u1f3a \u1f33\u1f3b \u1f34\u1f3c \u1f35\u1f3d \u1f36\u1f3e \u1f37\u1f3f \u1f40\u1f48 \u1f41\u1f49 \u1f42\u1f4a \u1f43\u1f4b \u1f44\u1f4c \u1f45\u1f4d \u1f51\u1f59 \u1f53\u1f5b \u1f55\u1f5d \u1f57\u1f5f \u1f60\u1f68 \u1f61\u1f69 \u1f62\u1f6a \u1f63\u1f6b \u1f64\u1f6c \u1f65\u1f6d \u1f66\u1f6e \u1f67\u1f6f \u1f70\u1fba \u1f71\u1fbb \u1f72\u1fc8 \u1f73\u1fc9 \u1f74\u1fca \u1f75\u1fcb \u1f76\u1fda \u1f77\u1fdb \u1f78\u1ff8 \u1f79\u1ff9 \u1f7a\u1fea \u1f7b\u1feb \u1f7c\u1ffa \u1f7d\u1ffb \u1fb0\u1fb8 \u1fb1\u1fb9 \u1fd0\u1fd8 \u1fd1\u1fd9 \u1fe0\u1fe8 \u1fe1\u1fe9 \u1fe5\u1fec \u2132\u214e \u2160\u2170 \u2161\u2171 \u2162\u2172 \u2163\u2173 \u2164\u2174 \u2165\u2175 \u2166\u2176 \u2167\u2177 \u2168\u2178 \u2169\u2179 \u216a\u217a \u216b\u217b \u216c\u217c \u216d\u217d \u216e\u217e \u216f\u217f \u2183\u2184 \u24b6\u24d0 \u24b7\u24d1 \u24b8\u24d2 \u24b9\u24d3 \u24ba\u24d4 \u24bb\u24d5 \u24bc\u24d6 \u24bd\u24d7 \u24be\u24d8 \u24bf\u24d9 \u24c0\u24da \u24c1\u24db \u24c2\u24dc \u24c3\u24dd \u24c4\u24de \u24c5\u24df \u24c6\u24e0 \u24c7\u24e1 \u24c8\u24e2 \u24c9\u24e3 \u24ca\u24e4 \u24cb\u24e5 \u24cc\u24e6 \u24cd\u24e7 \u24ce\u24e8 \u24cf\u24e9 \u2c00\u2c30 \u2c01\u2c31 \u2c02\u2c32 \u2c03\u2c33 \u2c04\u2c34 \u2c05\u2c35 \u2c06\u2c36 \u2c07\u2c37 \u2c08\u2c38 \u2c09\u2c39 \u2c0a\u2c3a \u2c0b\u2c3b \u2c0c\u2c3c \u2c0d\u2c3d \u2c0e\u2c3e \u2c0f\u2c3f \u2c10\u2c40 \u2c11\u2c41 \u2c12\u2c42 \u2c13\u2c43 \u2c14\u2c44 \u2c15\u2c45 \u2c16\u2c46 \u2c17\u2c47 \u2c18\u2c48 \u2c19\u2c49 \u2c1a\u2c4a \u2c1b\u2c4b \u2c1c\u2c4c \u2c1d\u2c4d \u2c1e\u2c4e \u2c1f\u2c4f \u2c20\u2c50 \u2c21\u2c51 \u2c22\u2c52 \u2c23\u2c53 \u2c24\u2c54 \u2c25\u2c55 \u2c26\u2c56 \u2c27\u2c57 \u2c28\u2c58 \u2c29\u2c59 \u2c2a\u2c5a \u2c2b\u2c5b \u2c2c\u2c5c \u2c2d\u2c5d \u2c2e\u2c5e \u2c2f\u2c5f \u2c60\u2c61 \u2c67\u2c68 \u2c69\u2c6a \u2c6b\u2c6c \u2c72\u2c73 \u2c75\u2c76 \u2c80\u2c81 \u2c82\u2c83 \u2c84\u2c85 \u2c86\u2c87 \u2c88\u2c89 \u2c8a\u2c8b \u2c8c\u2c8d \u2c8e\u2c8f \u2c90\u2c91 \u2c92\u2c93 \u2c94\u2c95 \u2c96\u2c97 \u2c98\u2c99 \u2c9a\u2c9b \u2c9c\u2c9d \u2c9e\u2c9f \u2ca0\u2ca1 \u2ca2\u2ca3 \u2ca4\u2ca5 \u2ca6\u2ca7 \u2ca8\u2ca9 \u2caa\u2cab \u2cac\u2cad \u2cae\u2caf \u2cb0\u2cb1 \u2cb2\u2cb3 \u2cb4\u2cb5 \u2cb6\u2cb7 \u2cb8\u2cb9 \u2cba\u2cbb \u2cbc\u2cbd \u2cbe\u2cbf \u2cc0\u2cc1 \u2cc2\u2cc3 \u2cc4\u2cc5 \u2cc6\u2cc7 \u2cc8\u2cc9 \u2cca\u2ccb \u2ccc\u2ccd \u2cce\u2ccf \u2cd0\u2cd1 \u2cd2\u2cd3 \u2cd4\u2cd5 \u2cd6\u2cd7 \u2cd8\u2cd9 \u2cda\u2cdb \u2cdc\u2cdd \u2cde\u2cdf \u2ce0\u2ce1 \u2ce2\u2ce3 \u2ceb\u2cec \u2ced\u2cee \u2cf2\u2cf3 \ua640\ua641 \ua642\ua643 \ua644\ua645 \ua646\ua647 \ua648\ua649 \ua64c\ua64d \ua64e\ua64f \ua650\ua651 \ua652\ua653 \ua654\ua655 \ua656\ua657 \ua658\ua659 \ua65a\ua65b \ua65c\ua65d \ua65e\ua65f \ua660\ua661 \ua662\ua663 \ua664\ua665 \ua666\ua667 \ua668\ua669 \ua66a\ua66b \ua66c\ua66d \ua680\ua681 \ua682\ua683 \ua684\ua685 \ua686\ua687 \ua688\ua689 \ua68a\ua68b \ua68c\ua68d \ua68e\ua68f \ua690\ua691 \ua692\ua693 \ua694\ua695 \ua696\ua697 \ua698\ua699 \ua69a\ua69b \ua722\ua723 \ua724\ua725 \ua726\ua727 \ua728\ua729 \ua72a\ua72b \ua72c\ua72d \ua72e\ua72f \ua732\ua733 \ua734\ua735 \ua736\ua737 \ua738\ua739 \ua73a\ua73b \ua73c\ua73d \ua73e\ua73f \ua740\ua741 \ua742\ua743 \ua744\ua745 \ua746\ua747 \ua748\ua749 \ua74a\ua74b \ua74c\ua74d \ua74e\ua74f \ua750\ua751 \ua752\ua753 \ua754\ua755 \ua756\ua757 \ua758\ua759 \ua75a\ua75b \ua75c\ua75d \ua75e\ua75f \ua760\ua761 \ua762\ua763 \ua764\ua765 \ua766\ua767 \ua768\ua769 \ua76a\ua76b \ua76c\ua76d \ua76e\ua76f \ua779\ua77a \ua77b\ua77c \ua77e\ua77f \ua780\ua781 \ua782\ua783 \ua784\ua785 \ua786\ua787 \ua78b\ua78c \ua790\ua791 \ua792\ua793 \ua794\ua7c4 \ua796\ua797 \ua798\ua799 \ua79a\ua79b \ua79c\ua79d \ua79e\ua79f \ua7a0\ua7a1 \ua7a2\ua7a3 \ua7a4\ua7a5 \ua7a6\ua7a7 \ua7a8\ua7a9 \ua7b3\uab53 \ua7b4\ua7b5 \ua7b6\ua7b7 \ua7b8\ua7b9 \ua7ba\ua7bb \ua7bc\ua7bd \ua7be\ua7bf \ua7c0\ua7c1 \ua7c2\ua7c3 \ua7c7\ua7c8 \ua7c9\ua7ca \ua7cc\ua7cd \ua7ce\ua7cf \ua7d0\ua7d1 \ua7d2\ua7d3 \ua7d4\ua7d5 \ua7d6\ua7d7 \ua7d8\ua7d9 \ua7da\ua7db \ua7f5\ua7f6 \uff21\uff41 \uff22\uff42 \uff23\uff43 \uff24\uff44 \uff25\uff45 \uff26\uff46 \uff27\uff47 \uff28\uff48 \uff29\uff49 \uff2a\uff4a \uff2b\uff4b \uff2c\uff4c \uff2d\uff4d \uff2e\uff4e \uff2f\uff4f \uff30\uff50 \uff31\uff51 \uff32\uff52 \uff33\uff53 \uff34\uff54 \uff35\uff55 \uff36\uff56 \uff37\uff57 \uff38\uff58 \uff39\uff59 \uff3a\uff5a"
_UPPERED = "Aa Bb Cc Dd Ee Ff Gg Hh Ii Jj Kk Ll Mm Nn Oo Pp Qq Rr Ss Tt Uu Vv Ww Xx Yy Zz \u00b5\u039c\u03bc \u00c0\u00e0 \u00c1\u00e1 \u00c2\u00e2 \u00c3\u00e3 \u00c4\u00e4 \u00c5\u00e5 \u00c6\u00e6 \u00c7\u00e7 \u00c8\u00e8 \u00c9\u00e9 \u00ca\u00ea \u00cb\u00eb \u00cc\u00ec \u00cd\u00ed \u00ce\u00ee \u00cf\u00ef \u00d0\u00f0 \u00d1\u00f1 \u00d2\u00f2 \u00d3\u00f3 \u00d4\u00f4 \u00d5\u00f5 \u00d6\u00f6 \u00d8\u00f8 \u00d9\u00f9 \u00da\u00fa \u00db\u00fb \u00dc\u00fc \u00dd\u00fd \u00de\u00fe \u00ff\u0178 \u0100\u0101 \u0102\u0103 \u0104\u0105 \u0106\u0107 \u0108\u0109 \u010a\u010b \u010c\u010d \u010e\u010f \u0110\u0111 \u0112\u0113 \u0114\u0115 \u0116\u0117 \u0118\u0119 \u011a\u011b \u011c\u011d \u011e\u011f \u0120\u0121 \u0122\u0123 \u0124\u0125 \u0126\u0127 \u0128\u0129 \u012a\u012b \u012c\u012d \u012e\u012f \u0132\u0133 \u0134\u0135 \u0136\u0137 \u0139\u013a \u013b\u013c \u013d\u013e \u013f\u0140 \u0141\u0142 \u0143\u0144 \u0145\u0146 \u0147\u0148 \u014a\u014b \u014c\u014d \u014e\u014f \u0150\u0151 \u0152\u0153 \u0154\u0155 \u0156\u0157 \u0158\u0159 \u015a\u015b \u015c\u015d \u015e\u015f \u0160\u0161 \u0162\u0163 \u0164\u0165 \u0166\u0167 \u0168\u0169 \u016a\u016b \u016c\u016d \u016e\u016f \u0170\u0171 \u0172\u0173 \u0174\u0175 \u0176\u0177 \u0179\u017a \u017b\u017c \u017d\u017e \u0180\u0243 \u0181\u0253 \u0182\u0183 \u0184\u0185 \u0186\u0254 \u0187\u0188 \u0189\u0256 \u018a\u0257 \u018b\u018c \u018e\u01dd \u018f\u0259 \u0190\u025b \u0191\u0192 \u0193\u0260 \u0194\u0263 \u0195\u01f6 \u0196\u0269 \u0197\u0268 \u0198\u0199 \u019a\u023d \u019b\ua7dc \u019c\u026f \u019d\u0272 \u019e\u0220 \u019f\u0275 \u01a0\u01a1 \u01a2\u01a3 \u01a4\u01a5 \u01a6\u0280 \u01a7\u01a8 \u01a9\u0283 \u01ac\u01ad \u01ae\u0288 \u01af\u01b0 \u01b1\u028a \u01b2\u028b \u01b3\u01b4 \u01b5\u01b6 \u01b7\u0292 \u01b8\u01b9 \u01bc\u01bd \u01bf\u01f7 \u01c4\u01c5\u01c6 \u01c7\u01c8\u01c9 \u01ca\u01cb\u01cc \u01cd\u01ce \u01cf\u01d0 \u01d1\u01d2 \u01d3\u01d4 \u01d5\u01d6 \u01d7\u01d8 \u01d9\u01da \u01db\u01dc \u01de\u01df \u01e0\u01e1 \u01e2\u01e3 \u01e4\u01e5 \u01e6\u01e7 \u01e8\u01e9 \u01ea\u01eb \u01ec\u01ed \u01ee\u01ef \u01f1\u01f2\u01f3 \u01f4\u01f5 \u01f8\u01f9 \u01fa\u01fb \u01fc\u01fd \u01fe\u01ff \u0200\u0201 \u0202\u0203 \u0204\u0205 \u0206\u0207 \u0208\u0209 \u020a\u020b \u020c\u020d \u020e\u020f \u0210\u0211 \u0212\u0213 \u0214\u0215 \u0216\u0217 \u0218\u0219 \u021a\u021b \u021c\u021d \u021e\u021f \u0222\u0223 \u0224\u0225 \u0226\u0227 \u0228\u0229 \u022a\u022b \u022c\u022d \u022e\u022f \u0230\u0231 \u0232\u0233 \u023a\u2c65 \u023b\u023c \u023e\u2c66 \u023f\u2c7e \u0240\u2c7f \u0241\u0242 \u0244\u0289 \u0245\u028c \u0246\u0247 \u0248\u0249 \u024a\u024b \u024c\u024d \u024e\u024f \u0250\u2c6f \u0251\u2c6d \u0252\u2c70 \u025c\ua7ab \u0261\ua7ac \u0264\ua7cb \u0265\ua78d \u0266\ua7aa \u026a\ua7ae \u026b\u2c62 \u026c\ua7ad \u0271\u2c6e \u027d\u2c64 \u0282\ua7c5 \u0287\ua7b1 \u029d\ua7b2 \u029e\ua7b0 \u0345\u0399\u03b9\u1fbe \u0370\u0371 \u0372\u0373 \u0376\u0377 \u037b\u03fd \u037c\u03fe \u037d\u03ff \u037f\u03f3 \u0386\u03ac \u0388\u03ad \u0389\u03ae \u038a\u03af \u038c\u03cc \u038e\u03cd \u038f\u03ce \u0391\u03b1 \u0392\u03b2\u03d0 \u0393\u03b3 \u0394\u03b4 \u0395\u03b5\u03f5 \u0396\u03b6 \u0397\u03b7 \u0398\u03b8\u03d1 \u039a\u03ba\u03f0 \u039b\u03bb \u039d\u03bd \u039e\u03be \u039f\u03bf \u03a0\u03c0\u03d6 \u03a1\u03c1\u03f1 \u03a3\u03c2\u03c3 \u03a4\u03c4 \u03a5\u03c5 \u03a6\u03c6\u03d5 \u03a7\u03c7 \u03a8\u03c8 \u03a9\u03c9 \u03aa\u03ca \u03ab\u03cb \u03cf\u03d7 \u03d8\u03d9 \u03da\u03db \u03dc\u03dd \u03de\u03df \u03e0\u03e1 \u03e2\u03e3 \u03e4\u03e5 \u03e6\u03e7 \u03e8\u03e9 \u03ea\u03eb \u03ec\u03ed \u03ee\u03ef \u03f2\u03f9 \u03f7\u03f8 \u03fa\u03fb \u0400\u0450 \u0401\u0451 \u0402\u0452 \u0403\u0453 \u0404\u0454 \u0405\u0455 \u0406\u0456 \u0407\u0457 \u0408\u0458 \u0409\u0459 \u040a\u045a \u040b\u045b \u040c\u045c \u040d\u045d \u040e\u045e \u040f\u045f \u0410\u0430 \u0411\u0431 \u0412\u0432\u1c80 \u0413\u0433 \u0414\u0434\u1c81 \u0415\u0435 \u0416\u0436 \u0417\u0437 \u0418\u0438 \u0419\u0439 \u041a\u043a \u041b\u043b \u041c\u043c \u041d\u043d \u041e\u043e\u1c82 \u041f\u043f \u0420\u0440 \u0421\u0441\u1c83 \u0422\u0442\u1c84\u1c85 \u0423\u0443 \u0424\u0444 \u0425\u0445 \u0426\u0446 \u0427\u0447 \u0428\u0448 \u0429\u0449 \u042a\u044a\u1c86 \u042b\u044b \u042c\u044c \u042d\u044d \u042e\u044e \u042f\u044f \u0460\u0461 \u0462\u0463\u1c87 \u0464\u0465 \u0466\u0467 \u0468\u0469 \u046a\u046b \u046c\u046d \u046e\u046f \u0470\u0471 \u0472\u0473 \u0474\u0475 \u0476\u0477 \u0478\u0479 \u047a\u047b \u047c\u047d \u047e\u047f \u0480\u0481 \u048a\u048b \u048c\u048d \u048e\u048f \u0490\u0491 \u0492\u0493 \u0494\u0495 \u0496\u0497 \u0498\u0499 \u049a\u049b \u049c\u049d \u049e\u049f \u04a0\u04a1 \u04a2\u04a3 \u04a4\u04a5 \u04a6\u04a7 \u04a8\u04a9 \u04aa\u04ab \u04ac\u04ad \u04ae\u04af \u04b0\u04b1 \u04b2\u04b3 \u04b4\u04b5 \u04b6\u04b7 \u04b8\u04b9 \u04ba\u04bb \u04bc\u04bd \u04be\u04bf \u04c0\u04cf \u04c1\u04c2 \u04c3\u04c4 \u04c5\u04c6 \u04c7\u04c8 \u04c9\u04ca \u04cb\u04cc \u04cd\u04ce \u04d0\u04d1 \u04d2\u04d3 \u04d4\u04d5 \u04d6\u04d7 \u04d8\u04d9 \u04da\u04db \u04dc\u04dd \u04de\u04df \u04e0\u04e1 \u04e2\u04e3 \u04e4\u04e5 \u04e6\u04e7 \u04e8\u04e9 \u04ea\u04eb \u04ec\u04ed \u04ee\u04ef \u04f0\u04f1 \u04f2\u04f3 \u04f4\u04f5 \u04f6\u04f7 \u04f8\u04f9 \u04fa\u04fb \u04fc\u04fd \u04fe\u04ff \u0500\u0501 \u0502\u0503 \u0504\u0505 \u0506\u0507 \u0508\u0509 \u050a\u050b \u050c\u050d \u050e\u050f \u0510\u0511 \u0512\u0513 \u0514\u0515 \u0516\u0517 \u0518\u0519 \u051a\u051b \u051c\u051d \u051e\u051f \u0520\u0521 \u0522\u0523 \u0524\u0525 \u0526\u0527 \u0528\u0529 \u052a\u052b \u052c\u052d \u052e\u052f \u0531\u0561 \u0532\u0562 \u0533\u0563 \u0534\u0564 \u0535\u0565 \u0536\u0566 \u0537\u0567 \u0538\u0568 \u0539\u0569 \u053a\u056a \u053b\u056b \u053c\u056c \u053d\u056d \u053e\u056e \u053f\u056f \u0540\u0570 \u0541\u0571 \u0542\u0572 \u0543\u0573 \u0544\u0574 \u0545\u0575 \u0546\u0576 \u0547\u0577 \u0548\u0578 \u0549\u0579 \u054a\u057a \u054b\u057b \u054c\u057c \u054d\u057d \u054e\u057e \u054f\u057f \u0550\u0580 \u0551\u0581 \u0552\u0582 \u0553\u0583 \u0554\u0584 \u0555\u0585 \u0556\u0586 \u10a0\u2d00 \u10a1\u2d01 \u10a2\u2d02 \u10a3\u2d03 \u10a4\u2d04 \u10a5\u2d05 \u10a6\u2d06 \u10a7\u2d07 \u10a8\u2d08 \u10a9\u2d09 \u10aa\u2d0a \u10ab\u2d0b \u10ac\u2d0c \u10ad\u2d0d \u10ae\u2d0e \u10af\u2d0f \u10b0\u2d10 \u10b1\u2d11 \u10b2\u2d12 \u10b3\u2d13 \u10b4\u2d14 \u10b5\u2d15 \u10b6\u2d16 \u10b7\u2d17 \u10b8\u2d18 \u10b9\u2d19 \u10ba\u2d1a \u10bb\u2d1b \u10bc\u2d1c \u10bd\u2d1d \u10be\u2d1e \u10bf\u2d1f \u10c0\u2d20 \u10c1\u2d21 \u10c2\u2d22 \u10c3\u2d23 \u10c4\u2d24 \u10c5\u2d25 \u10c7\u2d27 \u10cd\u2d2d \u10d0\u1c90 \u10d1\u1c91 \u10d2\u1c92 \u10d3\u1c93 \u10d4\u1c94 \u10d5\u1c95 \u10d6\u1c96 \u10d7\u1c97 \u10d8\u1c98 \u10d9\u1c99 \u10da\u1c9a \u10db\u1c9b \u10dc\u1c9c \u10dd\u1c9d \u10de\u1c9e \u10df\u1c9f \u10e0\u1ca0 \u10e1\u1ca1 \u10e2\u1ca2 \u10e3\u1ca3 \u10e4\u1ca4 \u10e5\u1ca5 \u10e6\u1ca6 \u10e7\u1ca7 \u10e8\u1ca8 \u10e9\u1ca9 \u10ea\u1caa \u10eb\u1cab \u10ec\u1cac \u10ed\u1cad \u10ee\u1cae \u10ef\u1caf \u10f0\u1cb0 \u10f1\u1cb1 \u10f2\u1cb2 \u10f3\u1cb3 \u10f4\u1cb4 \u10f5\u1cb5 \u10f6\u1cb6 \u10f7\u1cb7 \u10f8\u1cb8 \u10f9\u1cb9 \u10fa\u1cba \u10fd\u1cbd \u10fe\u1cbe \u10ff\u1cbf \u13a0\uab70 \u13a1\uab71 \u13a2\uab72 \u13a3\uab73 \u13a4\uab74 \u13a5\uab75 \u13a6\uab76 \u13a7\uab77 \u13a8\uab78 \u13a9\uab79 \u13aa\uab7a \u13ab\uab7b \u13ac\uab7c \u13ad\uab7d \u13ae\uab7e \u13af\uab7f \u13b0\uab80 \u13b1\uab81 \u13b2\uab82 \u13b3\uab83 \u13b4\uab84 \u13b5\uab85 \u13b6\uab86 \u13b7\uab87 \u13b8\uab88 \u13b9\uab89 \u13ba\uab8a \u13bb\uab8b \u13bc\uab8c \u13bd\uab8d \u13be\uab8e \u13bf\uab8f \u13c0\uab90 \u13c1\uab91 \u13c2\uab92 \u13c3\uab93 \u13c4\uab94 \u13c5\uab95 \u13c6\uab96 \u13c7\uab97 \u13c8\uab98 \u13c9\uab99 \u13ca\uab9a \u13cb\uab9b \u13cc\uab9c \u13cd\uab9d \u13ce\uab9e \u13cf\uab9f \u13d0\uaba0 \u13d1\uaba1 \u13d2\uaba2 \u13d3\uaba3 \u13d4\uaba4 \u13d5\uaba5 \u13d6\uaba6 \u13d7\uaba7 \u13d8\uaba8 \u13d9\uaba9 \u13da\uabaa \u13db\uabab \u13dc\uabac \u13dd\uabad \u13de\uabae \u13df\uabaf \u13e0\uabb0 \u13e1\uabb1 \u13e2\uabb2 \u13e3\uabb3 \u13e4\uabb4 \u13e5\uabb5 \u13e6\uabb6 \u13e7\uabb7 \u13e8\uabb8 \u13e9\uabb9 \u13ea\uabba \u13eb\uabbb \u13ec\uabbc \u13ed\uabbd \u13ee\uabbe \u13ef\uabbf \u13f0\u13f8 \u13f1\u13f9 \u13f2\u13fa \u13f3\u13fb \u13f4\u13fc \u13f5\u13fd \u1c88\ua64a\ua64b \u1c89\u1c8a \u1d79\ua77d \u1d7d\u2c63 \u1d8e\ua7c6 \u1e00\u1e01 \u1e02\u1e03 \u1e04\u1e05 \u1e06\u1e07 \u1e08\u1e09 \u1e0a\u1e0b \u1e0c\u1e0d \u1e0e\u1e0f \u1e10\u1e11 \u1e12\u1e13 \u1e14\u1e15 \u1e16\u1e17 \u1e18\u1e19 \u1e1a\u1e1b \u1e1c\u1e1d \u1e1e\u1e1f \u1e20\u1e21 \u1e22\u1e23 \u1e24\u1e25 \u1e26\u1e27 \u1e28\u1e29 \u1e2a\u1e2b \u1e2c\u1e2d \u1e2e\u1e2f \u1e30\u1e31 \u1e32\u1e33 \u1e34\u1e35 \u1e36\u1e37 \u1e38\u1e39 \u1e3a\u1e3b \u1e3c\u1e3d \u1e3e\u1e3f \u1e40\u1e41 \u1e42\u1e43 \u1e44\u1e45 \u1e46\u1e47 \u1e48\u1e49 \u1e4a\u1e4b \u1e4c\u1e4d \u1e4e\u1e4f \u1e50\u1e51 \u1e52\u1e53 \u1e54\u1e55 \u1e56\u1e57 \u1e58\u1e59 \u1e5a\u1e5b \u1e5c\u1e5d \u1e5e\u1e5f \u1e60\u1e61\u1e9b \u1e62\u1e63 \u1e64\u1e65 \u1e66\u1e67 \u1e68\u1e69 \u1e6a\u1e6b \u1e6c\u1e6d \u1e6e\u1e6f \u1e70\u1e71 \u1e72\u1e73 \u1e74\u1e75 \u1e76\u1e77 \u1e78\u1e79 \u1e7a\u1e7b \u1e7c\u1e7d \u1e7e\u1e7f \u1e80\u1e81 \u1e82\u1e83 \u1e84\u1e85 \u1e86\u1e87 \u1e88\u1e89 \u1e8a\u1e8b \u1e8c\u1e8d \u1e8e\u1e8f \u1e90\u1e91 \u1e92\u1e93 \u1e94\u1e95 \u1ea0\u1ea1 \u1ea2\u1ea3 \u1ea4\u1ea5 \u1ea6\u1ea7 \u1ea8\u1ea9 \u1eaa\u1eab \u1eac\u1ead \u1eae\u1eaf \u1eb0\u1eb1 \u1eb2\u1eb3 \u1eb4\u1eb5 \u1eb6\u1eb7 \u1eb8\u1eb9 \u1eba\u1ebb \u1ebc\u1ebd \u1ebe\u1ebf \u1ec0\u1ec1 \u1ec2\u1ec3 \u1ec4\u1ec5 \u1ec6\u1ec7 \u1ec8\u1ec9 \u1eca\u1ecb \u1ecc\u1ecd \u1ece\u1ecf \u1ed0\u1ed1 \u1ed2\u1ed3 \u1ed4\u1ed5 \u1ed6\u1ed7 \u1ed8\u1ed9 \u1eda\u1edb \u1edc\u1edd \u1ede\u1edf \u1ee0\u1ee1 \u1ee2\u1ee3 \u1ee4\u1ee5 \u1ee6\u1ee7 \u1ee8\u1ee9 \u1eea\u1eeb \u1eec\u1eed \u1eee\u1eef \u1ef0\u1ef1 \u1ef2\u1ef3 \u1ef4\u1ef5 \u1ef6\u1ef7 \u1ef8\u1ef9 \u1efa\u1efb \u1efc\u1efd \u1efe\u1eff \u1f00\u1f08 \u1f01\u1f09 \u1f02\u1f0a \u1f03\u1f0b \u1f04\u1f0c \u1f05\u1f0d \u1f06\u1f0e \u1f07\u1f0f \u1f10\u1f18 \u1f11\u1f19 \u1f12\u1f1a \u1f13\u1f1b \u1f14\u1f1c \u1f15\u1f1d \u1f20\u1f28 \u1f21\u1f29 \u1f22\u1f2a \u1f23\u1f2b \u1f24\u1f2c \u1f25\u1f2d \u1f26\u1f2e \u1f27\u1f2f \u1f30\u1f38 \u1f31\u1f39 \u1f32\u1f3a \u1f33\u1f3b \u1f34\u1f3c \u1f35\u1f3d \u1f36\u1f3e \u1f37\u1f3f \u1f40\u1f48 \u1f41\u1f49 \u1f42\u1f4a \u1f43\u1f4b \u1f44\u1f4c \u1f45\u1f4d \u1f51\u1f59 \u1f53\u1f5b \u1f55\u1f5d \u1f57\u1f5f \u1f60\u1f68 \u1f61\u1f69 \u1f62\u1f6a \u1f63\u1f6b \u1f64\u1f6c \u1f65\u1f6d \u1f66\u1f6e \u1f67\u1f6f \u1f70\u1fba \u1f71\u1fbb \u1f72\u1fc8 \u1f73\u1fc9 \u1f74\u1fca \u1f75\u1fcb \u1f76\u1fda \u1f77\u1fdb \u1f78\u1ff8 \u1f79\u1ff9 \u1f7a\u1fea \u1f7b\u1feb \u1f7c\u1ffa \u1f7d\u1ffb \u1fb0\u1fb8 \u1fb1\u1fb9 \u1fd0\u1fd8 \u1fd1\u1fd9 \u1fe0\u1fe8 \u1fe1\u1fe9 \u1fe5\u1fec \u2132\u214e \u2160\u2170 \u2161\u2171 \u2162\u2172 \u2163\u2173 \u2164\u2174 \u2165\u2175 \u2166\u2176 \u2167\u2177 \u2168\u2178 \u2169\u2179 \u216a\u217a \u216b\u217b \u216c\u217c \u216d\u217d \u216e\u217e \u216f\u217f \u2183\u2184 \u24b6\u24d0 \u24b7\u24d1 \u24b8\u24d2 \u24b9\u24d3 \u24ba\u24d4 \u24bb\u24d5 \u24bc\u24d6 \u24bd\u24d7 \u24be\u24d8 \u24bf\u24d9 \u24c0\u24da \u24c1\u24db \u24c2\u24dc \u24c3\u24dd \u24c4\u24de \u24c5\u24df \u24c6\u24e0 \u24c7\u24e1 \u24c8\u24e2 \u24c9\u24e3 \u24ca\u24e4 \u24cb\u24e5 \u24cc\u24e6 \u24cd\u24e7 \u24ce\u24e8 \u24cf\u24e9 \u2c00\u2c30 \u2c01\u2c31 \u2c02\u2c32 \u2c03\u2c33 \u2c04\u2c34 \u2c05\u2c35 \u2c06\u2c36 \u2c07\u2c37 \u2c08\u2c38 \u2c09\u2c39 \u2c0a\u2c3a \u2c0b\u2c3b \u2c0c\u2c3c \u2c0d\u2c3d \u2c0e\u2c3e \u2c0f\u2c3f \u2c10\u2c40 \u2c11\u2c41 \u2c12\u2c42 \u2c13\u2c43 \u2c14\u2c44 \u2c15\u2c45 \u2c16\u2c46 \u2c17\u2c47 \u2c18\u2c48 \u2c19\u2c49 \u2c1a\u2c4a \u2c1b\u2c4b \u2c1c\u2c4c \u2c1d\u2c4d \u2c1e\u2c4e \u2c1f\u2c4f \u2c20\u2c50 \u2c21\u2c51 \u2c22\u2c52 \u2c23\u2c53 \u2c24\u2c54 \u2c25\u2c55 \u2c26\u2c56 \u2c27\u2c57 \u2c28\u2c58 \u2c29\u2c59 \u2c2a\u2c5a \u2c2b\u2c5b \u2c2c\u2c5c \u2c2d\u2c5d \u2c2e\u2c5e \u2c2f\u2c5f \u2c60\u2c61 \u2c67\u2c68 \u2c69\u2c6a \u2c6b\u2c6c \u2c72\u2c73 \u2c75\u2c76 \u2c80\u2c81 \u2c82\u2c83 \u2c84\u2c85 \u2c86\u2c87 \u2c88\u2c89 \u2c8a\u2c8b \u2c8c\u2c8d \u2c8e\u2c8f \u2c90\u2c91 \u2c92\u2c93 \u2c94\u2c95 \u2c96\u2c97 \u2c98\u2c99 \u2c9a\u2c9b \u2c9c\u2c9d \u2c9e\u2c9f \u2ca0\u2ca1 \u2ca2\u2ca3 \u2ca4\u2ca5 \u2ca6\u2ca7 \u2ca8\u2ca9 \u2caa\u2cab \u2cac\u2cad \u2cae\u2caf \u2cb0\u2cb1 \u2cb2\u2cb3 \u2cb4\u2cb5 \u2cb6\u2cb7 \u2cb8\u2cb9 \u2cba\u2cbb \u2cbc\u2cbd \u2cbe\u2cbf \u2cc0\u2cc1 \u2cc2\u2cc3 \u2cc4\u2cc5 \u2cc6\u2cc7 \u2cc8\u2cc9 \u2cca\u2ccb \u2ccc\u2ccd \u2cce\u2ccf \u2cd0\u2cd1 \u2cd2\u2cd3 \u2cd4\u2cd5 \u2cd6\u2cd7 \u2cd8\u2cd9 \u2cda\u2cdb \u2cdc\u2cdd \u2cde\u2cdf \u2ce0\u2ce1 \u2ce2\u2ce3 \u2ceb\u2cec \u2ced\u2cee \u2cf2\u2cf3 \ua640\ua641 \ua642\ua643 \ua644\ua645 \ua646\ua647 \ua648\ua649 \ua64c\ua64d \ua64e\ua64f \ua650\ua651 \ua652\ua653 \ua654\ua655 \ua656\ua657 \ua658\ua659 \ua65a\ua65b \ua65c\ua65d \ua65e\ua65f \ua660\ua661 \ua662\ua663 \ua664\ua665 \ua666\ua667 \ua668\ua669 \ua66a\ua66b \ua66c\ua66d \ua680\ua681 \ua682\ua683 \ua684\ua685 \ua686\ua687 \ua688\ua689 \ua68a\ua68b \ua68c\ua68d \ua68e\ua68f \ua690\ua691 \ua692\ua693 \ua694\ua695 \ua696\ua697 \ua698\ua699 \ua69a\ua69b \ua722\ua723 \ua724\ua725 \ua726\ua727 \ua728\ua729 \ua72a\ua72b \ua72c\ua72d \ua72e\ua72f \ua732\ua733 \ua734\ua735 \ua736\ua737 \ua738\ua739 \ua73a\ua73b \ua73c\ua73d \ua73e\ua73f \ua740\ua741 \ua742\ua743 \ua744\ua745 \ua746\ua747 \ua748\ua749 \ua74a\ua74b \ua74c\ua74d \ua74e\ua74f \ua750\ua751 \ua752\ua753 \ua754\ua755 \ua756\ua757 \ua758\ua759 \ua75a\ua75b \ua75c\ua75d \ua75e\ua75f \ua760\ua761 \ua762\ua763 \ua764\ua765 \ua766\ua767 \ua768\ua769 \ua76a\ua76b \ua76c\ua76d \ua76e\ua76f \ua779\ua77a \ua77b\ua77c \ua77e\ua77f \ua780\ua781 \ua782\ua783 \ua784\ua785 \ua786\ua787 \ua78b\ua78c \ua790\ua791 \ua792\ua793 \ua794\ua7c4 \ua796\ua797 \ua798\ua799 \ua79a\ua79b \ua79c\ua79d \ua79e\ua79f \ua7a0\ua7a1 \ua7a2\ua7a3 \ua7a4\ua7a5 \ua7a6\ua7a7 \ua7a8\ua7a9 \ua7b3\uab53 \ua7b4\ua7b5 \ua7b6\ua7b7 \ua7b8\ua7b9 \ua7ba\ua7bb \ua7bc\ua7bd \ua7be\ua7bf \ua7c0\ua7c1 \ua7c2\ua7c3 \ua7c7\ua7c8 \ua7c9\ua7ca \ua7cc\ua7cd \ua7ce\ua7cf \ua7d0\ua7d1 \ua7d2\ua7d3 \ua7d4\ua7d5 \ua7d6\ua7d7 \ua7d8\ua7d9 \ua7da\ua7db \ua7f5\ua7f6 \uff21\uff41 \uff22\uff42 \uff23\uff43 \uff24\uff44 \uff25\uff45 \uff26\uff46 \uff27\uff47 \uff28\uff48 \uff29\uff49 \uff2a\uff4a \uff2b\uff4b \uff2c\uff4c \uff2d\uff4d \uff2e\uff4e \uff2f\uff4f \uff30\uff50 \uff31\uff51 \uff32\uff52 \uff33\uff53 \uff34\uff54 \uff35\uff55 \uff36\uff56 \uff37\uff57 \uff38\uff58 \uff39\uff59 \uff3a\uff5a"
_PROPERTIES = {
    "L": ("1t 2i 2p 3e 4q 4q 51 51 56 56 5c 5y 60 6u 6w jl jq k1 kg kk ks ks ku ku og ok om on oq ot ov ov p2 p2 p4 p6 p8 p8 pa pt pv s5 s7 w1 wa 10v 10x 11y 121 121 128 13c 15c 162 167 16a 17k 18q 19q 19r 19t 1cj 1cl 1cl 1d1 1d2 1da 1db 1dm 1do 1dr 1dr 1e8 1e8 1ea 1f3 1fx 1id 1ip 1ip 1je 1ka 1kk 1kl 1kq 1kq 1kw 1lh 1lm 1lm 1lw 1lw 1m0 1m0 1mo 1nc 1nk 1nu 1o0 1on 1op 1ov 1pc 1qh 1s4 1tl 1tp 1tp 1u8 1u8 1ug 1up 1v5 1vk 1vp 1vw 1vz 1w0 1w3 1wo 1wq 1ww 1wy 1wy 1x2 1x5 1x9 1x9 1xq 1xq 1y4 1y5 1y7 1y9 1yo 1yp 1z0 1z0 1z9 1ze 1zj 1zk 1zn 208 20a 20g 20i 20j 20l 20m 20o 20p 21l 21o 21q 21q 22a 22c 22t 231 233 235 237 23s 23u 240 242 243 245 249 24d 24d 24w 24w 25c 25d 261 261 26d 26k 26n 26o 26r 27c 27e 27k 27m 27n 27p 27t 27x 27x 28s 28t 28v 28x 29d 29d 29v 29v 29x 2a2 2a6 2a8 2aa 2ad 2ah 2ai 2ak 2ak 2am 2an 2ar 2as 2aw 2ay 2b2 2bd 2c0 2c0 2dh 2do 2dq 2ds 2du 2eg 2ei 2ex 2f1 2f1 2fs 2fu 2fw 2fx 2g0 2g1 2gw 2gw 2h1 2h8 2ha 2hc 2he 2i0 2i2 2ib 2id 2ih 2il 2il 2jg 2ji 2jk 2jl 2k1 2k2 2kk 2ks 2ku 2kw 2ky 2m2 2m5 2m5 2mm 2mm 2ms 2mu 2n3 2n5 2nu 2nz 2o5 2om 2oq 2pd 2pf 2pn 2pp 2pp 2ps 2py 2rl 2sw 2sy 2sz 2tc 2ti 2v5 2v6 2v8 2v8 2va 2ve 2vg 2w3 2w5 2w5 2w7 2wg 2wi 2wj 2wt 2wt 2ww 2x0 2x2 2x2 2xo 2xr 2yo 2yo 30g 30n 30p 31o 32g 32k 35s 36y 37j 37j 380 385 38a 38d 38h 38h 38l 38m 38u 38w 391 39d 39q 39q 3a8 3b9 3bb 3bb 3bh 3bh 3bk 3cq 3cs 3m0 3m2 3m5 3m8 3me 3mg 3mg 3mi 3ml 3mo 3ns 3nu 3nx 3o0 3ow 3oy 3p1 3p4 3pa 3pc 3pc 3pe 3ph 3pk 3py 3q0 3rk 3rm 3rp 3rs 3tm 3uo 3v3 3vk 3xx 3y0 3y5 3y9 4fg 4fj 4fz 4g1 4gq 4gw 4iy 4j5 4jc 4jk 4k1 4kf 4kx 4lc 4lt 4m8 4mk 4mm 4mo 4n4 4oj 4pj 4pj 4po 4po 4rk 4u0 4u8 4uc 4uf 4vc 4ve 4ve 4vk 4xh 4xs 4ym 500 50t 50w 510 51c 52j 52o 53d 54w 55i 55s 578 59j 59j 5c5 5df 5dx 5e4 5fn 5gg 5gu 5gv 5h6 5id 5j4 5k3 5l9 5lb 5lm 5ml 5mo 5my 5n4 5oa 5od 5of 5pl 5po 5pq 5pv 5px 5py 5q2 5q2 5q8 5vj 5xc 651 654 659 65c 66d 66g 66l 66o 66v 66x 66x 66z 66z 671 671 673 67x 680 69g 69i 69o 69q 69q 69u 69w 69y 6a4 6a8 6ab 6ae 6aj 6ao 6b0 6b6 6b8 6ba 6bg 6ep 6ep 6f3 6f3 6fk 6fw 6iq 6iq 6iv 6iv 6iy 6j7 6j9 6j9 6jd 6jh 6jo 6jo 6jq 6jq 6js 6js 6ju 6jx 6jz 6k9 6kc 6kf 6kl 6kp 6ku 6ku 6mb 6mc 8ow 8v8 8vf 8vi 8vm 8vn 8w0 8x1 8x3 8x3 8x9 8x9 8xc 8yv 8z3 8z3 8zk 906 90g 90m 90o 90u 90w 912 914 91a 91c 91i 91k 91q 91s 91y 920 926 94f 94f 9hh 9hi 9ip 9it 9iz 9j0 9j5 9li 9lp 9lr 9lt 9oa 9oc 9of 9ol 9pr 9pt 9se 9sw 9tr 9v4 9vj a9s fcv feo wi4 wk0 wl9 wlc wss wsw wtb wtm wtn wu8 wvi wvz wwt www wyt x07 x0f x0i x3c x3f x5o x69 x6p x6r x6t x6v x6y x70 x7m x8g x9v xaa xbn xde xdj xdn xdn xdp xdq xe2 xet xf4 xfq xgg xh8 xhg xiq xjj xjj xk0 xk4 xk6 xkf xkq xku xkw xm0 xmo xmq xms xmz xnk xo6 xoa xoa xoe xpr xpt xpt xpx xpy xq1 xq5 xq8 xq8 xqa xqa xqz xr1 xr4 xre xrm xro xs1 xs6 xs9 xse xsh xsm xsw xt2 xt4 xta xtc xui xuk xux xv4 xya xz4 16lf 16ls 16me 16mj 16nv 1d6o 1dgt 1dgw 1djt 1dkw 1dl2 1dlf 1dlj 1dlp 1dlp 1dlr 1dm0 1dm2 1dme 1dmg 1dmk 1dmm 1dmm 1dmo 1dmp 1dmr 1dms 1dmu 1dpt 1dqr 1e0t 1e1c 1e33 1e36 1e4n 1e5s 1e63 1e9c 1e9g 1e9i 1ed8 1ee9 1eey 1ef5 1efu 1eg6 1eim 1eiq 1eiv 1eiy 1ej3 1ej6 1ejb 1eje 1ejg", "[\\ud800][\\udc00-\\udc0b\\udc0d-\\udc26\\udc28-\\udc3a\\udc3c-\\udc3d\\udc3f-\\udc4d\\udc50-\\udc5d\\udc80-\\udcfa\\ude80-\\ude9c\\udea0-\\uded0\\udf00-\\udf1f\\udf2d-\\udf40\\udf42-\\udf49\\udf50-\\udf75\\udf80-\\udf9d\\udfa0-\\udfc3\\udfc8-\\udfcf]|[\\ud801][\\udc00-\\udc9d\\udcb0-\\udcd3\\udcd8-\\udcfb\\udd00-\\udd27\\udd30-\\udd63\\udd70-\\udd7a\\udd7c-\\udd8a\\udd8c-\\udd92\\udd94-\\udd95\\udd97-\\udda1\\udda3-\\uddb1\\uddb3-\\uddb9\\uddbb-\\uddbc\\uddc0-\\uddf3\\ude00-\\udf36\\udf40-\\udf55\\udf60-\\udf67\\udf80-\\udf85\\udf87-\\udfb0\\udfb2-\\udfba]|[\\ud802][\\udc00-\\udc05\\udc08\\udc0a-\\udc35\\udc37-\\udc38\\udc3c\\udc3f-\\udc55\\udc60-\\udc76\\udc80-\\udc9e\\udce0-\\udcf2\\udcf4-\\udcf5\\udd00-\\udd15\\udd20-\\udd39\\udd40-\\udd59\\udd80-\\uddb7\\uddbe-\\uddbf\\ude00\\ude10-\\ude13\\ude15-\\ude17\\ude19-\\ude35\\ude60-\\ude7c\\ude80-\\ude9c\\udec0-\\udec7\\udec9-\\udee4\\udf00-\\udf35\\udf40-\\udf55\\udf60-\\udf72\\udf80-\\udf91]|[\\ud803][\\udc00-\\udc48\\udc80-\\udcb2\\udcc0-\\udcf2\\udd00-\\udd23\\udd4a-\\udd65\\udd6f-\\udd85\\ude80-\\udea9\\udeb0-\\udeb1\\udec2-\\udec7\\udf00-\\udf1c\\udf27\\udf30-\\udf45\\udf70-\\udf81\\udfb0-\\udfc4\\udfe0-\\udff6]|[\\ud804][\\udc03-\\udc37\\udc71-\\udc72\\udc75\\udc83-\\udcaf\\udcd0-\\udce8\\udd03-\\udd26\\udd44\\udd47\\udd50-\\udd72\\udd76\\udd83-\\uddb2\\uddc1-\\uddc4\\uddda\\udddc\\ude00-\\ude11\\ude13-\\ude2b\\ude3f-\\ude40\\ude80-\\ude86\\ude88\\ude8a-\\ude8d\\ude8f-\\ude9d\\ude9f-\\udea8\\udeb0-\\udede\\udf05-\\udf0c\\udf0f-\\udf10\\udf13-\\udf28\\udf2a-\\udf30\\udf32-\\udf33\\udf35-\\udf39\\udf3d\\udf50\\udf5d-\\udf61\\udf80-\\udf89\\udf8b\\udf8e\\udf90-\\udfb5\\udfb7\\udfd1\\udfd3]|[\\ud805][\\udc00-\\udc34\\udc47-\\udc4a\\udc5f-\\udc61\\udc80-\\udcaf\\udcc4-\\udcc5\\udcc7\\udd80-\\uddae\\uddd8-\\udddb\\ude00-\\ude2f\\ude44\\ude80-\\udeaa\\udeb8\\udf00-\\udf1a\\udf40-\\udf46]|[\\ud806][\\udc00-\\udc2b\\udca0-\\udcdf\\udcff-\\udd06\\udd09\\udd0c-\\udd13\\udd15-\\udd16\\udd18-\\udd2f\\udd3f\\udd41\\udda0-\\udda7\\uddaa-\\uddd0\\udde1\\udde3\\ude00\\ude0b-\\ude32\\ude3a\\ude50\\ude5c-\\ude89\\ude9d\\udeb0-\\udef8\\udfc0-\\udfe0]|[\\ud807][\\udc00-\\udc08\\udc0a-\\udc2e\\udc40\\udc72-\\udc8f\\udd00-\\udd06\\udd08-\\udd09\\udd0b-\\udd30\\udd46\\udd60-\\udd65\\udd67-\\udd68\\udd6a-\\udd89\\udd98\\uddb0-\\udddb\\udee0-\\udef2\\udf02\\udf04-\\udf10\\udf12-\\udf33\\udfb0]|[\\ud808][\\udc00-\\udf99]|[\\ud809][\\udc80-\\udd43]|[\\ud80b][\\udf90-\\udff0]|[\\ud80c\\ud80e\\ud80f\\ud81c\\ud81d\\ud81e\\ud81f\\ud820\\ud821\\ud822\\ud840\\ud841\\ud842\\ud843\\ud844\\ud845\\ud846\\ud847\\ud848\\ud849\\ud84a\\ud84b\\ud84c\\ud84d\\ud84e\\ud84f\\ud850\\ud851\\ud852\\ud853\\ud854\\ud855\\ud856\\ud857\\ud858\\ud859\\ud85a\\ud85b\\ud85c\\ud85d\\ud85e\\ud85f\\ud860\\ud861\\ud862\\ud863\\ud864\\ud865\\ud866\\ud867\\ud868\\ud86a\\ud86b\\ud86c\\ud86d\\ud86f\\ud870\\ud871\\ud872\\ud874\\ud875\\ud876\\ud877\\ud878\\ud879\\ud880\\ud881\\ud882\\ud883\\ud885\\ud886\\ud887\\ud888\\ud889\\ud88a\\ud88b\\ud88c][\\udc00-\\udfff]|[\\ud80d][\\udc00-\\udc2f\\udc41-\\udc46\\udc60-\\udfff]|[\\ud810][\\udc00-\\udffa]|[\\ud811][\\udc00-\\ude46]|[\\ud818][\\udd00-\\udd1d]|[\\ud81a][\\udc00-\\ude38\\ude40-\\ude5e\\ude70-\\udebe\\uded0-\\udeed\\udf00-\\udf2f\\udf40-\\udf43\\udf63-\\udf77\\udf7d-\\udf8f]|[\\ud81b][\\udd40-\\udd6c\\ude40-\\ude7f\\udea0-\\udeb8\\udebb-\\uded3\\udf00-\\udf4a\\udf50\\udf93-\\udf9f\\udfe0-\\udfe1\\udfe3\\udff2-\\udff3]|[\\ud823][\\udc00-\\udcd5\\udcff-\\udd1e\\udd80-\\uddf2]|[\\ud82b][\\udff0-\\udff3\\udff5-\\udffb\\udffd-\\udffe]|[\\ud82c][\\udc00-\\udd22\\udd32\\udd50-\\udd52\\udd55\\udd64-\\udd67\\udd70-\\udefb]|[\\ud82f][\\udc00-\\udc6a\\udc70-\\udc7c\\udc80-\\udc88\\udc90-\\udc99]|[\\ud835][\\udc00-\\udc54\\udc56-\\udc9c\\udc9e-\\udc9f\\udca2\\udca5-\\udca6\\udca9-\\udcac\\udcae-\\udcb9\\udcbb\\udcbd-\\udcc3\\udcc5-\\udd05\\udd07-\\udd0a\\udd0d-\\udd14\\udd16-\\udd1c\\udd1e-\\udd39\\udd3b-\\udd3e\\udd40-\\udd44\\udd46\\udd4a-\\udd50\\udd52-\\udea5\\udea8-\\udec0\\udec2-\\udeda\\udedc-\\udefa\\udefc-\\udf14\\udf16-\\udf34\\udf36-\\udf4e\\udf50-\\udf6e\\udf70-\\udf88\\udf8a-\\udfa8\\udfaa-\\udfc2\\udfc4-\\udfcb]|[\\ud837][\\udf00-\\udf1e\\udf25-\\udf2a]|[\\ud838][\\udc30-\\udc6d\\udd00-\\udd2c\\udd37-\\udd3d\\udd4e\\ude90-\\udead\\udec0-\\udeeb]|[\\ud839][\\udcd0-\\udceb\\uddd0-\\udded\\uddf0\\udec0-\\udede\\udee0-\\udee2\\udee4-\\udee5\\udee7-\\udeed\\udef0-\\udef4\\udefe-\\udeff\\udfe0-\\udfe6\\udfe8-\\udfeb\\udfed-\\udfee\\udff0-\\udffe]|[\\ud83a][\\udc00-\\udcc4\\udd00-\\udd43\\udd4b]|[\\ud83b][\\ude00-\\ude03\\ude05-\\ude1f\\ude21-\\ude22\\ude24\\ude27\\ude29-\\ude32\\ude34-\\ude37\\ude39\\ude3b\\ude42\\ude47\\ude49\\ude4b\\ude4d-\\ude4f\\ude51-\\ude52\\ude54\\ude57\\ude59\\ude5b\\ude5d\\ude5f\\ude61-\\ude62\\ude64\\ude67-\\ude6a\\ude6c-\\ude72\\ude74-\\ude77\\ude79-\\ude7c\\ude7e\\ude80-\\ude89\\ude8b-\\ude9b\\udea1-\\udea3\\udea5-\\udea9\\udeab-\\udebb]|[\\ud869][\\udc00-\\udedf\\udf00-\\udfff]|[\\ud86e][\\udc00-\\udc1d\\udc20-\\udfff]|[\\ud873][\\udc00-\\udead\\udeb0-\\udfff]|[\\ud87a][\\udc00-\\udfe0\\udff0-\\udfff]|[\\ud87b][\\udc00-\\ude5d]|[\\ud87e][\\udc00-\\ude1d]|[\\ud884][\\udc00-\\udf4a\\udf50-\\udfff]|[\\ud88d][\\udc00-\\udc79]"),
    "M": ("lc of w3 w9 13l 14t 14v 14v 14x 14y 150 151 153 153 174 17e 18r 19b 19s 19s 1cm 1cs 1cv 1d0 1d3 1d4 1d6 1d9 1e9 1e9 1f4 1fu 1ie 1io 1kb 1kj 1kt 1kt 1li 1ll 1ln 1lv 1lx 1lz 1m1 1m5 1nd 1nf 1p3 1pb 1qi 1r5 1r7 1s3 1tm 1to 1tq 1u7 1u9 1uf 1uq 1ur 1vl 1vn 1x8 1x8 1xa 1xg 1xj 1xk 1xn 1xp 1xz 1xz 1ya 1yb 1z2 1z2 1z5 1z7 20s 20s 20u 20y 213 214 217 219 21d 21d 228 229 22d 22d 22p 22r 24c 24c 24e 24l 24n 24p 24r 24t 25e 25f 262 267 269 26b 27w 27w 27y 284 287 288 28b 28d 28l 28n 28y 28z 29u 29u 2bi 2bm 2bq 2bs 2bu 2bx 2c7 2c7 2dc 2dg 2f0 2f0 2f2 2f8 2fa 2fc 2fe 2fh 2fp 2fq 2g2 2g3 2gx 2gz 2ik 2ik 2im 2is 2iu 2iw 2iy 2j1 2j9 2ja 2jm 2jn 2k3 2k3 2kg 2kj 2m3 2m4 2m6 2mc 2me 2mg 2mi 2ml 2mv 2mv 2n6 2n7 2o1 2o3 2q2 2q2 2q7 2qc 2qe 2qe 2qg 2qn 2r6 2r7 2sx 2sx 2t0 2t6 2tj 2tq 2wh 2wh 2wk 2ws 2x4 2xa 2zc 2zd 305 305 307 307 309 309 30e 30f 31t 32c 32e 32f 32l 32v 32x 33w 346 346 36z 37i 386 389 38e 38g 38i 38k 38n 38t 38x 390 39e 39p 39r 39r 3a2 3a5 3tp 3tr 4k2 4k5 4ky 4l0 4lu 4lv 4mq 4mr 4ok 4pf 4pp 4pp 4qz 4r1 4r3 4r3 4ud 4ue 4vd 4vd 4yo 4yz 4z4 4zf 55j 55n 579 57i 57k 58c 58f 58f 59s 5b1 5b4 5bf 5c0 5c4 5dg 5dw 5ez 5f7 5fk 5fm 5gh 5gt 5ie 5ir 5k4 5kn 5ow 5oy 5p0 5pk 5pp 5pp 5pw 5pw 5pz 5q1 5vk 5xb 6hc 6i8 8vj 8vl 8zj 8zj 928 933 9ii 9in 9ll 9lm wvj wvm wvo wvx wwu wwv wz4 wz5 x6q x6q x6u x6u x6z x6z x7n x7r x7w x7w xa8 xa9 xbo xc5 xcw xdd xdr xdr xeu xf1 xfr xg3 xhc xhf xir xj4 xk5 xk5 xm1 xme xmr xmr xn0 xn1 xob xod xps xps xpu xpw xpz xq0 xq6 xq7 xq9 xq9 xrf xrj xrp xrq xyb xyi xyk xyl 1dlq 1dlq 1e68 1e6n 1e74 1e7j", "[\\ud800][\\uddfd\\udee0\\udf76-\\udf7a]|[\\ud802][\\ude01-\\ude03\\ude05-\\ude06\\ude0c-\\ude0f\\ude38-\\ude3a\\ude3f\\udee5-\\udee6]|[\\ud803][\\udd24-\\udd27\\udd69-\\udd6d\\udeab-\\udeac\\udefa-\\udeff\\udf46-\\udf50\\udf82-\\udf85]|[\\ud804][\\udc00-\\udc02\\udc38-\\udc46\\udc70\\udc73-\\udc74\\udc7f-\\udc82\\udcb0-\\udcba\\udcc2\\udd00-\\udd02\\udd27-\\udd34\\udd45-\\udd46\\udd73\\udd80-\\udd82\\uddb3-\\uddc0\\uddc9-\\uddcc\\uddce-\\uddcf\\ude2c-\\ude37\\ude3e\\ude41\\udedf-\\udeea\\udf00-\\udf03\\udf3b-\\udf3c\\udf3e-\\udf44\\udf47-\\udf48\\udf4b-\\udf4d\\udf57\\udf62-\\udf63\\udf66-\\udf6c\\udf70-\\udf74\\udfb8-\\udfc0\\udfc2\\udfc5\\udfc7-\\udfca\\udfcc-\\udfd0\\udfd2\\udfe1-\\udfe2]|[\\ud805][\\udc35-\\udc46\\udc5e\\udcb0-\\udcc3\\uddaf-\\uddb5\\uddb8-\\uddc0\\udddc-\\udddd\\ude30-\\ude40\\udeab-\\udeb7\\udf1d-\\udf2b]|[\\ud806][\\udc2c-\\udc3a\\udd30-\\udd35\\udd37-\\udd38\\udd3b-\\udd3e\\udd40\\udd42-\\udd43\\uddd1-\\uddd7\\uddda-\\udde0\\udde4\\ude01-\\ude0a\\ude33-\\ude39\\ude3b-\\ude3e\\ude47\\ude51-\\ude5b\\ude8a-\\ude99\\udf60-\\udf67]|[\\ud807][\\udc2f-\\udc36\\udc38-\\udc3f\\udc92-\\udca7\\udca9-\\udcb6\\udd31-\\udd36\\udd3a\\udd3c-\\udd3d\\udd3f-\\udd45\\udd47\\udd8a-\\udd8e\\udd90-\\udd91\\udd93-\\udd97\\udef3-\\udef6\\udf00-\\udf01\\udf03\\udf34-\\udf3a\\udf3e-\\udf42\\udf5a]|[\\ud80d][\\udc40\\udc47-\\udc55]|[\\ud818][\\udd1e-\\udd2f]|[\\ud81a][\\udef0-\\udef4\\udf30-\\udf36]|[\\ud81b][\\udf4f\\udf51-\\udf87\\udf8f-\\udf92\\udfe4\\udff0-\\udff1]|[\\ud82f][\\udc9d-\\udc9e]|[\\ud833][\\udf00-\\udf2d\\udf30-\\udf46]|[\\ud834][\\udd65-\\udd69\\udd6d-\\udd72\\udd7b-\\udd82\\udd85-\\udd8b\\uddaa-\\uddad\\ude42-\\ude44]|[\\ud836][\\ude00-\\ude36\\ude3b-\\ude6c\\ude75\\ude84\\ude9b-\\ude9f\\udea1-\\udeaf]|[\\ud838][\\udc00-\\udc06\\udc08-\\udc18\\udc1b-\\udc21\\udc23-\\udc24\\udc26-\\udc2a\\udc8f\\udd30-\\udd36\\udeae\\udeec-\\udeef]|[\\ud839][\\udcec-\\udcef\\uddee-\\uddef\\udee3\\udee6\\udeee-\\udeef\\udef5]|[\\ud83a][\\udcd0-\\udcd6\\udd44-\\udd4a]|[\\udb40][\\udd00-\\uddef]"),
    "N": ("1c 1l 4y 4z 55 55 58 5a 19c 19l 1dc 1dl 1j4 1jd 1uu 1v3 1ye 1yn 1ys 1yx 21y 227 25i 25r 292 29b 29e 29j 2cm 2cy 2g6 2gf 2go 2gu 2jq 2jz 2mw 2n2 2na 2ns 2qu 2r3 2ts 2u1 2xc 2xl 2zk 303 37k 37t 39s 3a1 3u1 3uk 4j2 4j4 4ps 4q1 4q8 4qh 4r4 4rd 4zq 4zz 53k 53u 58g 58p 58w 595 5e8 5eh 5gw 5h5 5kw 5l5 5lc 5ll 6eo 6eo 6es 6ex 6f4 6fd 6kw 6ma 6md 6mh 76o 78b 7ai 7b3 7sm 7tf 8vx 8vx 9hj 9hj 9i9 9ih 9iw 9iy 9si 9sl 9wg 9wp 9xk 9xr 9xt 9y7 9z4 9zd a0h a0v wtc wtl wyu wz3 x80 x85 xcg xcp xds xe1 xjk xjt xkg xkp xn4 xnd xyo xyx 1eds 1ee1", "[\\ud800][\\udd07-\\udd33\\udd40-\\udd78\\udd8a-\\udd8b\\udee1-\\udefb\\udf20-\\udf23\\udf41\\udf4a\\udfd1-\\udfd5]|[\\ud801][\\udca0-\\udca9]|[\\ud802][\\udc58-\\udc5f\\udc79-\\udc7f\\udca7-\\udcaf\\udcfb-\\udcff\\udd16-\\udd1b\\uddbc-\\uddbd\\uddc0-\\uddcf\\uddd2-\\uddff\\ude40-\\ude48\\ude7d-\\ude7e\\ude9d-\\ude9f\\udeeb-\\udeef\\udf58-\\udf5f\\udf78-\\udf7f\\udfa9-\\udfaf]|[\\ud803][\\udcfa-\\udcff\\udd30-\\udd39\\udd40-\\udd49\\ude60-\\ude7e\\udf1d-\\udf26\\udf51-\\udf54\\udfc5-\\udfcb]|[\\ud804][\\udc52-\\udc6f\\udcf0-\\udcf9\\udd36-\\udd3f\\uddd0-\\uddd9\\udde1-\\uddf4\\udef0-\\udef9]|[\\ud805][\\udc50-\\udc59\\udcd0-\\udcd9\\ude50-\\ude59\\udec0-\\udec9\\uded0-\\udee3\\udf30-\\udf3b]|[\\ud806][\\udce0-\\udcf2\\udd50-\\udd59\\udff0-\\udff9]|[\\ud807][\\udc50-\\udc6c\\udd50-\\udd59\\udda0-\\udda9\\udde0-\\udde9\\udf50-\\udf59\\udfc0-\\udfd4]|[\\ud809][\\udc00-\\udc6e]|[\\ud818][\\udd30-\\udd39]|[\\ud81a][\\ude60-\\ude69\\udec0-\\udec9\\udf50-\\udf59\\udf5b-\\udf61]|[\\ud81b][\\udd70-\\udd79\\ude80-\\ude96\\udff4-\\udff6]|[\\ud833][\\udcf0-\\udcf9]|[\\ud834][\\udec0-\\uded3\\udee0-\\udef3\\udf60-\\udf78]|[\\ud835][\\udfce-\\udfff]|[\\ud838][\\udd40-\\udd49\\udef0-\\udef9]|[\\ud839][\\udcf0-\\udcf9\\uddf1-\\uddfa]|[\\ud83a][\\udcc7-\\udccf\\udd50-\\udd59]|[\\ud83b][\\udc71-\\udcab\\udcad-\\udcaf\\udcb1-\\udcb4\\udd01-\\udd2d\\udd2f-\\udd3d]|[\\ud83c][\\udd00-\\udd0c]|[\\ud83e][\\udff0-\\udff9]"),
    "S": ("10 10 17 17 1o 1q 2m 2m 2o 2o 3g 3g 3i 3i 4i 4m 4o 4p 4s 4s 4u 4x 50 50 54 54 5z 5z 6v 6v jm jp k2 kf kl kr kt kt kv lb ol ol p0 p1 s6 s6 w2 w2 13h 13j 16u 16w 16z 16z 172 173 1cu 1cu 1d5 1d5 1dp 1dq 1km 1km 1ku 1kv 1oo 1oo 1yq 1yr 1yy 1yz 25t 25t 29c 29c 2cz 2d6 2gv 2gv 2mn 2mn 2nt 2nt 2tb 2tb 2yp 2yr 2z7 2z7 2z9 2zb 2ze 2zj 304 304 306 306 308 308 33y 345 347 34c 34e 34f 34l 34o 3a6 3a7 3v4 3vd 4fh 4fh 4pn 4pn 4zk 4zk 53y 54v 5ep 5ey 5f8 5fg 69p 69p 69r 69t 6a5 6a7 6al 6an 6b1 6b3 6bh 6bi 6dg 6dg 6du 6du 6ey 6f0 6fe 6fg 6g0 6gx 6io 6ip 6ir 6iu 6iw 6ix 6j8 6j8 6ja 6jc 6ji 6jn 6jp 6jp 6jr 6jr 6jt 6jt 6jy 6jy 6ka 6kb 6kg 6kk 6kq 6kt 6kv 6kv 6mi 6mj 6mo 6x3 6x8 6y0 6y3 755 75s 762 78c 7ah 7b4 7s7 7tg 7us 7uv 7vp 7w0 876 87t 89j 89o 8aj 8am 8kz 8l2 8ov 8v9 8ve 95c 95d 96o 97d 97f 99v 9a8 9g5 9gw 9hb 9hg 9hg 9hu 9hv 9i8 9i8 9iu 9iv 9j2 9j3 9ln 9lo 9sg 9sh 9sm 9sv 9ts 9ut 9v3 9v3 9vk 9we 9wq 9xj 9xs 9xs 9y8 9z3 9ze a0g a0w a9r fcw fen wi8 wjq wzk x06 x0g x0h x3d x3e x7s x7v x86 x89 xo7 xo9 xuj xuj xuy xuz 1dm1 1dm1 1dpu 1dqq 1e0w 1e1b 1e34 1e35 1e4o 1e4v 1e64 1e67 1e8y 1e8y 1e90 1e92 1e95 1e95 1edg 1edg 1edn 1edn 1ee4 1ee6 1ef2 1ef2 1ef4 1ef4 1efw 1efw 1efy 1efy 1ejk 1ejq 1ejs 1ejy 1ekc 1ekd", "[\\ud800][\\udd37-\\udd3f\\udd79-\\udd89\\udd8c-\\udd8e\\udd90-\\udd9c\\udda0\\uddd0-\\uddfc]|[\\ud802][\\udc77-\\udc78\\udec8]|[\\ud803][\\udd8e-\\udd8f\\uded1-\\uded8]|[\\ud805][\\udf3f]|[\\ud807][\\udfd5-\\udff1]|[\\ud81a][\\udf3c-\\udf3f\\udf45]|[\\ud82f][\\udc9c]|[\\ud833][\\udc00-\\udcef\\udcfa-\\udcfc\\udd00-\\udeb3\\udeba-\\uded0\\udee0-\\udef0\\udf50-\\udfc3]|[\\ud834][\\udc00-\\udcf5\\udd00-\\udd26\\udd29-\\udd64\\udd6a-\\udd6c\\udd83-\\udd84\\udd8c-\\udda9\\uddae-\\uddea\\ude00-\\ude41\\ude45\\udf00-\\udf56]|[\\ud835][\\udec1\\udedb\\udefb\\udf15\\udf35\\udf4f\\udf6f\\udf89\\udfa9\\udfc3]|[\\ud836][\\udc00-\\uddff\\ude37-\\ude3a\\ude6d-\\ude74\\ude76-\\ude83\\ude85-\\ude86]|[\\ud838][\\udd4f\\udeff]|[\\ud83b][\\udcac\\udcb0\\udd2e\\udef0-\\udef1]|[\\ud83c][\\udc00-\\udc2b\\udc30-\\udc93\\udca0-\\udcae\\udcb1-\\udcbf\\udcc1-\\udccf\\udcd1-\\udcf5\\udd0d-\\uddad\\udde6-\\ude02\\ude10-\\ude3b\\ude40-\\ude48\\ude50-\\ude51\\ude60-\\ude65\\udf00-\\udfff]|[\\ud83d][\\udc00-\\uded8\\udedc-\\udeec\\udef0-\\udefc\\udf00-\\udfd9\\udfe0-\\udfeb\\udff0]|[\\ud83e][\\udc00-\\udc0b\\udc10-\\udc47\\udc50-\\udc59\\udc60-\\udc87\\udc90-\\udcad\\udcb0-\\udcbb\\udcc0-\\udcc1\\udcd0-\\udcd8\\udd00-\\ude57\\ude60-\\ude6d\\ude70-\\ude7c\\ude80-\\ude8a\\ude8e-\\udec6\\udec8\\udecd-\\udedc\\udedf-\\udeea\\udeef-\\udef8\\udf00-\\udf92\\udf94-\\udfef\\udffa]"),
    "Script=Han": ("96o 97d 97f 99v 9a8 9g5 9hh 9hh 9hj 9hj 9i9 9ih 9iw 9iz a9s fcv feo vlr 1d6o 1dgt 1dgw 1djt", "[\\ud81b][\\udfe2-\\udfe3\\udff0-\\udff6]|[\\ud840\\ud841\\ud842\\ud843\\ud844\\ud845\\ud846\\ud847\\ud848\\ud849\\ud84a\\ud84b\\ud84c\\ud84d\\ud84e\\ud84f\\ud850\\ud851\\ud852\\ud853\\ud854\\ud855\\ud856\\ud857\\ud858\\ud859\\ud85a\\ud85b\\ud85c\\ud85d\\ud85e\\ud85f\\ud860\\ud861\\ud862\\ud863\\ud864\\ud865\\ud866\\ud867\\ud868\\ud86a\\ud86b\\ud86c\\ud86d\\ud86f\\ud870\\ud871\\ud872\\ud874\\ud875\\ud876\\ud877\\ud878\\ud879\\ud880\\ud881\\ud882\\ud883\\ud885\\ud886\\ud887\\ud888\\ud889\\ud88a\\ud88b\\ud88c][\\udc00-\\udfff]|[\\ud869][\\udc00-\\udedf\\udf00-\\udfff]|[\\ud86e][\\udc00-\\udc1d\\udc20-\\udfff]|[\\ud873][\\udc00-\\udead\\udeb0-\\udfff]|[\\ud87a][\\udc00-\\udfe0\\udff0-\\udfff]|[\\ud87b][\\udc00-\\ude5d]|[\\ud87e][\\udc00-\\ude1d]|[\\ud884][\\udc00-\\udf4a\\udf50-\\udfff]|[\\ud88d][\\udc00-\\udc79]"),
    "Script=Hangul": ("3cw 3jz 9im 9in 9pt 9se 9vk 9we 9y8 9z2 xgg xh8 xz4 16lf 16ls 16me 16mj 16nv 1ehs 1eim 1eiq 1eiv 1eiy 1ej3 1ej6 1ejb 1eje 1ejg", ""),
    "Script=Hiragana": ("9j5 9li 9lp 9lr", "[\\ud82c][\\udc01-\\udd1f\\udd32\\udd50-\\udd52]|[\\ud83c][\\ude00]"),
    "Script=Katakana": ("9lt 9oa 9od 9of 9v4 9vj a1c a2m a2o a53 1eg6 1egf 1egh 1ehp", "[\\ud82b][\\udff0-\\udff3\\udff5-\\udffb\\udffd-\\udffe]|[\\ud82c][\\udc00\\udd20-\\udd22\\udd55\\udd64-\\udd67]"),
}


# src/domain/Grading.ts

def outcomeOf(_p1):
    hitCap = _p1["hitCap"]
    isGoldValid = _p1["isGoldValid"]
    isTruncated = _p1["isTruncated"]
    isUnfinished = _p1["isUnfinished"]
    last = _p1["last"]
    if (not isGoldValid):
        return "GoldInvalid"
    if isTruncated:
        return "Truncated"
    if isUnfinished:
        return ("Wrong" if hitCap else "Truncated")
    return (_t1 if (_t1 := last) is not None else "Unparsable")


# src/tasks/grading/NumberText.ts
ZERO = 48

def isDigit(code):
    return ((code >= ZERO) and (code <= (ZERO + 9)))

def digitsEnd(text2, at, to):
    end = at
    while ((end < to) and isDigit(_charCodeAt(text2, end))):
        end += 1
    return end
separators = [",", "{,}", "\\,", "\\ ", " ", "\u00a0", "\u2009", "\u202f", "_", "'", "\u2019", "."]

def hasDigits(text2, at, to, count):
    return (digitsEnd(text2, at, min(to, ((at + count) + 1))) == (at + count))

def threes(text2, at, to, separator):
    end = at
    count = 0
    while (_startsWith(text2, separator, end) and hasDigits(text2, (end + len(separator)), to, 3)):
        end += (len(separator) + 3)
        count += 1
    return _O({"end": end, "count": count})

def indian(text2, at, to):
    end = at
    while ((_at(text2, end) == ",") and hasDigits(text2, (end + 1), to, 2)):
        end += 3
    return ((end + 4) if (((end > at) and (_at(text2, end) == ",")) and hasDigits(text2, (end + 1), to, 3)) else None)

def wholePart(text2, at, first, to, reading):
    none = _O({"end": first, "point": "."})
    if (((first - at) > 3) or (first == to)):
        return none
    separator = next((each for each in separators if _startsWith(text2, each, first)), None)
    if ((separator is None) or ((separator == ",") and (reading["noCommas"] == True))):
        return none
    _t2 = threes(text2, first, to, separator)
    count = _t2["count"]
    end = _t2["end"]
    if (separator == "."):
        isEuropean = (((_at(text2, end) == ",") and isDigit(_charCodeAt(text2, (end + 1)))) and (end < (to - 1)))
        goesOn3 = ((_at(text2, end) == ".") and isDigit(_charCodeAt(text2, (end + 1))))
        return (none if (((count == 0) or goesOn3) or ((count == 1) and (not isEuropean))) else _O({"end": end, "point": ","}))
    if (separator == ","):
        if (_at(text2, at) == "0"):
            return (_O({"end": first, "point": ","}) if (count > 0) else none)
        pairs = (indian(text2, first, to) if ((count == 0) and ((first - at) <= 2)) else None)
        if (pairs is not None):
            return _O({"end": pairs, "point": "."})
        return (none if ((count == 0) or ((_at(text2, end) == ",") and isDigit(_charCodeAt(text2, (end + 1))))) else _O({"end": end, "point": "."}))
    if ((count > 0) and (_at(text2, end) != "/")):
        return _O({"end": end, "point": "."})
    if (((separator != " ") or (reading["spacedDigits"] != True)) or ((first - at) != 1)):
        return none
    spaced = first
    while ((_at(text2, spaced) == " ") and hasDigits(text2, (spaced + 1), to, 1)):
        spaced += 2
    return (none if ((isDigit(_charCodeAt(text2, spaced)) or (_at(text2, spaced) == "/")) or ((_at(text2, spaced) == " ") and isDigit(_charCodeAt(text2, (spaced + 1))))) else _O({"end": spaced, "point": "."}))
_R1 = _RegExp("\\D", "g")

def onlyDigits(text2):
    isPlain = True
    i = 0
    while ((i < len(text2)) and isPlain):
        isPlain = isDigit(_charCodeAt(text2, i))
        i += 1
    return (text2 if isPlain else _replace(text2, _R1, ""))

def normal(digits2, decimals2):
    start = 0
    while ((start < (len(digits2) - 1)) and (_charCodeAt(digits2, start) == ZERO)):
        start += 1
    end = len(decimals2)
    while ((end > 0) and (_charCodeAt(decimals2, (end - 1)) == ZERO)):
        end -= 1
    whole3 = ("0" if (digits2 == "") else digits2[start:])
    return (whole3 if (end == 0) else (_str(whole3) + "." + _str(decimals2[0:end])))
MOST_EXPONENT = 4000

def shifted(digits2, decimals2, exponent):
    return (normal((digits2 + _padEnd(decimals2[0:exponent], exponent, "0")), decimals2[exponent:]) if (exponent >= 0) else normal(digits2[0:exponent], (_padStart(digits2[exponent:], (-exponent), "0") + decimals2)))
_R2 = _RegExp("[eE]([-+\u2212]?\\d{1,4})(?![\\dA-Za-z.])", "y")
exponentPattern = _R2

def readNumber(text2, at, to, reading=None):
    if reading is None:
        reading = _O({})
    first = digitsEnd(text2, at, to)
    isBare2 = (first == at)
    if (isBare2 and (not (((_at(text2, at) == ".") and ((at + 1) < to)) and isDigit(_charCodeAt(text2, (at + 1)))))):
        return None
    whole3 = (_O({"end": first, "point": "."}) if isBare2 else wholePart(text2, at, first, to, reading))
    end = whole3["end"]
    digits2 = onlyDigits(text2[at:end])
    decimals2 = ""
    follows = (_at(text2, end) if (end < to) else None)
    pointEnd = (digitsEnd(text2, (end + 1), to) if (follows == whole3["point"]) else 0)
    commaEnd = (digitsEnd(text2, (end + 1), to) if (((reading["decimalComma"] == True) and (follows == ",")) and (end == first)) else 0)
    if (pointEnd > (end + 1)):
        decimals2 = text2[(end + 1):pointEnd]
        end = pointEnd
    else:
        if (((commaEnd > (end + 1)) and (commaEnd != (end + 4))) and (_at(text2, commaEnd) != ",")):
            decimals2 = text2[(end + 1):commaEnd]
            end = commaEnd
    mark = (_at(text2, end) if (end < to) else None)
    if ((mark == "e") or (mark == "E")):
        exponentPattern.lastIndex = end
        found = exponentPattern.exec(text2)
        exponent = _number((None if (_t3 := found) is None else (None if (_t4 := _at(_t3, 1)) is None else _replace(_t4, "\u2212", "-"))))
        if (((found is not None) and (exponentPattern.lastIndex <= to)) and (abs(exponent) <= MOST_EXPONENT)):
            return _O({"end": exponentPattern.lastIndex, "value": shifted(digits2, decimals2, exponent)})
    return _O({"end": end, "value": normal(digits2, decimals2)})

def isNormal(text2):
    at = (1 if (_charCodeAt(text2, 0) == 45) else 0)
    start = at
    while isDigit(_charCodeAt(text2, at)):
        at += 1
    if ((at == start) or ((_charCodeAt(text2, start) == ZERO) and (at > (start + 1)))):
        return False
    if (at == len(text2)):
        return (not ((start == 1) and (text2 == "-0")))
    if (_charCodeAt(text2, at) != 46):
        return False
    decimals2 = (at + 1)
    at += 1
    while isDigit(_charCodeAt(text2, at)):
        at += 1
    return (((at == len(text2)) and (at > decimals2)) and (_charCodeAt(text2, (at - 1)) != ZERO))


# src/tasks/grading/mathematics/Words.ts

def list_(text2):
    return _split(text2, " ")
FUNCTIONS = _Set(list_("sin cos tan cot sec csc arcsin arccos arctan arccot sinh cosh tanh ln log lg exp min max gcd lcm arg Re Im det mod"))
WORDS = _Map([*[[name, ("\\" + _str(name))] for name in [name for name in [*FUNCTIONS] if (((len(name) > 2) or (name == "ln")) or (name == "lg"))]], *[["sqrt", "\\sqrt"], ["cbrt", "\\sqrt[3]"], ["asin", "\\arcsin"], ["acos", "\\arccos"], ["atan", "\\arctan"], ["pi", "\\pi"], ["Pi", "\\pi"], ["theta", "\\theta"], ["alpha", "\\alpha"], ["beta", "\\beta"], ["inf", "\\infty"], ["infty", "\\infty"], ["infinity", "\\infty"], ["oo", "\\infty"], ["pm", "\\pm"], ["and", ", "], ["or", ", "], ["percent", "%"], ["pct", "%"], ["degree", "\\degree"], ["degrees", "\\degree"], ["choose", "\\choose"], ["thousand", "*1000"], ["million", "*1000000"], ["billion", "*1000000000"], ["trillion", "*1000000000000"]]])
COMMANDS = _Map([*[[name, "\\frac"] for name in list_("dfrac tfrac cfrac")], *[[name, "\\binom"] for name in list_("dbinom tbinom")], *[[name, "*"] for name in list_("times cdot ast cdotp bullet")], *[[name, ""] for name in list_("left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr displaystyle textstyle scriptstyle limits nolimits rm bf it boxed fbox ensuremath large Large")], *[[name, " "] for name in list_("quad qquad space hspace thinspace nobreakspace enspace")], *[["div", "/"], ["le", "\\leq"], ["leqslant", "\\leq"], ["ge", "\\geq"], ["geqslant", "\\geq"], ["ne", "\\neq"], ["lt", "<"], ["gt", ">"], ["approx", "\\approx"], ["simeq", "\\approx"], ["sim", "\\approx"], ["lbrace", "\\{"], ["rbrace", "\\}"], ["lbrack", "["], ["rbrack", "]"], ["lparen", "("], ["rparen", ")"], ["vert", "|"], ["lvert", "|"], ["rvert", "|"], ["mid", "|"], ["degree", "\\degree"], ["land", ", "], ["lor", ", "], ["wedge", ", "], ["vee", ", "], ["backslash", "\\setminus"], ["colon", ":"], ["ratio", ":"], ["dots", "\\ldots"], ["cdots", "\\ldots"], ["emptyset", "\\emptyset"], ["varnothing", "\\emptyset"], ["overrightarrow", "\\vec"], ["tg", "\\tan"], ["ctg", "\\cot"], ["cotg", "\\cot"], ["arctg", "\\arctan"], ["widehat", "\\hat"], ["R", "\\mathbb{R}"], ["Z", "\\mathbb{Z}"], ["N", "\\mathbb{N}"], ["Q", "\\mathbb{Q}"], ["C", "\\mathbb{C}"], ["reals", "\\mathbb{R}"], ["varphi", "\\phi"]]])
TEXTS = _Set(list_("text textbf textit textrm textnormal mbox hbox mathrm mathbf mathit mathsf mathtt operatorname boldsymbol bm unit textup"))
SIGNS = _Map([*[[sign2, "-"] for sign2 in [*"\u2212\u2013\u2014\u2010\u2011"]], *[[sign2, "*"] for sign2 in [*"\u00d7\u00b7\u22c5\u2219\u2217"]], *[[sign2, " "] for sign2 in [*"$\u20ac\u00a3\u00a5\u20b9"]], ["\u00f7", "/"], ["\u2215", "/"], ["\u2044", "/"], ["\u03c0", "\\pi "], ["\u221e", "\\infty "], ["\u221a", "\\sqrt "], ["\u221b", "\\sqrt[3]"], ["\u2264", "\\leq "], ["\u2265", "\\geq "], ["\u2260", "\\neq "], ["\u2248", "\\approx "], ["\u00b1", "\\pm "], ["\u2213", "\\mp "], ["\u222a", "\\cup "], ["\u2229", "\\cap "], ["\u2208", "\\in "], ["\u2205", "\\emptyset "], ["\u00b0", "\\degree "], ["\u00ba", "\\degree "], ["\u03b8", "\\theta "], ["\u03b1", "\\alpha "], ["\u03b2", "\\beta "], ["\u03bb", "\\lambda "], ["\u211d", "\\mathbb{R}"], ["\u2124", "\\mathbb{Z}"], ["\u2227", ", "], ["\u2228", ", "], ["\u27e8", "\\langle "], ["\u27e9", "\\rangle "], ["\u2026", "\\ldots "], ["\u2032", "'"], ["\u2019", "'"], ["\u2018", "'"]])
SUPERS = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207b\u207f"
VULGAR = _Map([[_at(entry, 0), ("\\frac{" + _str(_at(entry, 1)) + "}{" + _str(_at(entry, 3)) + "}")] for entry in list_("\u00bd1/2 \u21531/3 \u21542/3 \u00bc1/4 \u00be3/4 \u21551/5 \u21562/5 \u21573/5 \u21584/5 \u21591/6 \u215a5/6 \u215b1/8 \u215c3/8 \u215d5/8 \u215e7/8")])
_R3 = _RegExp("^[\\x00-\\x23\\x25-\\x7f]*$", "")
_R4 = _RegExp("[\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207b\u207f]+", "g")
_R5 = _RegExp("[^\\x20-\\x7e]|\\$", "g")

def asciiOf(text2):
    return (text2 if _R3.test(text2) else _normalize(_replace(_replace(text2, _R4, (lambda run=None, *_more: ("^{" + _str(_join([_at("0123456789-n", _indexOf(SUPERS, sign2)) for sign2 in [*run]], "")) + "}"))), _R5, (lambda sign2=None, *_more: (_t6 if (_t6 := (_t5 if (_t5 := _get(SIGNS, sign2)) is not None else _get(VULGAR, sign2))) is not None else sign2))), "NFKC"))
UNITS = _Set(list_("cm mm km nm um ft yd mi kg mg lb lbs oz ml cl dl mph kph hr hrs sec min mins day yr am pm AM PM sq cu in men boy cat dog way ways cup bit gal pt Hz kJ kW eV mol cc ha to of is if as no at by on so be it we he my up us me an do go yes rd st nd th"))
_R6 = _RegExp("[eiouEIOU]", "")

def isProduct(run):
    return (((len(run) < 4) and (not _has(UNITS, run))) and ((len(run) == 2) or (not _R6.test(run))))


# src/tasks/grading/mathematics/Clean.ts
MOST_LENGTH = 400

def isLetter(code):
    return (((code >= 65) and (code <= 90)) or ((code >= 97) and (code <= 122)))

def groupEnd(text2, at, open, close2, to=None):
    if to is None:
        to = len(text2)
    depth = 0
    i = at
    while (i < to):
        if ((_at(text2, i) == "\\") and (open == "{")):
            i += 1
        else:
            if (_at(text2, i) == open):
                depth += 1
            else:
                if ((_at(text2, i) == close2) and ((depth := depth - 1) == 0)):
                    return (i + 1)
        i += 1
    return (-1)

def lettersEnd(text2, at):
    end = at
    while isLetter(_charCodeAt(text2, end)):
        end += 1
    return end
_R7 = _RegExp("\\s*\\^\\s*(?:\\{\\s*-?[1-3]\\s*\\}|-?[1-3](?!\\d))", "y")
power = _R7
_R8 = _RegExp("\\^\\s*(?:\\\\circ(?![a-zA-Z])|\\\\degree(?![a-zA-Z])|\\{\\s*\\\\(?:circ|degree)\\s*\\})", "y")
circle = _R8
_R9 = _RegExp("\\s*(?:\\\\(?:text|mathrm)\\s*\\{\\s*)?[CFK](?:\\s*\\}|(?![a-zA-Z]))", "y")
scaleOfHeat = _R9
_R10 = _RegExp("\\\\[dt]?frac\\s*\\{\\s*\\\\(?:text|mathrm)\\s*\\{[^{}]*\\}\\s*\\}\\s*\\{\\s*\\\\(?:text|mathrm)\\s*\\{[^{}]*\\}\\s*\\}", "y")
unitFraction = _R10
_R11 = _RegExp("[mgshLlNJWVAKCF](?:\\s*\\^\\s*\\{?[23]\\}?)?(?=\\s*(?:$|[.,;)\\]/]|(?:and|or)\\b))", "y")
unitLetter = _R11

def skip(pattern, text2, at):
    pattern.lastIndex = at
    return (pattern.lastIndex if pattern.test(text2) else at)

def unitsEnd(text2, at):
    end = at
    next_ = at
    while isLetter(_charCodeAt(text2, next_)):
        stop = lettersEnd(text2, next_)
        word = text2[next_:stop]
        if ((next_ > at) and ((word == "and") or (word == "or"))):
            break
        end = skip(power, text2, stop)
        next_ = end
        while _includes(" ./*-~", (_t7 if (_t7 := _at(text2, next_)) is not None else "x")):
            next_ += 1
    return end
_R12 = _RegExp("[\\d)\\]}%!a-zA-Z|']$", "")
closing = _R12
_R13 = _RegExp("^(?:, |[-+([])$", "")
_R14 = _RegExp("\\\\[a-zA-Z]+$", "")
_R15 = _RegExp("^(?:, |[-+*/=:^_&~]|\\\\\\\\)$", "")

class Writer(_Object):
    def __init__(self):
        self.pieces = []
        self._gap = False
    def gap(self):
        self._gap = True
    @property
    def last(self):
        return (_t8 if (_t8 := _counted(self.pieces, (-1))) is not None else "")
    @property
    def hasValue(self):
        return (closing.test(self.last) and (not _startsWith(self.last, "\\text")))
    @property
    def isNumber(self):
        pieces = self["pieces"]
        return (isDigit(_charCodeAt(self.last, (len(self.last) - 1))) and ((len(pieces) < 2) or _R13.test(_counted(pieces, (-2)))))
    def push(self, piece=None):
        last = self.last
        isApart = (((self._gap and isDigit(_charCodeAt(piece, 0))) and isDigit(_charCodeAt(last, (len(last) - 1)))) or (_R14.test(last) and isLetter(_charCodeAt(piece, 0))))
        self._gap = False
        _push(self.pieces, ((" " + _str(piece)) if isApart else piece))
    def separate(self):
        if ((len(self.pieces) > 0) and (self.last != ", ")):
            _push(self.pieces, ", ")
        self._gap = False
    def text(self):
        end = len(self.pieces)
        while ((end > 0) and _R15.test(_at(self.pieces, (end - 1)))):
            end -= 1
        return _trim(_join(self.pieces[0:end], ""))
_R16 = _RegExp("^(?:\\s|\\\\[,; ])", "")

def separates(text2, at):
    depth = 0
    i = at
    while (i < len(text2)):
        sign2 = _at(text2, i)
        if (_includes("([", sign2) or ((sign2 == "\\") and (_at(text2, (i + 1)) == "{"))):
            depth += 1
        else:
            if ((_includes(")]", sign2) or ((sign2 == "\\") and (_at(text2, (i + 1)) == "}"))) and ((depth := depth - 1) == 0)):
                return True
            else:
                if ((depth == 1) and ((sign2 == ";") or (((sign2 == ",") and _R16.test(text2[(i + 1):(i + 3)])) and (_at(text2, (i - 1)) != "\\")))):
                    return False
        i += 1
    return True
_R17 = _RegExp("~|\\\\[,;: !]", "g")
_R18 = _RegExp("^[,;]?\\s*(?:and|or)$", "i")
_R19 = _RegExp("^[,;]$", "")
_R20 = _RegExp("[a-zA-Z]{2,}", "")
_R21 = _RegExp("\\b(?:and|or)\\b", "g")
_R22 = _RegExp("\\d", "")
_R23 = _RegExp("^\\(?[A-Za-z]\\)?$", "")
_R24 = _RegExp("[{}\\\\]", "g")
_R25 = _RegExp("\\\\frac$|\\\\frac(?:\\d|\\{[^{}]*\\})$", "")
_R26 = _RegExp("^\\s*\\d", "")
_R27 = _RegExp("\\s|\\d", "")
_R28 = _RegExp("^\\\\quad[a-z]", "")
_R29 = _RegExp("^\\{[a-zA-Z*]+\\}(?:\\{[lcr| ]*\\})?", "")
_R30 = _RegExp("[\\w)}\\]]", "")
_R31 = _RegExp("[\\w({[-]", "")

def write(text2, out, depth):
    open = []
    def inText(content, isUpright, after):
        word = _trim(_replace(content, _R17, " "))
        if (word == ""):
            return after
        if _has(FUNCTIONS, word):
            _push(out, ("\\" + _str(word)))
        else:
            if (_R18.test(word) or _R19.test(word)):
                out["separate"]()
            else:
                if _has(WORDS, word):
                    _push(out, _get(WORDS, word))
                else:
                    if (out["hasValue"] and _R20.test(_replace(word, _R21, ""))):
                        return skip(power, text2, after)
                    else:
                        if _R22.test(word):
                            if (depth < 8):
                                write(word, out, (depth + 1))
                        else:
                            if (_R23.test(word) and (not (out["hasValue"] and isUpright))):
                                _push(out, word)
                            else:
                                if out["hasValue"]:
                                    return skip(power, text2, after)
                                else:
                                    _push(out, ("\\text{" + _str(_replace(word, _R24, "")) + "}"))
        return after
    i = 0
    while (i < len(text2)):
        sign2 = _at(text2, i)
        code = _charCodeAt(text2, i)
        if ((code <= 32) or (sign2 == "~")):
            out["gap"]()
            i += 1
        else:
            if (isDigit(code) or ((sign2 == ".") and isDigit(_charCodeAt(text2, (i + 1))))):
                isArgument = (_R25.test(_join(out["pieces"][(-8):], "")) and (sign2 != "."))
                number2 = (None if isArgument else readNumber(text2, i, len(text2), _O({"noCommas": (_counted(open, (-1)) == True)})))
                _push(out, (sign2 if (number2 is None) else number2["value"]))
                i = (_t10 if (_t10 := (None if (_t9 := number2) is None else _t9["end"])) is not None else (i + 1))
            else:
                if isLetter(code):
                    end = lettersEnd(text2, i)
                    run = text2[i:end]
                    known2 = _get(WORDS, run)
                    nextDigit = _R26.test(text2[end:(end + 4)])
                    if (known2 == ", "):
                        out["separate"]()
                    else:
                        if ((((len(run) == 1) and (_at(text2, (i - 1)) == " ")) and out["isNumber"]) and (skip(unitLetter, text2, i) > i)):
                            i = skip(unitLetter, text2, i)
                            continue
                        else:
                            if (known2 is not None):
                                _push(out, known2)
                            else:
                                if ((((run == "x") and nextDigit) and isDigit(_charCodeAt(out["last"], (len(out["last"]) - 1)))) and _R27.test((_t11 if (_t11 := _at(text2, end)) is not None else ""))):
                                    _push(out, "*")
                                else:
                                    if ((len(run) == 1) or isProduct(run)):
                                        for letter in run:
                                            _push(out, letter)
                                    else:
                                        if out["hasValue"]:
                                            i = unitsEnd(text2, i)
                                            out["gap"]()
                                            continue
                                        else:
                                            _push(out, ("\\text{" + _str(run) + "}"))
                    i = end
                else:
                    if (((sign2 == "\\") and out["hasValue"]) and (skip(unitFraction, text2, i) > i)):
                        i = skip(unitFraction, text2, i)
                    else:
                        if (sign2 == "\\"):
                            end_2 = ((i + 5) if _R28.test(text2[i:(i + 6)]) else lettersEnd(text2, (i + 1)))
                            name = text2[(i + 1):end_2]
                            i = max(end_2, (i + 2))
                            environment = ((None if (_t12 := _R29.exec(text2[i:(i + 40)])) is None else _at(_t12, 0)) if ((name == "begin") or (name == "end")) else None)
                            if (environment is not None):
                                _push(out, ("\\" + _str(name) + _str(_replaceAll(environment, " ", ""))))
                                i += len(environment)
                            else:
                                if (name == ""):
                                    next_ = (_t13 if (_t13 := _at(text2, (i - 1))) is not None else "")
                                    if (_includes("{}", next_) and (next_ != "")):
                                        if (next_ == "{"):
                                            _push(open, separates(text2, (i - 2)))
                                        else:
                                            _pop(open)
                                        _push(out, ("\\" + _str(next_)))
                                    else:
                                        if (next_ == "\\"):
                                            _push(out, "\\\\")
                                        else:
                                            if (next_ == "%"):
                                                _push(out, "%")
                                            else:
                                                if (next_ == "|"):
                                                    _push(out, "|")
                                                else:
                                                    if (((next_ == "_") or (next_ == "&")) or (next_ == "#")):
                                                        _push(out, next_)
                                                    else:
                                                        if (next_ != "!"):
                                                            out["gap"]()
                                else:
                                    if _has(TEXTS, name):
                                        while (_at(text2, i) == " "):
                                            i += 1
                                        close2 = (groupEnd(text2, i, "{", "}") if (_at(text2, i) == "{") else (-1))
                                        if (close2 < 0):
                                            continue
                                        i = inText(text2[(i + 1):(close2 - 1)], ((name != "mathbf") and (name != "boldsymbol")), close2)
                                    else:
                                        if ((name == "circ") and out["hasValue"]):
                                            _push(out, "\\degree")
                                        else:
                                            known2_2 = _get(COMMANDS, name)
                                            if (known2_2 == ", "):
                                                out["separate"]()
                                            else:
                                                if (known2_2 is None):
                                                    _push(out, ("\\" + _str(name)))
                                                else:
                                                    if (_trim(known2_2) == ""):
                                                        if (known2_2 == " "):
                                                            out["gap"]()
                                                        if (((name == "left") or (name == "right")) and (_at(text2, i) == ".")):
                                                            i += 1
                                                    else:
                                                        _push(out, known2_2)
                        else:
                            if ((sign2 == "*") and (_at(text2, (i + 1)) == "*")):
                                isPower = (_R30.test((_t14 if (_t14 := _at(text2, (i - 1))) is not None else "")) and _R31.test((_t15 if (_t15 := _at(text2, (i + 2))) is not None else "")))
                                if isPower:
                                    _push(out, "^")
                                i += 2
                            else:
                                if ((sign2 == "^") and (skip(circle, text2, i) > i)):
                                    _push(out, "\\degree")
                                    i = skip(scaleOfHeat, text2, skip(circle, text2, i))
                                else:
                                    if ((sign2 == ",") or (sign2 == ";")):
                                        out["separate"]()
                                        i += 1
                                    else:
                                        if (_includes("$\"`?", sign2) or (((sign2 == ".") and (_at(text2, (i + 1)) != ".")) and (not _startsWith(text2, "\\overline", (i + 1))))):
                                            i += 1
                                        else:
                                            if ((sign2 == ".") and (_at(text2, (i + 1)) == ".")):
                                                while (_at(text2, i) == "."):
                                                    i += 1
                                                _push(out, "\\ldots")
                                            else:
                                                if ((((sign2 == "<") or (sign2 == ">")) or (sign2 == "!")) and (_at(text2, (i + 1)) == "=")):
                                                    _push(out, ("\\leq" if (sign2 == "<") else ("\\geq" if (sign2 == ">") else "\\neq")))
                                                    i += 2
                                                else:
                                                    if ((sign2 == "(") or (sign2 == "[")):
                                                        _push(open, separates(text2, i))
                                                    else:
                                                        if ((sign2 == ")") or (sign2 == "]")):
                                                            _pop(open)
                                                    _push(out, sign2)
                                                    i += 1
_R32 = _RegExp("^(?:\\\\\\(([\\s\\S]*)\\\\\\)|\\\\\\[([\\s\\S]*)\\\\\\])$", "")
wrappers = _R32
_R33 = _RegExp("(\u00b0|\u2103|\u2109)\\s?[CFK](?![a-zA-Z])", "g")
_R34 = _RegExp("[\u2103\u2109]", "g")
_R35 = _RegExp("[\\s$]+", "g")
_R36 = _RegExp("\\{, \\}|,\\\\! ?", "g")
_R37 = _RegExp("^\\\\text\\{[^{}]*\\}(?=[-\\d([]|\\\\[^t])", "")

def clean(text2):
    trimmed = _replace(_replace(_trim(text2), _R33, "\u00b0"), _R34, "\u00b0")
    if (len(trimmed) > MOST_LENGTH):
        return _replace(trimmed, _R35, "")
    _t17 = (_t16 if (_t16 := wrappers.exec(trimmed)) is not None else [])
    round = _at(_t17, 1)
    square = _at(_t17, 2)
    out = Writer()
    write(_replace(asciiOf((_t19 if (_t19 := (_t18 if (_t18 := round) is not None else square)) is not None else trimmed)), _R36, ","), out, 0)
    cleaned = _replace(out["text"](), _R37, "")
    return (cleaned[1:(-1)] if (_startsWith(cleaned, "{") and (groupEnd(cleaned, 0, "{", "}") == len(cleaned))) else cleaned)


# src/tasks/grading/Markup.ts

def indexWithin(text2, wanted, from_, to):
    found = _indexOf(text2[from_:to], wanted)
    return ((-1) if (found < 0) else (from_ + found))
WITHIN = 4000
MOST = 64
_R38 = _RegExp("\\s+|\\*+|_+(?=[\\s*\\d])|[$\"'\u201c\u201d\u2018\u2019`#]|\\\\[([,;:! ]|\\\\displaystyle(?![a-zA-Z])", "y")
before = _R38
AFTER = _Set(" \t\n\r*$_\"'\u201c\u201d\u2018\u2019`.,;:!")
_R39 = _RegExp("(?:[\\d)}]|(?:^|[^a-zA-Z])[a-z])!$", "")
isFactorial = _R39

def withoutMarkup(text2, from_, to):
    start = from_
    i = 0
    while ((i < MOST) and (start < to)):
        before.lastIndex = start
        if (not before.test(text2)):
            break
        start = min(to, before.lastIndex)
        i += 1
    end = to
    i_2 = 0
    while ((i_2 < MOST) and (end > start)):
        last = _at(text2, (end - 1))
        if (_has(AFTER, last) and (not ((last == "!") and isFactorial.test(text2[max(start, (end - 3)):end])))):
            end -= 1
        else:
            if (((last == ")") or (last == "]")) and (_at(text2, (end - 2)) == "\\")):
                end -= 2
            else:
                break
        i_2 += 1
    if (((end < to) and (end > start)) and (_at(text2, (end - 1)) == "\\")):
        end -= 1
    return _O({"start": start, "end": end})
_R40 = _RegExp("\\\\(?:boxed|fbox|text|textbf|mathbf|mathrm|mathit)\\s*\\{", "y")
wrapper = _R40
_R41 = _RegExp("\\s|\\*", "")

def withinWrapper(text2, at, to):
    if _startsWith(text2, "**", at):
        if _R41.test((_t20 if (_t20 := _at(text2, (at + 2))) is not None else " ")):
            return None
        close3 = indexWithin(text2, "**", (at + 2), min(to, (at + WITHIN)))
        return (None if ((close3 < 0) or _includes(text2[at:close3], "\n")) else _O({"start": (at + 2), "end": close3}))
    wrapper.lastIndex = at
    if (not wrapper.test(text2)):
        return None
    close2 = groupEnd(text2, (wrapper.lastIndex - 1), "{", "}", min(to, (at + WITHIN)))
    return (None if (close2 < 0) else _O({"start": wrapper.lastIndex, "end": (close2 - 1)}))


# src/tasks/grading/Extent.ts

def isLetter2(code):
    return (((code >= 65) and (code <= 90)) or ((code >= 97) and (code <= 122)))

def runEnd(text2, at, to):
    end = at
    while ((end < to) and isLetter2(_charCodeAt(text2, end))):
        end += 1
    return end
_R42 = _RegExp("\\\\(?:text|mathrm|operatorname|mbox)\\s*\\{[^{}]*\\}|\\\\[a-zA-Z]+", "g")
_R43 = _RegExp("[a-zA-Z]{2,}", "g")

def isWordy(content):
    def _f1(_p1=None, *_more):
        _t21 = _p1
        run = _at(_t21, 0)
        return ((not _has(WORDS, run)) and (not isProduct(run)))
    return _some([*_matchAll(_replace(content, _R42, " "), _R43)], _f1)
OPERATORS = "+-*/^=<>\u2212\u2013\u00d7\u00f7\u00b7\u22c5\u00b1\u2213\u222a\u2229\u2208\u2264\u2265\u2260\u2248\u2217"
SYMBOLS = "\u03c0\u221e\u221a\u221b\u00b0\u00b2\u00b3\u2070\u00b9\u2074\u2075\u2076\u2077\u2078\u2079\u207b\u00bd\u00bc\u00be\u2153\u2154\u2205\u03b8'%!"
CURRENCY = "\u20ac\u00a3\u00a5\u20b9"
delimiters = _O({"\\(": "\\)", "\\[": "\\]"})
_R44 = _RegExp("\\s*(?:\\$|\\\\|[-\u2212\u2013]?[\\d.]|[-\u2212\u2013]?\\(|\\{|[a-zA-Z](?:_\\w+)?\\s*[=<>\u2264\u2265]|[\u03c0\u221a])", "y")
listStart = _R44
_R45 = _RegExp("\\s*(?:,\\s*)?(?:and|or)(?![a-zA-Z])", "y")
conjunction = _R45

def testAt(pattern, text2, at):
    pattern.lastIndex = at
    return (pattern.lastIndex if pattern.test(text2) else (-1))
_R46 = _RegExp("\\s$", "")

def dollarsEnd(text2, at, to):
    mark = ("$$" if _startsWith(text2, "$$", at) else "$")
    close2 = indexWithin(text2, mark, (at + len(mark)), to)
    if ((close2 < 0) or (close2 == (at + len(mark)))):
        return (-1)
    content = text2[(at + len(mark)):close2]
    if ((mark == "$") and _includes(content, "\n")):
        return (-1)
    isCurrency = (isDigit(_charCodeAt(content, 0)) and (isWordy(content) or _R46.test(content)))
    return ((-1) if isCurrency else (close2 + len(mark)))
_R47 = _RegExp("^[aAI]$", "")
_R48 = _RegExp("^\\s+[a-z]{2,}", "")
_R49 = _RegExp("^\\\\begin\\s*\\{[a-zA-Z*]+\\}", "")
_R50 = _RegExp("\\\\begin\\s*", "")
_R51 = _RegExp("[a-zA-Z\\\\]", "")
_R52 = _RegExp("^_(?:\\{|\\d|[a-zA-Z](?![a-zA-Z]))", "")
_R53 = _RegExp("^-[a-zA-Z]{2,}", "")
_R54 = _RegExp("[\\d)a-z]", "")
_R55 = _RegExp("[\\s*]", "")
_R56 = _RegExp("^!\\s?[=+*/\u00d7\u00f7\u00b7-]\\s?[\\d(]", "")

def extentEnd(text2, from_, most):
    to = min(most, (from_ + MOST_LENGTH))
    end = from_
    before2 = (-1)
    at = from_
    def take(next_):
        nonlocal at, end
        at = next_
        end = next_
    while (at < to):
        sign2 = _at(text2, at)
        code = _charCodeAt(text2, at)
        if (((code == 32) or (code == 9)) or (code == 160)):
            at += 1
            continue
        if (isDigit(code) or ((sign2 == ".") and isDigit(_charCodeAt(text2, (at + 1))))):
            take((_t23 if (_t23 := (None if (_t22 := readNumber(text2, at, to)) is None else _t22["end"])) is not None else (at + 1)))
            continue
        if isLetter2(code):
            stop = runEnd(text2, at, to)
            run = text2[at:stop]
            known2 = _get(WORDS, run)
            if (known2 == ", "):
                next_ = (testAt(listStart, text2, stop) if (end > from_) else (-1))
                if (next_ < 0):
                    break
                before2 = end
                at = stop
                continue
            isTouching = ((at > from_) and (_at(text2, (at - 1)) != " "))
            if (((known2 is not None) and ((stop - at) > 1)) and ((_at(known2, 0) == "\\") or (end > from_))):
                take(stop)
                continue
            isVariable = ((not (_R47.test(run) and _R48.test(text2[stop:(stop + 4)]))) if (len(run) == 1) else (isProduct(run) and isTouching))
            if ((not isVariable) or (((end > from_) and (not isTouching)) and _R48.test(text2[stop:(stop + 4)]))):
                if (before2 >= 0):
                    end = before2
                break
            take(stop)
            continue
        if (sign2 == "$"):
            close2 = dollarsEnd(text2, at, to)
            if (close2 > 0):
                take(close2)
            else:
                at += 1
            continue
        if (sign2 == "\\"):
            open = text2[at:(at + 2)]
            stop_2 = runEnd(text2, (at + 1), to)
            if (_at(delimiters, open) is not None):
                close2_2 = indexWithin(text2, _at(delimiters, open), (at + 2), to)
                if (close2_2 < 0):
                    break
                take((close2_2 + 2))
            else:
                if (stop_2 > (at + 1)):
                    environment = (None if (_t24 := _R49.exec(text2[at:(at + 40)])) is None else _at(_t24, 0))
                    if (environment is not None):
                        ending = _replace(environment, _R50, "\\end")
                        close2_3 = indexWithin(text2, ending, at, to)
                        if (close2_3 < 0):
                            break
                        take((close2_3 + len(ending)))
                        continue
                    take(stop_2)
                else:
                    if _includes("{}%$,;:! |", (_t25 if (_t25 := _at(open, 1)) is not None else "x")):
                        if (_at(open, 1) == "{"):
                            close2_4 = indexWithin(text2, "\\}", at, to)
                            if (close2_4 < 0):
                                break
                            take((close2_4 + 2))
                        else:
                            if (_at(open, 1) == "%"):
                                take((at + 2))
                            else:
                                at += 2
                    else:
                        break
            continue
        if (((sign2 == "(") or (sign2 == "[")) or (sign2 == "{")):
            close2_5 = (groupEnd(text2, at, "{", "}", to) if (sign2 == "{") else bracketEnd(text2, at, to))
            if (close2_5 < 0):
                break
            content = text2[(at + 1):(close2_5 - 1)]
            isBeside = ((end > from_) and (_trim(text2[end:at]) == ""))
            isApart = (((isBeside and (_at(text2, (at - 1)) == " ")) and (not _R51.test(content))) and isDigit(_charCodeAt(text2, (end - 1))))
            if ((sign2 != "{") and (isWordy(content) or isApart)):
                if (before2 >= 0):
                    end = before2
                break
            take(close2_5)
            continue
        if ((sign2 == "*") and (_at(text2, (at + 1)) == "*")):
            break
        if ((sign2 == "_") and (not _R52.test(text2[at:(at + 3)]))):
            break
        if ((((sign2 == "-") and (at > from_)) and (_at(text2, (at - 1)) != " ")) and _R53.test(text2[at:(at + 4)])):
            break
        if ((sign2 == "!") and (_at(text2, (at + 1)) == "=")):
            at += 2
            continue
        if ((sign2 == "!") and (not _R54.test((_t26 if (_t26 := _at(text2, (at - 1))) is not None else "")))):
            break
        if (((sign2 == "!") and (((at + 1) >= most) or _R55.test((_t27 if (_t27 := _at(text2, (at + 1))) is not None else " ")))) and (not _R56.test(text2[at:(at + 5)]))):
            break
        if ((sign2 == ":") and (not (isDigit(_charCodeAt(text2, (at - 1))) and isDigit(_charCodeAt(text2, (at + 1)))))):
            break
        if ((sign2 == ",") or (sign2 == ";")):
            word = testAt(conjunction, text2, at)
            next__2 = (testAt(listStart, text2, (word if (word > 0) else (at + 1))) if (end > from_) else (-1))
            if (next__2 < 0):
                break
            before2 = end
            at = (word if (word > 0) else (at + 1))
            continue
        if _includes(SYMBOLS, sign2):
            take((at + 1))
        else:
            if ((((_includes(OPERATORS, sign2) or (sign2 == "_")) or (sign2 == ":")) or (sign2 == "|")) or _includes(CURRENCY, sign2)):
                at = ((end := (at + 1)) if (sign2 == "|") else (at + 1))
            else:
                break
    return end

def bracketEnd(text2, at, to):
    depth = 0
    i = at
    while (i < to):
        sign2 = _at(text2, i)
        if ((sign2 == "(") or (sign2 == "[")):
            depth += 1
        else:
            if ((((sign2 == ")") or (sign2 == "]")) and (_at(text2, (i - 1)) != "\\")) and ((depth := depth - 1) == 0)):
                return (i + 1)
            else:
                if (sign2 == "\n"):
                    return (-1)
        i += 1
    return (-1)


# src/tasks/grading/Lead.ts
said = _join(["approximately|approx\\.?|about|around|roughly|nearly|exactly|precisely|equal(?:s|ling)?(?: to)?|given by|just|simply|only|now|still|indeed|thus|therefore|then|actually", "clearly|obviously|again|also|always|namely|of|in fact|found to be|either|a total of|in total|another|(?:the )?(?:number|value|integer|fraction|expression|point|interval|set|letter|ordered pair|pair)", "also|somit|demnach|folglich|daher|damit|genau|etwa|ungef\u00e4hr|donc|alors|ainsi|bien|exactement|environ|entonces|pues|por (?:lo )?tanto|exactamente", "aproximadamente|portanto|ent\u00e3o|assim|exatamente|quindi|dunque|perci\u00f2|esattamente|circa|\u0437\u043d\u0430\u0447\u0438\u0442|\u0441\u043b\u0435\u0434\u043e\u0432\u0430\u0442\u0435\u043b\u044c\u043d\u043e|\u0440\u043e\u0432\u043d\u043e|\u043f\u0440\u0438\u043c\u0435\u0440\u043d\u043e|dus|ongeveer|\u7ea6|\u5927\u7ea6|\u5c31\u662f|\u7ea6\u4e3a", "(?:the )?(?:option|choice)|(?:US|A|C)\\$|USD|EUR|Rs\\.?"], "|")
lead = _RegExp(("\\s+|\\*+|_+(?=[\\s*:\\d])|[:\u2248~\"'\u201c\u201d\u00ab\u00bb\u2018\u2019\\x60#>]|=(?!=)|\\\\approx(?![a-zA-Z])|\\\\displaystyle(?![a-zA-Z])|\\\\[,;:! ]|(?:" + _str(said) + ")(?![\\w-])"), "iy")
_R57 = _RegExp("(?:not|n't|never|no longer|neither)\\b", "iy")
denied = _R57
MOST_LEADS = 12

def leadEnd(text2, from_, to):
    at = from_
    i = 0
    while (i < MOST_LEADS):
        lead.lastIndex = at
        if ((at >= to) or (not lead.test(text2))):
            break
        at = lead.lastIndex
        i += 1
    denied.lastIndex = at
    return (None if (denied.test(text2) or (at >= to)) else at)
_R58 = _RegExp("(?:\\bnamely|\\bi\\.\\s?e\\.|\\bthat is|\\bwhich (?:is|equals|gives|makes|comes to|simplifies to)|\\bequals|\\bequal to|\\bor simply|(?<![!<>])=|\u2248)(?![\\w=])[,:]?", "gi")
again = _R58
WITHIN2 = 200
_R59 = _RegExp("[.!?](?:\\s|$)(?<!\\bi\\.\\s?e\\.\\s?)", "")

def saidAgain(text2, from_, to):
    _t28 = _split(text2[from_:min(to, (from_ + WITHIN2))], "\n", 1)
    part = _at(_t28, 0)
    if part is None:
        part = ""
    stop = _search(part, _R59)
    sentence2 = (part if (stop < 0) else part[0:stop])
    return [((from_ + found["index"]) + len(_at(found, 0))) for found in [*_matchAll(sentence2, again)]]


# src/tasks/grading/Rational.ts
MOST_BITS = 16000
LIMIT = (1 << _big(MOST_BITS))

def isSmall(value5):
    return ((value5 < LIMIT) and (value5 > (-LIMIT)))

def divisor(a, b):
    _t29 = [((-a) if (a < 0) else a), b]
    x = _at(_t29, 0)
    y = _at(_t29, 1)
    while (y != 0):
        _t30 = [y, (x % y)]
        x = _at(_t30, 0)
        y = _at(_t30, 1)
    return x

def rational(over3, under=None):
    if under is None:
        under = 1
    if (((under == 0) or (not isSmall(over3))) or (not isSmall(under))):
        return None
    if (under == 1):
        return _O({"over": over3, "under": under})
    _t31 = ([(-over3), (-under)] if (under < 0) else [over3, under])
    a = _at(_t31, 0)
    b = _at(_t31, 1)
    common = divisor(a, b)
    return (_O({"over": a, "under": b}) if (common == 1) else _O({"over": _quotient(a, common), "under": _quotient(b, common)}))

def plus(a=None, b=None, *_more):
    return rational(((a["over"] * b["under"]) + (b["over"] * a["under"])), (a["under"] * b["under"]))

def times(a=None, b=None, *_more):
    return rational((a["over"] * b["over"]), (a["under"] * b["under"]))

def over(a, b):
    return rational((a["over"] * b["under"]), (a["under"] * b["over"]))

def negative(a):
    return _O({"over": (-a["over"]), "under": a["under"]})

def isSame(a, b):
    return ((a["over"] == b["over"]) and (a["under"] == b["under"]))

def bits(value5):
    return (len(_toString(value5, 16)) * 4)

def wholeRoot(value5, degree):
    if (value5 < 2):
        return (None if (value5 < 0) else value5)
    if (_big(bits(value5)) < degree):
        return None
    root = (1 << (_quotient(_big(bits(value5)), degree) + 1))
    while True:
        next_ = _quotient((((degree - 1) * root) + _quotient(value5, _power(root, (degree - 1)))), degree)
        if (next_ >= root):
            break
        root = next_
    return (root if (_power(root, degree) == value5) else None)

def power2(base, exponent):
    degree = exponent["under"]
    if (degree != 1):
        if ((degree > 64) or (base["over"] < 0)):
            return None
        _t32 = [wholeRoot(base["over"], degree), wholeRoot(base["under"], degree)]
        a2 = _at(_t32, 0)
        b2 = _at(_t32, 1)
        return (None if ((a2 is None) or (b2 is None)) else power2(_O({"over": a2, "under": b2}), _O({"over": exponent["over"], "under": 1})))
    times3 = ((-exponent["over"]) if (exponent["over"] < 0) else exponent["over"])
    if (base["over"] == 0):
        return (base if (exponent["over"] > 0) else None)
    isUnit = ((base["under"] == 1) and ((base["over"] == 1) or (base["over"] == (-1))))
    if isUnit:
        return (_O({"over": 1, "under": 1}) if ((times3 % 2) == 0) else base)
    if ((times3 > _big(MOST_BITS)) or ((_number(times3) * (max(bits(base["over"]), bits(base["under"])) - 4)) > MOST_BITS)):
        return None
    _t33 = [_power(base["over"], times3), _power(base["under"], times3)]
    a = _at(_t33, 0)
    b = _at(_t33, 1)
    return (rational(b, a) if (exponent["over"] < 0) else rational(a, b))

def toNumber(_p1):
    over3 = _p1["over"]
    under = _p1["under"]
    if (under == 1):
        return _number(over3)
    shift = (bits(over3) - bits(under))
    _t34 = [max(0, (bits(over3) - 128)), max(0, (bits(under) - 128))]
    a = _at(_t34, 0)
    b = _at(_t34, 1)
    return ((0 if (shift < 0) else _INF) if (abs(shift) > 1100) else ((_number((over3 >> _big(a))) / _number((under >> _big(b)))) * _power(2, (a - b))))

def fromDecimal(text2):
    if (len(text2) > 4800):
        return None
    point = _indexOf(text2, ".")
    return (rational(_big(text2)) if (point < 0) else rational(_big((text2[0:point] + text2[(point + 1):])), _power(10, _big(((len(text2) - point) - 1)))))

def decimals(under):
    _t35 = [under, 0, 0]
    rest = _at(_t35, 0)
    twos = _at(_t35, 1)
    fives = _at(_t35, 2)
    while ((rest % 2) == 0):
        twos += 1
        rest = _quotient(rest, 2)
    while ((rest % 5) == 0):
        fives += 1
        rest = _quotient(rest, 5)
    return (max(twos, fives) if (rest == 1) else None)
MOST_DECIMALS = 400

def format(value5):
    if (value5["under"] == 1):
        return _str(value5["over"])
    places = (None if (bits(value5["under"]) > (4 * MOST_DECIMALS)) else decimals(value5["under"]))
    if ((places is None) or (places > MOST_DECIMALS)):
        return (_str(value5["over"]) + "/" + _str(value5["under"]))
    digits2 = _padStart(_str((((-value5["over"]) if (value5["over"] < 0) else value5["over"]) * _quotient(_power(10, _big(places)), value5["under"]))), (places + 1), "0")
    return (_str(("-" if (value5["over"] < 0) else "")) + _str(digits2[0:(-places)]) + "." + _str(digits2[(-places):]))


# src/tasks/grading/mathematics/Complex.ts
NONE = _O({"re": _NAN, "im": _NAN})
CONSTANTS = _O({"pi": _O({"re": math.pi, "im": 0}), "e": _O({"re": math.e, "im": 0}), "i": _O({"re": 0, "im": 1}), "infinity": _O({"re": _INF, "im": 0})})

def real(re_):
    return _O({"re": re_, "im": 0})

def plus2(a=None, b=None, *_more):
    return _O({"re": (a["re"] + b["re"]), "im": (a["im"] + b["im"])})

def times2(a=None, b=None, *_more):
    return (real((a["re"] * b["re"])) if ((a["im"] == 0) and (b["im"] == 0)) else _O({"re": ((a["re"] * b["re"]) - (a["im"] * b["im"])), "im": ((a["re"] * b["im"]) + (a["im"] * b["re"]))}))

def over2(a, b):
    if (b["im"] == 0):
        return (NONE if (b["re"] == 0) else _O({"re": (a["re"] / b["re"]), "im": (0 if (a["im"] == 0) else (a["im"] / b["re"]))}))
    size2 = ((b["re"] * b["re"]) + (b["im"] * b["im"]))
    return _O({"re": (((a["re"] * b["re"]) + (a["im"] * b["im"])) / size2), "im": (((a["im"] * b["re"]) - (a["re"] * b["im"])) / size2)})

def size(a):
    return (abs(a["re"]) if (a["im"] == 0) else _math("hypot")(a["re"], a["im"]))

def logarithm(a=None, *_more):
    return (real(_math("log")(a["re"])) if ((a["im"] == 0) and (a["re"] > 0)) else (NONE if ((a["re"] == 0) and (a["im"] == 0)) else _O({"re": _math("log")(size(a)), "im": _math("atan2")(a["im"], a["re"])})))

def exponential(a=None, *_more):
    return (real(_math("exp")(a["re"])) if (a["im"] == 0) else _O({"re": (_math("exp")(a["re"]) * _math("cos")(a["im"])), "im": (_math("exp")(a["re"]) * _math("sin")(a["im"]))}))

def power3(a, b):
    if ((a["im"] == 0) and (b["im"] == 0)):
        if ((a["re"] == 0) and (b["re"] <= 0)):
            return NONE
        value5 = _power(a["re"], b["re"])
        if (not _is_nan(value5)):
            return real(value5)
    if (((b["im"] == 0) and _is_integer(b["re"])) and (abs(b["re"]) <= 64)):
        result = real(1)
        i = 0
        while (i < abs(b["re"])):
            result = times2(result, a)
            i += 1
        return (over2(real(1), result) if (b["re"] < 0) else result)
    return exponential(times2(logarithm(a), b))
I = _O({"re": 0, "im": 1})

def sine(a=None, *_more):
    return (real(_math("sin")(a["re"])) if (a["im"] == 0) else _O({"re": (_math("sin")(a["re"]) * _math("cosh")(a["im"])), "im": (_math("cos")(a["re"]) * _math("sinh")(a["im"]))}))

def cosine(a=None, *_more):
    return (real(_math("cos")(a["re"])) if (a["im"] == 0) else _O({"re": (_math("cos")(a["re"]) * _math("cosh")(a["im"])), "im": ((-_math("sin")(a["re"])) * _math("sinh")(a["im"]))}))

def realOnly(f):
    return (lambda a=None, *_more: (real(f(a["re"])) if (a["im"] == 0) else NONE))
functions = _O({"sin": sine, "cos": cosine, "tan": (lambda a=None, *_more: over2(sine(a), cosine(a))), "cot": (lambda a=None, *_more: over2(cosine(a), sine(a))), "sec": (lambda a=None, *_more: over2(real(1), cosine(a))), "csc": (lambda a=None, *_more: over2(real(1), sine(a))), "arcsin": realOnly(_math("asin")), "arccos": realOnly(_math("acos")), "arctan": realOnly(_math("atan")), "arccot": realOnly((lambda x=None, *_more: ((math.pi / 2) - _math("atan")(x)))), "sinh": (lambda a=None, *_more: times2(over2(sine(times2(I, a)), I), real(1))), "cosh": (lambda a=None, *_more: cosine(times2(I, a))), "tanh": realOnly(_math("tanh")), "ln": logarithm, "log": (lambda a=None, base=None, *_more: over2(logarithm(a), logarithm((_t36 if (_t36 := base) is not None else real(10))))), "lg": (lambda a=None, *_more: over2(logarithm(a), real(_LN10))), "exp": exponential, "abs": (lambda a=None, *_more: real(size(a))), "floor": realOnly(_floor), "ceil": realOnly(_ceil), "arg": (lambda a=None, *_more: real(_math("atan2")(a["im"], a["re"]))), "Re": (lambda a=None, *_more: real(a["re"])), "Im": (lambda a=None, *_more: real(a["im"]))})
ANGLES = _Set(["sin", "cos", "tan", "cot", "sec", "csc"])

def call(name, _p2):
    _t37 = _p2
    a = _at(_t37, 0)
    b = _at(_t37, 1)
    return (NONE if (a is None) else (_t39 if (_t39 := (None if (_t38 := _at(functions, name)) is None else _t38(a, b))) is not None else NONE))

def isKnown(a):
    return ((not _is_nan(a["re"])) and (not _is_nan(a["im"])))
TOLERANCE = 1e-9

def isNear(a, b, tolerance=None, floor2=None):
    if tolerance is None:
        tolerance = TOLERANCE
    if floor2 is None:
        floor2 = 0
    return (((a["re"] == b["re"]) and (a["im"] == b["im"])) or ((_is_finite(size(a)) and _is_finite(size(b))) and (size(_O({"re": (a["re"] - b["re"]), "im": (a["im"] - b["im"])})) <= (tolerance * max(size(a), size(b), floor2)))))


# src/tasks/grading/mathematics/Evaluate.ts

def fold(parts, letters2, combine2):
    total = None
    for _t40 in _entries(parts):
        _t41 = _t40
        i = _at(_t41, 0)
        part = _at(_t41, 1)
        value5 = exact(part, letters2)
        if (value5 is None):
            return None
        total = (value5 if (i == 0) else combine2(total, value5))
        if (total is None):
            return None
    return total

def whole(value5):
    return (_number(value5["over"]) if (((value5["under"] == 1) and (value5["over"] >= 0)) and (value5["over"] <= 1000)) else None)

def binomial(n, k):
    result = 1
    i = 1
    while (i <= k):
        result = _quotient((result * _big(((n - k) + i))), _big(i))
        i += 1
    return (0 if (k > n) else result)

def floor(_p1):
    over3 = _p1["over"]
    under = _p1["under"]
    return (_quotient(over3, under) if (over3 >= 0) else (-_quotient((((-over3) + under) - 1), under)))

def exactCall(name, values2):
    _t42 = values2
    a = _at(_t42, 0)
    b = _at(_t42, 1)
    if (a is None):
        return None
    if (name == "abs"):
        return (negative(a) if (a["over"] < 0) else a)
    if (name == "floor"):
        return rational(floor(a))
    if (name == "ceil"):
        return rational((-floor(negative(a))))
    if ((name == "max") or (name == "min")):
        return _reduce(values2, (lambda best=None, value5=None, *_more: (value5 if (((value5["over"] * best["under"]) > (best["over"] * value5["under"])) == (name == "max")) else best)))
    if (name == "factorial"):
        n2 = whole(a)
        return (None if (n2 is None) else rational(_reduce(_array_from(_O({"length": n2}), (lambda _=None, i=None, *_more: _big((i + 1)))), (lambda x=None, y=None, *_more: (x * y)), 1)))
    _t43 = [whole(a), (None if (b is None) else whole(b))]
    n = _at(_t43, 0)
    k = _at(_t43, 1)
    return (rational(binomial(n, k)) if (((name == "binom") and (n is not None)) and (k is not None)) else None)

def exact(node, letters2):
    _t44 = node["kind"]
    if _t44 == "number":
        return node["value"]
    elif _t44 == "variable":
        return letters2(node["name"])
    elif _t44 == "sum":
        return fold(node["parts"], letters2, plus)
    elif _t44 == "product":
        return fold(node["parts"], letters2, times)
    elif _t44 == "negative":
        value5 = exact(node["part"], letters2)
        return (None if (value5 is None) else negative(value5))
    elif _t44 == "percent" or _t44 == "degree":
        value5_2 = exact(node["part"], letters2)
        return (value5_2 if ((value5_2 is None) or (node["kind"] == "degree")) else over(value5_2, _O({"over": 100, "under": 1})))
    elif _t44 == "quotient" or _t44 == "power":
        left = exact(node["left"], letters2)
        right = (None if (left is None) else exact(node["right"], letters2))
        return (None if ((left is None) or (right is None)) else (power2(left, right) if (node["kind"] == "power") else over(left, right)))
    elif _t44 == "call":
        values2 = [exact(part, letters2) for part in node["parts"]]
        return (None if _includes(values2, None) else exactCall(node["name"], values2))
    else:
        return None
RADIANS = (math.pi / 180)

def asNumber(value5):
    return (NONE if (value5 is None) else _O({"re": toNumber(value5), "im": 0}))

def numeric(node, letters2):
    _t45 = node["kind"]
    if _t45 == "number":
        return asNumber(node["value"])
    elif _t45 == "variable":
        return asNumber(letters2(node["name"]))
    elif _t45 == "constant":
        return _at(CONSTANTS, node["name"])
    elif _t45 == "sum":
        return _reduce([numeric(part, letters2) for part in node["parts"]], plus2)
    elif _t45 == "product":
        return _reduce([numeric(part, letters2) for part in node["parts"]], times2)
    elif _t45 == "negative":
        return times2(numeric(node["part"], letters2), _O({"re": (-1), "im": 0}))
    elif _t45 == "percent":
        return times2(numeric(node["part"], letters2), _O({"re": 0.01, "im": 0}))
    elif _t45 == "degree":
        return numeric(node["part"], letters2)
    elif _t45 == "quotient":
        return over2(numeric(node["left"], letters2), numeric(node["right"], letters2))
    elif _t45 == "power":
        root = (exact(node["right"], letters2) if (node["right"]["kind"] == "quotient") else None)
        _t46 = [numeric(node["left"], letters2), numeric(node["right"], letters2)]
        base = _at(_t46, 0)
        exponent = _at(_t46, 1)
        isOdd = (((((root is not None) and ((root["under"] % 2) == 1)) and (root["under"] > 1)) and (base["im"] == 0)) and (base["re"] < 0))
        if (not isOdd):
            return power3(base, exponent)
        size2 = _power((-base["re"]), exponent["re"])
        return _O({"re": (size2 if ((root["over"] % 2) == 0) else (-size2)), "im": 0})
    elif _t45 == "call":
        isAngle = _has(ANGLES, node["name"])
        def _f2(part=None, *_more):
            value5 = numeric(part, letters2)
            return (times2(value5, _O({"re": RADIANS, "im": 0})) if (isAngle and (part["kind"] == "degree")) else value5)
        values2 = _map(node["parts"], _f2)
        known2 = [exact(part, letters2) for part in node["parts"]]
        result = (None if _includes(known2, None) else exactCall(node["name"], known2))
        return (call(node["name"], values2) if (result is None) else asNumber(result))
    elif _t45 == "base":
        base_2 = _number(node["base"])
        return (_O({"re": _parse_int(node["digits"], base_2), "im": 0}) if ((_is_integer(base_2) and (base_2 >= 2)) and (base_2 <= 10)) else NONE)
    else:
        return NONE

def lettersOf(node, found=None):
    if found is None:
        found = _Set()
    if (node["kind"] == "variable"):
        _add(found, node["name"])
    else:
        if (node["kind"] == "matrix"):
            for part in _flat(node["rows"]):
                lettersOf(part, found)
        else:
            if ("parts" in node):
                for part_2 in node["parts"]:
                    lettersOf(part_2, found)
            else:
                if ("part" in node):
                    lettersOf(node["part"], found)
                else:
                    if ("left" in node):
                        lettersOf(node["left"], found)
                        lettersOf(node["right"], found)
    return found

def nameSet(node):
    return _join(_toSorted([*lettersOf(node)]))

def NONE2(*_more):
    return None

def exactValue(node):
    return exact(node, NONE2)

def numericValue(node):
    return numeric(node, NONE2)

def numberNode(text2):
    value5 = fromDecimal(text2)
    return (None if (value5 is None) else _O({"kind": "number", "value": value5}))


# src/tasks/grading/mathematics/Relations.ts

def hasNumber(node=None, *_more):
    return (((((node["kind"] == "number") or (node["kind"] == "base")) or (("parts" in node) and _some(node["parts"], hasNumber))) or (("part" in node) and hasNumber(node["part"]))) or (("left" in node) and (hasNumber(node["left"]) or hasNumber(node["right"]))))
_R60 = _RegExp("^[f-hA-Z]", "")

def isApplied(node):
    return ((((node["kind"] == "product") and (len(node["parts"]) == 2)) and (_at(node["parts"], 0)["kind"] == "variable")) and _R60.test(_at(node["parts"], 0)["name"]))

def isCalled(node):
    return ((isName(node) or isApplied(node)) or ((len(lettersOf(node)) > 0) and (not hasNumber(node))))

def isName(node=None, *_more):
    return (((node["kind"] == "variable") or ((node["kind"] == "tuple") and _every(node["parts"], isName))) or ((((node["kind"] == "product") and (len(node["parts"]) == 2)) and (_at(node["parts"], 0)["kind"] == "variable")) and isName(_at(node["parts"], 1))))

def valueOf(node):
    if (node["kind"] != "relation"):
        return node
    if ((len(node["signs"]) == 1) and (_at(node["signs"], 0) == "\\in")):
        return (_at(node["parts"], 1) if isName(_at(node["parts"], 0)) else None)
    if (not all(((sign2 == "=") or (sign2 == "\\approx")) for sign2 in node["signs"])):
        return None
    last = _counted(node["parts"], (-1))
    if (isName(last) and (len(lettersOf(_at(node["parts"], 0))) == 0)):
        return _at(node["parts"], 0)
    before2 = node["parts"][0:(-1)]
    isClosed = (len(lettersOf(last)) == 0)
    return (last if (isName(_at(before2, 0)) or (isClosed and (isCalled(_at(before2, 0)) or all((len(lettersOf(part)) == 0) for part in before2)))) else None)
flipped = _O({"<": ">", ">": "<", "\\leq": "\\geq", "\\geq": "\\leq"})

def intervalOf(node):
    if ((node["kind"] != "relation") or (not all((_at(flipped, sign2) is not None) for sign2 in node["signs"]))):
        return None
    isRising = all(((sign2 == "<") or (sign2 == "\\leq")) for sign2 in node["signs"])
    isFalling = all(((sign2 == ">") or (sign2 == "\\geq")) for sign2 in node["signs"])
    if ((not isRising) and (not isFalling)):
        return None
    parts = (node["parts"] if isRising else _toReversed(node["parts"]))
    signs = (node["signs"] if isRising else [_at(flipped, sign2) for sign2 in _toReversed(node["signs"])])
    at = _findIndex(parts, isName)
    if ((((at < 0) or _some_i(parts, (lambda part=None, i=None, *_more: ((i != at) and (len(lettersOf(part)) > 0))))) or (len(parts) > 3)) or ((len(parts) == 3) and (at != 1))):
        return None
    infinity2 = _O({"kind": "constant", "name": "infinity"})
    return _O({"kind": "tuple", "open": ("(" if ((at == 0) or (_at(signs, (at - 1)) == "<")) else "["), "close": (")" if ((at == (len(parts) - 1)) or (_at(signs, at) == "<")) else "]"), "parts": [(_t47 if (_t47 := _at(parts, (at - 1))) is not None else _O({"kind": "negative", "part": infinity2})), (_t48 if (_t48 := _at(parts, (at + 1))) is not None else infinity2)]})

def difference(_p1):
    parts = _p1["parts"]
    return _O({"kind": "sum", "parts": [_at(parts, 0), _O({"kind": "negative", "part": _at(parts, 1)})]})

def positive(node=None, *_more):
    _t49 = node["signs"]
    sign2 = _at(_t49, 0)
    if (((len(node["signs"]) != 1) or (sign2 is None)) or (_at(flipped, sign2) is None)):
        return None
    return difference((node if ((sign2 == ">") or (sign2 == "\\geq")) else _O({**(node or {}), "parts": _toReversed(node["parts"])})))

def isStrict(_p1):
    signs = _p1["signs"]
    return ((_at(signs, 0) == "<") or (_at(signs, 0) == ">"))


# src/tasks/grading/mathematics/Values.ts

def hash_(name):
    return (_reduce([*name], (lambda sum=None, sign2=None, *_more: _int32((_imul(sum, 31) + _charCodeAt(sign2, 0)))), 17) & 0xffffffff)
UNDER = 100003
POINTS = 6
ENOUGH = 3
PROBE_TOLERANCE = 1e-8
ROUNDING = 0.001
VANISHING = 1e-14

def lettersAt(point):
    def _f3(name=None, *_more):
        over3 = _big((30011 + (3 * (((hash_(name) % UNDER) * (7919 + (104729 * point))) % UNDER))))
        return _O({"over": ((-over3) if ((point % 3) == 2) else over3), "under": _big(UNDER)})
    return _f3

def isRounded(x, decimal):
    return ((((decimal["under"] >= _power(10, 8)) and (not _includes(format(decimal), "/"))) and _includes(format(x), "/")) and isNear(_O({"re": toNumber(x), "im": 0}), _O({"re": toNumber(decimal), "im": 0})))

def sameValue(a, b):
    if ((len(lettersOf(a)) == 0) and (len(lettersOf(b)) == 0)):
        _t50 = [exactValue(a), exactValue(b)]
        x = _at(_t50, 0)
        y = _at(_t50, 1)
        if ((x is not None) and (y is not None)):
            return ((isSame(x, y) or isRounded(x, y)) or isRounded(y, x))
        _t51 = [numericValue(a), numericValue(b)]
        u = _at(_t51, 0)
        v = _at(_t51, 1)
        if ((not isKnown(u)) or (not isKnown(v))):
            return None
        isInfinite = ((not _is_finite(u["re"])) and (not _is_finite(v["re"])))
        if isInfinite:
            return (isNear(u, v) if (isInfinity(a) and isInfinity(b)) else None)
        isZero = (((None if (_t52 := x) is None else _t52["over"]) == 0) or ((None if (_t53 := y) is None else _t53["over"]) == 0))
        if isNear(u, v, TOLERANCE, (ROUNDING if isZero else 0)):
            return True
        return (None if (((not isZero) and (size(u) < VANISHING)) and (size(v) < VANISHING)) else False)
    told = 0
    point = 0
    while (point < POINTS):
        letters2 = lettersAt(point)
        _t54 = [exact(a, letters2), exact(b, letters2)]
        x_2 = _at(_t54, 0)
        y_2 = _at(_t54, 1)
        if ((x_2 is not None) and (y_2 is not None)):
            if (not isSame(x_2, y_2)):
                return False
            told += 1
            point += 1
            continue
        _t55 = [numeric(a, letters2), numeric(b, letters2)]
        u_2 = _at(_t55, 0)
        v_2 = _at(_t55, 1)
        if ((not _is_finite(size(u_2))) or (not _is_finite(size(v_2)))):
            point += 1
            continue
        if (not isNear(u_2, v_2, PROBE_TOLERANCE, ROUNDING)):
            return False
        if ((size(u_2) > 1e-100) or (size(v_2) > 1e-100)):
            told += 1
        point += 1
    return (True if (told >= ENOUGH) else None)

def isInfinity(node):
    return (isInfinity(node["part"]) if (node["kind"] == "negative") else ((node["kind"] == "constant") and (node["name"] == "infinity")))

def sameEquation(a, b):
    if (nameSet(a) != nameSet(b)):
        return False
    first = None
    told = 0
    point = 0
    while (point < POINTS):
        letters2 = lettersAt(point)
        _t56 = [exact(a, letters2), exact(b, letters2)]
        x = _at(_t56, 0)
        y = _at(_t56, 1)
        if (((x is not None) and (y is not None)) and ((first is None) or ("over" in _at(first, 0)))):
            if ((x["over"] == 0) != (y["over"] == 0)):
                return False
            if (x["over"] == 0):
                point += 1
                continue
            _t58 = (_t57 if (_t57 := first) is not None else [x, y])
            p2 = _at(_t58, 0)
            q2 = _at(_t58, 1)
            _t59 = [times(x, q2), times(y, p2)]
            left = _at(_t59, 0)
            right = _at(_t59, 1)
            if (((left is None) or (right is None)) or (not isSame(left, right))):
                return False
            first = [p2, q2]
            told += 1
            point += 1
            continue
        _t60 = [numeric(a, letters2), numeric(b, letters2)]
        u = _at(_t60, 0)
        v = _at(_t60, 1)
        if ((not _is_finite(size(u))) or (not _is_finite(size(v)))):
            point += 1
            continue
        _t61 = ([u, v] if ((first is None) or ("over" in _at(first, 0))) else first)
        p = _at(_t61, 0)
        q = _at(_t61, 1)
        if (not isNear(times2(u, q), times2(v, p), PROBE_TOLERANCE, ROUNDING)):
            return False
        first = [p, q]
        told += 1
        point += 1
    return (told >= ENOUGH)

def sameSign(a, b):
    _t62 = [numeric(a, lettersAt(0)), numeric(b, lettersAt(0))]
    x = _at(_t62, 0)
    y = _at(_t62, 1)
    return ((x["re"] * y["re"]) > 0)


# src/tasks/grading/mathematics/Compare.ts

def every(results):
    return (False if _includes(results, False) else (None if _includes(results, None) else True))
MOST_PARTS = 40

def inOrder(a, b):
    return (every(_map_i(a, (lambda part=None, i=None, *_more: same(part, _at(b, i))))) if ((len(a) == len(b)) and (len(a) <= MOST_PARTS)) else False)

def inAnyOrder(a, b):
    return ((((len(a) <= MOST_PARTS) and (len(b) <= MOST_PARTS)) and all(any((same(x, y) == True) for y in b) for x in a)) and all(any((same(x, y) == True) for x in a) for y in b))

def isEquation(node):
    return (((node["kind"] == "relation") and (len(node["signs"]) == 1)) and (_at(node["signs"], 0) == "="))

def sameRelation(a, b):
    if ((_join(a["signs"]) == _join(b["signs"])) and (inOrder(a["parts"], b["parts"]) == True)):
        return True
    if (isEquation(a) and isEquation(b)):
        _t63 = [valueOf(a), valueOf(b)]
        x = _at(_t63, 0)
        y = _at(_t63, 1)
        _t64 = [_at(a["parts"], 0), _at(b["parts"], 0)]
        left = _at(_t64, 0)
        right = _at(_t64, 1)
        areNamed = ((((x == _at(a["parts"], 1)) and (y == _at(b["parts"], 1))) and isName(left)) and isName(right))
        if ((areNamed and ((nameSet(left) == nameSet(right)) or (len(lettersOf(x)) > 0))) and (same(x, y) == True)):
            return True
        return sameEquation(difference(a), difference(b))
    _t65 = [(valueOf(node) if (all((sign2 == "=") for sign2 in node["signs"]) and isName(_at(node["parts"], 0))) else None) for node in [a, b]]
    u = _at(_t65, 0)
    v = _at(_t65, 1)
    if ((u is not None) and (v is not None)):
        return ((nameSet(_at(a["parts"], 0)) == nameSet(_at(b["parts"], 0))) and (same(u, v) == True))
    _t68 = _map([a, b], (lambda node=None, *_more: (_t67 if (_t67 := intervalOf(node)) is not None else (valueOf(node) if (_at(node["signs"], 0) == "\\in") else None))))
    p = _at(_t68, 0)
    q = _at(_t68, 1)
    if ((p is not None) and (q is not None)):
        return ((nameSet(a) == nameSet(b)) and (same(p, q) == True))
    _t69 = _map([a, b], positive)
    above = _at(_t69, 0)
    below = _at(_t69, 1)
    if ((((above is not None) and (below is not None)) and (isStrict(a) == isStrict(b))) and sameEquation(above, below)):
        return sameSign(above, below)
    isTurned = (((len(a["signs"]) == 1) and (len(b["signs"]) == 1)) and (_at(flipped, _at(a["signs"], 0)) == _at(b["signs"], 0)))
    return (isTurned and (inOrder(a["parts"], _toReversed(b["parts"])) == True))

def vectorOf(node):
    if (node["kind"] == "tuple"):
        return node["parts"]
    if (node["kind"] != "matrix"):
        return None
    return (_flat(node["rows"]) if all((len(row) == 1) for row in node["rows"]) else (_at(node["rows"], 0) if (len(node["rows"]) == 1) else None))
COLLECTIONS = ["set", "list", "union"]

def readingsOf(node):
    return ([node, node["part"]] if (node["kind"] == "percent") else [node])

def values(parts):
    return _map(parts, (lambda part=None, *_more: (_t73 if (_t73 := (_t72 if (_t72 := valueOf(part)) is not None else intervalOf(part))) is not None else part)))

def same(a, b):
    if ((a["kind"] == "relation") and (b["kind"] == "relation")):
        def approximate(node):
            return ((node["kind"] == "relation") and _includes(node["signs"], "\\approx"))
        if ((not approximate(a)) and (not approximate(b))):
            return sameRelation(a, b)
    if (b["kind"] == "relation"):
        at = _indexOf(b["signs"], "\\approx")
        if (at >= 0):
            return any((same(a, part) == True) for part in [_at(b["parts"], at), _at(b["parts"], (at + 1))])
        value5 = (_t74 if (_t74 := valueOf(b)) is not None else intervalOf(b))
        return (False if (value5 is None) else same(a, value5))
    if (a["kind"] == "relation"):
        value5_2 = (_t75 if (_t75 := valueOf(a)) is not None else intervalOf(a))
        return (False if (value5_2 is None) else same(value5_2, b))
    if (_includes(COLLECTIONS, a["kind"]) or _includes(COLLECTIONS, b["kind"])):
        _t76 = [(node["parts"] if (("parts" in node) and _includes(COLLECTIONS, node["kind"])) else None) for node in [a, b]]
        x = _at(_t76, 0)
        y = _at(_t76, 1)
        if ((x is not None) and (y is not None)):
            return (inAnyOrder(x, y) or inAnyOrder(values(x), values(y)))
        other = (a if (x is None) else b)
        parts = (_t77 if (_t77 := x) is not None else y)
        vector = (vectorOf(other) if ((a["kind"] == "list") or (b["kind"] == "list")) else None)
        if ((vector is not None) and ((other["kind"] != "tuple") or ((other["open"] == "(") and (other["close"] == ")")))):
            return (inOrder(vector, values(parts)) if (x is None) else inOrder(values(parts), vector))
        return (((len(parts) > 0) and (len(parts) <= MOST_PARTS)) and every([(same(a, part) if (x is None) else same(part, b)) for part in values(parts)]))
    _t78 = [vectorOf(a), vectorOf(b)]
    left = _at(_t78, 0)
    right = _at(_t78, 1)
    if ((left is not None) and (right is not None)):
        if (((a["kind"] == "tuple") and (b["kind"] == "tuple")) and ((a["open"] != b["open"]) or (a["close"] != b["close"]))):
            return False
        return inOrder(left, right)
    if ((a["kind"] == "matrix") or (b["kind"] == "matrix")):
        return (every(_map_i(a["rows"], (lambda row=None, i=None, *_more: inOrder(row, _at(b["rows"], i))))) if (((a["kind"] == "matrix") and (b["kind"] == "matrix")) and (len(a["rows"]) == len(b["rows"]))) else False)
    if ((left is not None) or (right is not None)):
        return False
    if ((a["kind"] == "without") or (b["kind"] == "without")):
        return (every([same(a["left"], b["left"]), same(a["right"], b["right"])]) if ((a["kind"] == "without") and (b["kind"] == "without")) else False)
    if ((a["kind"] == "base") or (b["kind"] == "base")):
        return sameDigits(a, b)
    if ((a["kind"] == "percent") or (b["kind"] == "percent")):
        return (sameValue(a, b) if (a["kind"] == b["kind"]) else any(any((sameValue(x, y) == True) for y in readingsOf(b)) for x in readingsOf(a)))
    return sameValue(a, b)

def sameDigits(a, b):
    _t79 = [(node if (node["kind"] == "base") else (_O({"digits": _str(node["value"]["over"]), "base": ""}) if ((node["kind"] == "number") and (node["value"]["under"] == 1)) else None)) for node in [a, b]]
    x = _at(_t79, 0)
    y = _at(_t79, 1)
    return ((((x is not None) and (y is not None)) and (x["digits"] == y["digits"])) and (((x["base"] == y["base"]) or (x["base"] == "")) or (y["base"] == "")))


# src/tasks/grading/mathematics/Engine.ts

def isMissing():
    return True

def isReadable(latex):
    return False

def areEqual(a, b):
    return None


# src/tasks/grading/mathematics/Scanner.ts
MOST_DEPTH = 50

class Unread(Exception):
    pass
_R61 = _RegExp("\\\\(?:[a-zA-Z]+|[^a-zA-Z])", "y")
command = _R61
_R62 = _RegExp("\\\\overline\\{(\\d+)\\}", "y")
RECURRING = _R62

def whole2(value5):
    return _O({"kind": "number", "value": _O({"over": value5, "under": 1})})
_R63 = _RegExp("^ (\\d+)\\/(\\d+)(?![\\d.])", "")
_R64 = _RegExp("^(?:\\{((?:[^{}]|\\{[^{}]*\\})*)\\}|(\\d+|[a-zA-Z]|\\\\[a-zA-Z]+))", "")
_R65 = _RegExp("\\s", "g")

class Scanner(_Object):
    def __init__(self, text2, sign2):
        self.at = 0
        self.depth = 0
        self.bars = False
        self.text = None
        self.sign = None
        self.text = text2
        self.sign = sign2
    def fail(self):
        raise Unread()
    def skipSpaces(self):
        while (_at(self.text, self.at) == " "):
            self.at += 1
    def peek(self):
        self.skipSpaces()
        if (_at(self.text, self.at) != "\\"):
            return (_t80 if (_t80 := _at(self.text, self.at)) is not None else "")
        command.lastIndex = self.at
        return (_t82 if (_t82 := (None if (_t81 := command.exec(self.text)) is None else _at(_t81, 0))) is not None else self.fail())
    def take(self):
        next_ = self.peek()
        self.at += len(next_)
        return next_
    def is_(self, sign2=None):
        if (self.peek() != sign2):
            return False
        self.at += len(sign2)
        return True
    def expect(self, sign2=None):
        if (not self.is_(sign2)):
            self.fail()
    def nested(self, read3=None):
        if (_advance(self, "depth", +1) > MOST_DEPTH):
            self.fail()
        value5 = read3()
        self.depth -= 1
        return value5
    def number(self):
        from_ = self.at
        found = (_t83 if (_t83 := readNumber(self.text, self.at, len(self.text), _O({"noCommas": True}))) is not None else self.fail())
        self.at = found["end"]
        if _startsWith(self.text, ".\\overline{", self.at):
            self.at += 1
        RECURRING.lastIndex = self.at
        value5 = (_t84 if (_t84 := fromDecimal(found["value"])) is not None else self.fail())
        _t86 = (_t85 if (_t85 := RECURRING.exec(self.text)) is not None else [])
        all_ = _at(_t86, 0)
        digits2 = _at(_t86, 1)
        if ((all_ is not None) and (digits2 is not None)):
            self.at += len(all_)
            point = _indexOf(self.text[from_:found["end"]], ".")
            places = (0 if (point < 0) else (((found["end"] - from_) - point) - 1))
            under2 = (_power(10, _big(places)) * (_power(10, _big(len(digits2))) - 1))
            return _O({"kind": "sum", "parts": [_O({"kind": "number", "value": value5}), _O({"kind": "quotient", "left": whole2(_big(digits2)), "right": whole2(under2)})]})
        _t88 = (_t87 if (_t87 := _R63.exec(self.text[self.at:(self.at + 40)])) is not None else [])
        mixed = _at(_t88, 0)
        over3 = _at(_t88, 1)
        under = _at(_t88, 2)
        if ((mixed is not None) and (value5["under"] == 1)):
            self.at += len(mixed)
            return _O({"kind": "sum", "parts": [_O({"kind": "number", "value": value5}), _O({"kind": "quotient", "left": whole2(_big(over3)), "right": whole2(_big(under))})]})
        if self.is_("_"):
            base = self.subscript()
            return _O({"kind": "base", "digits": found["value"], "base": base})
        return _O({"kind": "number", "value": value5})
    def subscript(self):
        _t90 = (_t89 if (_t89 := _R64.exec(self.text[self.at:])) is not None else [])
        all_ = _at(_t90, 0)
        group = _at(_t90, 1)
        single = _at(_t90, 2)
        if (all_ is None):
            self.fail()
        self.at += len(all_)
        return (_t91 if (_t91 := group) is not None else single)
    def name(self, letter=None):
        name = letter
        if self.is_("_"):
            name += ("_" + _str(_replace(self.subscript(), _R65, "")))
        while self.is_("'"):
            name += "'"
        return name


# src/tasks/grading/mathematics/Parse.ts
RELATIONS = ["=", "<", ">", "\\leq", "\\geq", "\\neq", "\\in", "\\approx"]
_R66 = _RegExp("^\\\\(?:alpha|beta|gamma|delta|epsilon|varepsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|rho|sigma|tau|phi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Sigma|Phi|Psi|Omega|ell|hbar)$", "")
GREEK = _R66
_R67 = _RegExp("^\\\\(?:vec|hat|bar|tilde|overline|mathbb|mathcal|text)$", "")
ACCENTS = _R67
_R68 = _RegExp("^(?:[pbBvV]?matrix|smallmatrix|array|cases|aligned|align\\*?)$", "")
MATRICES = _R68
_R69 = _RegExp("[a-zA-Z([{]", "")
_R70 = _RegExp("^\\\\(?:\\}|\\\\|rangle|cup|setminus|pm|mp|end|mod|pmod|rfloor|rceil|ldots|choose)$", "")
_R71 = _RegExp("^[a-zA-Z]$", "")
_R72 = _RegExp("^(?:[a-zA-Z]|\\\\pi|\\\\frac|\\\\sqrt)$", "")
_R73 = _RegExp("^\\{([a-zA-Z*]+)\\}(?:\\{[lcr|]*\\})?", "")
_R74 = _RegExp("^[vV]", "")

class Reader(Scanner):
    def parts(self):
        parts = [self.relation()]
        while self.is_(","):
            _push(parts, self.relation())
        return parts
    def whole(self):
        parts = self.parts()
        if (self.peek() != ""):
            self.fail()
        return (_at(parts, 0) if (len(parts) == 1) else _O({"kind": "list", "parts": parts}))
    def relation(self):
        parts = [self.union()]
        signs = []
        while True:
            sign2 = next((each for each in RELATIONS if (each == self.peek())), None)
            if (sign2 is None):
                break
            self.take()
            _push(signs, sign2)
            _push(parts, self.union())
        return (_at(parts, 0) if (len(signs) == 0) else _O({"kind": "relation", "parts": parts, "signs": signs}))
    def union(self):
        parts = [self.sum()]
        while True:
            if self.is_("\\cup"):
                _push(parts, self.sum())
            else:
                if self.is_("\\setminus"):
                    _push(parts, _O({"kind": "without", "left": _pop(parts), "right": self.sum()}))
                else:
                    break
        return (_at(parts, 0) if (len(parts) == 1) else _O({"kind": "union", "parts": parts}))
    def sum(self):
        def _f4(*_more):
            parts = []
            while True:
                next_ = self.peek()
                isMinus2 = (((next_ == "-") or ((next_ == "\\pm") and (self.sign < 0))) or ((next_ == "\\mp") and (self.sign > 0)))
                hasSign2 = (((isMinus2 or (next_ == "+")) or (next_ == "\\pm")) or (next_ == "\\mp"))
                if hasSign2:
                    self.take()
                else:
                    if (len(parts) > 0):
                        break
                part = self.product()
                _push(parts, (_O({"kind": "negative", "part": part}) if isMinus2 else part))
            return (_at(parts, 0) if (len(parts) == 1) else _O({"kind": "sum", "parts": parts}))
        return self.nested(_f4)
    def startsFactor(self):
        next_ = self.peek()
        if ((next_ == "") or isDigit(_charCodeAt(next_, 0))):
            return False
        if (next_ == "|"):
            return (not self.bars)
        if (_at(next_, 0) != "\\"):
            return _R69.test(next_)
        return ((not _includes(RELATIONS, next_)) and (not _R70.test(next_)))
    def product(self):
        left = self.factor()
        while True:
            if self.is_("*"):
                left = _O({"kind": "product", "parts": [left, self.factor()]})
            else:
                if (self.is_("/") or self.is_(":")):
                    left = _O({"kind": "quotient", "left": left, "right": self.factor()})
                else:
                    if self.startsFactor():
                        left = self.beside(left)
                    else:
                        return left
    def beside(self, left=None):
        from_ = self.at
        beside = self.powers()
        mark = (beside if ((beside["kind"] == "percent") or (beside["kind"] == "degree")) else None)
        right = (_t93 if (_t93 := (None if (_t92 := mark) is None else _t92["part"])) is not None else beside)
        isMixed = ((((((left["kind"] == "number") and (left["value"]["under"] == 1)) and (right["kind"] == "quotient")) and _startsWith(self.text, "\\frac", from_)) and (right["left"]["kind"] == "number")) and (right["right"]["kind"] == "number"))
        if (not isMixed):
            return _O({"kind": "product", "parts": [left, beside]})
        mixed = _O({"kind": "sum", "parts": [left, right]})
        return (mixed if (mark is None) else _O({"kind": mark["kind"], "part": mixed}))
    def factor(self):
        next_ = self.peek()
        if ((next_ == "-") or (next_ == "+")):
            self.take()
            part = self.nested((lambda *_more: self.factor()))
            return (_O({"kind": "negative", "part": part}) if (next_ == "-") else part)
        return self.powers()
    def powers(self):
        base = self.nested((lambda *_more: self.primary()))
        while True:
            if self.is_("^"):
                right = self.nested((lambda *_more: (self.factor() if (self.peek() == "-") else self.argument())))
                base = _O({"kind": "power", "left": base, "right": right})
            else:
                if self.is_("!"):
                    base = _O({"kind": "call", "name": "factorial", "parts": [base]})
                else:
                    if self.is_("%"):
                        base = _O({"kind": "percent", "part": base})
                    else:
                        if self.is_("\\degree"):
                            base = _O({"kind": "degree", "part": base})
                        else:
                            if self.is_("\\choose"):
                                base = _O({"kind": "call", "name": "binom", "parts": [base, self.primary()]})
                            else:
                                return base
    def argument(self):
        if (not self.is_("{")):
            return self.primary()
        inside = self.relation()
        self.expect("}")
        return inside
    def shortArgument(self):
        self.skipSpaces()
        code = _charCodeAt(self.text, self.at)
        if (not isDigit(code)):
            return self.nested((lambda *_more: self.argument()))
        self.at += 1
        return _O({"kind": "number", "value": _O({"over": _big((code - 48)), "under": 1})})
    def primary(self):
        next_ = self.peek()
        if (isDigit(_charCodeAt(next_, 0)) or (next_ == ".")):
            return self.number()
        if ((_at(next_, 0) == "\\") and (len(next_) > 1)):
            return self.command(self.take())
        if _R71.test(next_):
            self.take()
            if ((next_ == "e") or (next_ == "i")):
                return _O({"kind": "constant", "name": next_})
            return _O({"kind": "variable", "name": self.name(next_)})
        if (next_ == "{"):
            return self.argument()
        if ((next_ == "|") and (not self.bars)):
            self.take()
            self.bars = True
            part = self.sum()
            self.bars = False
            self.expect("|")
            return _O({"kind": "call", "name": "abs", "parts": [part]})
        if (((next_ == "(") or (next_ == "[")) or (next_ == "]")):
            return self.brackets(self.take())
        return self.fail()
    def brackets(self, open=None):
        parts = self.parts()
        close2 = self.take()
        if ((close2 != "[") if (open == "]") else ((close2 != ")") and (close2 != "]"))):
            self.fail()
        if (len(parts) > 1):
            return _O({"kind": "tuple", "open": ("(" if (open == "]") else open), "close": (")" if (close2 == "[") else close2), "parts": parts})
        if ((open == "(") != (close2 == ")")):
            self.fail()
        return _at(parts, 0)
    def command(self, name=None):
        _t94 = name
        if _t94 == "\\pi":
            return _O({"kind": "constant", "name": "pi"})
        elif _t94 == "\\infty":
            return _O({"kind": "constant", "name": "infinity"})
        elif _t94 == "\\frac":
            left = self.shortArgument()
            return _O({"kind": "quotient", "left": left, "right": self.shortArgument()})
        elif _t94 == "\\binom":
            left_2 = self.shortArgument()
            return _O({"kind": "call", "name": "binom", "parts": [left_2, self.shortArgument()]})
        elif _t94 == "\\sqrt":
            degree = whole2(2)
            if self.is_("["):
                degree = self.sum()
                self.expect("]")
            left_3 = self.argument()
            return _O({"kind": "power", "left": left_3, "right": _O({"kind": "quotient", "left": whole2(1), "right": degree})})
        elif _t94 == "\\{":
            parts = ([] if (self.peek() == "\\}") else self.parts())
            self.expect("\\}")
            return _O({"kind": "set", "parts": parts})
        elif _t94 == "\\emptyset":
            return _O({"kind": "set", "parts": []})
        elif _t94 == "\\langle":
            parts_2 = self.parts()
            self.expect("\\rangle")
            return _O({"kind": "tuple", "open": "(", "close": ")", "parts": parts_2})
        elif _t94 == "\\lfloor" or _t94 == "\\lceil":
            part = self.sum()
            self.expect(("\\rfloor" if (name == "\\lfloor") else "\\rceil"))
            return _O({"kind": "call", "name": ("floor" if (name == "\\lfloor") else "ceil"), "parts": [part]})
        elif _t94 == "\\begin":
            return self.matrix()
        if GREEK.test(name):
            return _O({"kind": "variable", "name": self.name(name)})
        if ACCENTS.test(name):
            content = (self.text[self.at:_indexOf(self.text, "}", self.at)] if self.is_("{") else self.take())
            if (content == ""):
                self.fail()
            if (_at(self.text, (self.at - 1)) == "{"):
                self.at += len(content)
                self.expect("}")
            if ((name == "\\mathbb") and (content == "R")):
                return _O({"kind": "tuple", "open": "(", "close": ")", "parts": [_O({"kind": "negative", "part": infinity}), infinity]})
            return _O({"kind": "variable", "name": self.name((_str(name) + "{" + _str(content) + "}"))})
        return (self.call(name[1:]) if (_has(FUNCTIONS, name[1:]) and (name != "\\mod")) else self.fail())
    def call(self, name=None):
        base = (self.nested((lambda *_more: self.argument())) if self.is_("_") else None)
        exponent = (self.nested((lambda *_more: self.argument())) if self.is_("^") else None)
        part = (self.afterBracket() if (self.peek() == "(") else self.bare())
        parts = ([part] if (base is None) else [part, base])
        isInverse = ((((None if (_t95 := exponent) is None else _t95["kind"]) == "negative") and (exponent["part"]["kind"] == "number")) and (exponent["part"]["value"]["over"] == 1))
        if isInverse:
            return _O({"kind": "call", "name": ("arc" + _str(name)), "parts": parts})
        call2 = _O({"kind": "call", "name": name, "parts": (part["parts"] if (part["kind"] == "tuple") else parts)})
        return (call2 if (exponent is None) else _O({"kind": "power", "left": call2, "right": exponent}))
    def afterBracket(self):
        self.take()
        return self.nested((lambda *_more: self.brackets("(")))
    def bare(self):
        part = self.nested((lambda *_more: self.factor()))
        while (self.startsFactor() and _R72.test(self.peek())):
            part = _O({"kind": "product", "parts": [part, self.powers()]})
        if ((self.peek() == "/") and (part["kind"] != "call")):
            self.take()
            part = _O({"kind": "quotient", "left": part, "right": self.factor()})
        return part
    def matrix(self):
        _t97 = (_t96 if (_t96 := _R73.exec(self.text[self.at:])) is not None else [])
        all_ = _at(_t97, 0)
        name = _at(_t97, 1)
        if name is None:
            name = ""
        if (((all_ is None) or (not MATRICES.test(name))) or _R74.test(name)):
            self.fail()
        self.at += len(all_)
        rows = []
        while (self.peek() != "\\end"):
            row = [self.relation()]
            while self.is_("&"):
                _push(row, self.relation())
            _push(rows, row)
            if (not self.is_("\\\\")):
                break
        self.expect("\\end")
        if (not _startsWith(self.text, ("{" + _str(name) + "}"), self.at)):
            self.fail()
        self.at += (len(name) + 2)
        return (_O({"kind": "list", "parts": _flat(rows)}) if ((name == "cases") or _startsWith(name, "align")) else _O({"kind": "matrix", "rows": rows}))
infinity = _O({"kind": "constant", "name": "infinity"})

def read(text2, sign2):
    try:
        return Reader(text2, sign2)["whole"]()
    except Exception as _e:
        problem = _e
        if isinstance(problem, Unread):
            return None
        raise problem
_R75 = _RegExp("\\\\[pm][mp]", "")

def parse(cleaned):
    if (cleaned == ""):
        return None
    first = read(cleaned, 1)
    if ((first is None) or (not _R75.test(cleaned))):
        return first
    second = read(cleaned, (-1))
    if (second is None):
        return None
    def partsOf(node):
        return (node["parts"] if (node["kind"] == "list") else [node])
    return _O({"kind": "list", "parts": [*partsOf(first), *partsOf(second)]})


# src/tasks/grading/mathematics/Decide.ts
known = _Map()
MOST_KNOWN = 1000

def readMathematics(text2):
    kept = _get(known, text2)
    if (kept is not None):
        return kept
    cleaned = clean(text2)
    read3 = _O({"cleaned": cleaned, "node": (None if (len(cleaned) > MOST_LENGTH) else parse(cleaned))})
    if (len(text2) > MOST_LENGTH):
        return read3
    if (len(known) >= MOST_KNOWN):
        _clear(known)
    _set(known, text2, read3)
    return read3

def lacksEngine(text2):
    if (not forEngine.test(text2)):
        return False
    _t98 = readMathematics(text2)
    cleaned = _t98["cleaned"]
    node = _t98["node"]
    return (((node is None) and forEngine.test(cleaned)) and isMissing())
_R76 = _RegExp("\\\\(?:sum|prod|int|lim|iint|oint|partial|ldots|max|min|gcd|lcm|mod|bmod|pmod|det|Re|Im)(?![a-zA-Z])", "")
forEngine = _R76

def isMathematics(_p1):
    cleaned = _p1["cleaned"]
    node = _p1["node"]
    return ((node is not None) or (forEngine.test(cleaned) and isReadable(cleaned)))

def normalForm(_p1):
    cleaned = _p1["cleaned"]
    node = _p1["node"]
    value5 = (None if (((node is None) or hasMark(node)) or _includes(cleaned, ":")) else exactValue(node))
    written = (cleaned if (value5 is None) else format(value5))
    return (cleaned if (len(written) > MOST_LENGTH) else written)

def hasMark(node):
    return (((node["kind"] == "percent") or (node["kind"] == "base")) or ((node["kind"] == "negative") and hasMark(node["part"])))

def valueNode(_p1):
    node = _p1["node"]
    return (None if (node is None) else valueOf(node))

def isOnlyWords(answer):
    value5 = valueNode(answer)
    return ((value5 is not None) and any(_startsWith(name, "\\text") for name in [*lettersOf(value5)]))

def decide(reference, answer):
    if (reference["cleaned"] == answer["cleaned"]):
        return "Correct"
    if (not isMathematics(answer)):
        return "Unparsable"
    told = (None if ((reference["node"] is None) or (answer["node"] is None)) else same(reference["node"], answer["node"]))
    if (told == True):
        return "Correct"
    if isOnlyWords(answer):
        return "Unparsable"
    if (told == False):
        return "Wrong"
    return ("Correct" if (areEqual(reference["cleaned"], answer["cleaned"]) == True) else "Wrong")


# src/tasks/grading/Numbers.ts
READING = _O({"decimalComma": True, "spacedDigits": True})

def isMinus(sign2):
    return (((sign2 == "-") or (sign2 == "\u2212")) or (sign2 == "\u2013"))
_R77 = _RegExp("(?:[-\u2212\u2013+]\\s?)?(?:\\\\?\\$|[\u20ac\u00a3\u00a5\u20b9]|US\\$)?\\s?(?:[-\u2212\u2013+])?", "y")
opening = _R77
_R78 = _RegExp("\\s?(?:\\\\?\\$|[\u20ac\u00a3\u00a5\u20b9]|(?:[ckm]?m|ft|in|yd)[\u00b2\u00b3])?\\s*(?:(\\\\?%)\\s*)?(?:[\\u3040-\\u30ff\\u4e00-\\u9fff\\uac00-\\ud7af]{1,8}[\u3002.]?\\s*)?", "y")
closing2 = _R78
_R79 = _RegExp("[-\u2212\u2013]", "")

def plainNumber(text2, from_, to, reading=None):
    if reading is None:
        reading = READING
    opening.lastIndex = from_
    opening.test(text2)
    start = opening.lastIndex
    found = readNumber(text2, start, to, reading)
    if (found is None):
        return None
    closing2.lastIndex = found["end"]
    _t100 = (_t99 if (_t99 := closing2.exec(text2)) is not None else [])
    percent = _at(_t100, 1)
    if (closing2.lastIndex < to):
        return None
    isNegative = (_R79.test(text2[from_:start]) and (found["value"] != "0"))
    return (_str(("-" if isNegative else "")) + _str(found["value"]) + _str(("" if (percent is None) else "%")))
_R80 = _RegExp("^-?[\\d.]+(?:[-+*/:][\\d.]+)+$", "")
WORKING = _R80
_R81 = _RegExp("^-?[\\d.]+(?:[/:][\\d.]+|\\*10+)$", "")
WORKED = _R81

def isWorking(cleaned):
    return (WORKING.test(cleaned) and (not WORKED.test(cleaned)))
_R82 = _RegExp("=-?[\\d.]+([mgshLlNJWVAKCF])$", "")
UNIT_LETTER = _R82

def numberOf(given):
    unit = (None if (_t101 := UNIT_LETTER.exec(given["cleaned"])) is None else _at(_t101, 1))
    read3 = (given if ((unit is None) or (len(_split(given["cleaned"], unit)) > 2)) else readMathematics(given["cleaned"][0:(-1)]))
    cleaned = read3["cleaned"]
    node = read3["node"]
    if (node is None):
        return (_O({"answer": cleaned, "at": "whole"}) if isMathematics(read3) else None)
    if isWorking(cleaned):
        return None
    if ((node["kind"] != "relation") or (not all((sign2 == "=") for sign2 in node["signs"]))):
        return _O({"answer": normalForm(read3), "at": "whole"})
    sides = _split(cleaned, "=")
    value5 = valueNode(read3)
    if ((value5 is None) or (len(lettersOf(value5)) > 0)):
        return _O({"answer": cleaned, "at": "whole"})
    isFirst = ((value5 == _at(node["parts"], 0)) or isWorking(_counted(sides, (-1))))
    side = (_at(sides, 0) if isFirst else _counted(sides, (-1)))
    return (None if isWorking(side) else _O({"answer": normalForm(readMathematics(side)), "at": ("first" if isFirst else "last")}))

def valueAt(text2, from_, to):
    side = numberOf(readMathematics(text2[from_:to]))
    if (side is None):
        return None
    if (side["at"] == "whole"):
        return _O({"start": from_, "end": to, "answer": side["answer"]})
    part = text2[from_:to]
    _t102 = ([((from_ + _lastIndexOf(part, "=")) + 1), to] if (side["at"] == "last") else [from_, (from_ + _indexOf(part, "="))])
    start = _at(_t102, 0)
    end = _at(_t102, 1)
    return _O({**(withoutMarkup(text2, start, end) or {}), "answer": side["answer"]})
_R83 = _RegExp("[\\s-]*(?:digits?|decimals?|decimal places|significant (?:figures|digits)|sig(?:nificant)? figs?)\\b", "iy")
counts = _R83
MEASURE = ("(?:years?|yrs?|months?|weeks?|days?|hours?|hrs?|h|minutes?|mins?|feet|foot|ft|yards?|miles?|meters?|metres?|km|m|pounds?|lbs?|kilograms?|kg|gallons?|quarts?|degrees?)")
LESSER = ("(?:months?|weeks?|days?|hours?|hrs?|h|minutes?|mins?|seconds?|secs?|s|inch(?:es)?|in|feet|foot|ft|cm|centimet(?:er|re)s?|met(?:er|re)s?|m|ounces?|oz|grams?|g|quarts?|pints?|cups?)")
inWords = _RegExp(("\\s+(?:squared|cubed)\\b|\\s+(?:plus|minus|times|divided by|multiplied by|to the power(?: of)?|(?:less|more|fewer|greater) than|&)\\s+(?:\\\\?\\$)?\\d[\\d.,]*(?<![.,])|\\s*" + _str(MEASURE) + "(?:\\s*,)?(?:\\s+and)?\\s+\\d+(?:\\.\\d+)?\\s*" + _str(LESSER) + "\\b"), "iy")
_R84 = _RegExp("\\s+in\\s+\\d+", "y")
ONE_IN = _R84
_R85 = _RegExp("\\s+and\\s+(?:(a|one)\\s+half|(a|one)\\s+quarter|(three)[\\s-]quarters)\\b|\\s+dollars?\\s+and\\s+(\\d\\d?)\\s+cents?\\b", "iy")
ADDED = _R85
_R86 = _RegExp("0+$", "")

def added(text2, at):
    ADDED.lastIndex = at
    found = ADDED.exec(text2)
    if (found is None):
        return None
    _t103 = found
    half = _at(_t103, 1)
    quarter = _at(_t103, 2)
    cents = _at(_t103, 4)
    decimals2 = ("5" if (half is not None) else ("25" if (quarter is not None) else ("75" if (cents is None) else _padStart(cents, 2, "0"))))
    return _O({"end": ADDED.lastIndex, "decimals": _replace(decimals2, _R86, "")})
_R87 = _RegExp("[ \\t]*(?:[*\u00b7\u00d7\u00f7^](?!\\*)|\\\\(?:times|cdot|div)\\b|[/+](?=\\s*[\\d(\\\\]))[ \\t]*[\\w(\\\\\u03c0\u221a]", "y")
goesOn = _R87
MOST_WRAPPED = 2000
_R88 = _RegExp("\\\\[a-zA-Z]+", "g")
_R89 = _RegExp("\\b(?:is|are|equals)\\b|:", "g")

def wrapped(text2, from_, to):
    _t104 = withoutMarkup(text2, from_, to)
    end = _t104["end"]
    start = _t104["start"]
    if (start >= end):
        return None
    plain = plainNumber(text2, start, end)
    if (plain is not None):
        return _O({"start": start, "end": end, "answer": plain})
    if ((end - start) > MOST_WRAPPED):
        return None
    part = text2[start:end]
    words3 = (_t105 if (_t105 := _match(_replace(part, _R88, " "), _R43)) is not None else [])
    if ((len(words3) > 0) and (not isDigit(_charCodeAt(part, 0)))):
        inside = leadEnd(text2, start, end)
        if ((inside is not None) and (inside > start)):
            return begun(text2, inside, end)
        said2 = _counted([*_matchAll(part, _R89)], (-1))
        value5 = (None if (said2 is None) else begun(text2, ((start + said2["index"]) + len(_at(said2, 0))), end))
        if (value5 is not None):
            return value5
    if isWorking(readMathematics(part)["cleaned"]):
        return None
    return (_t106 if (_t106 := valueAt(text2, start, end)) is not None else _O({"start": start, "end": end, "answer": readMathematics(part)["cleaned"]}))

def isInWords(answer):
    return _startsWith(answer, "\u201c")

def saidInWords(text2, _p2, to):
    end = _p2["end"]
    start = _p2["start"]
    more2 = added(text2, end)
    if ((more2 is not None) and (more2["end"] <= to)):
        whole3 = plainNumber(text2, start, end)
        if ((whole3 is not None) and isWhole(whole3)):
            return _O({"start": start, "end": more2["end"], "answer": (whole3 if (more2["decimals"] == "") else (_str(whole3) + "." + _str(more2["decimals"])))})
    inWords.lastIndex = end
    ONE_IN.lastIndex = end
    stop = (inWords.lastIndex if inWords.test(text2) else (ONE_IN.lastIndex if ((text2[start:end] == "1") and ONE_IN.test(text2)) else 0))
    return (None if ((stop == 0) or (stop > to)) else _O({"start": start, "end": stop, "answer": ("\u201c" + _str(text2[start:stop]) + "\u201d")}))
_R90 = _RegExp("[\\d\\\\\u03c0\u00bd\u00bc\u00be\u221a]", "")

def beginning(text2, at, to):
    inside = withinWrapper(text2, at, to)
    if (inside is not None):
        return (_t107 if (_t107 := wrapped(text2, inside["start"], inside["end"])) is not None else begun(text2, inside["start"], inside["end"]))
    first = ((at + 1) if isMinus(_at(text2, at)) else at)
    number2 = (readNumber(text2, first, to, READING) if isDigit(_charCodeAt(text2, first)) else None)
    if ((number2 is not None) and ((number2["end"] - at) > (MOST_LENGTH / 2))):
        return _O({"start": at, "end": number2["end"], "answer": (("-" + _str(number2["value"])) if ((first > at) and (number2["value"] != "0")) else number2["value"])})
    stretch = withoutMarkup(text2, at, max(extentEnd(text2, at, to), (_t109 if (_t109 := (None if (_t108 := number2) is None else _t108["end"])) is not None else 0)))
    if (stretch["start"] >= stretch["end"]):
        return None
    counts.lastIndex = stretch["end"]
    if counts.test(text2):
        return None
    goesOn.lastIndex = stretch["end"]
    if (goesOn.test(text2) and (goesOn.lastIndex <= to)):
        return None
    more2 = saidInWords(text2, stretch, to)
    if (more2 is not None):
        return more2
    plain = plainNumber(text2, stretch["start"], stretch["end"])
    if (plain is not None):
        return _O({**(stretch or {}), "answer": plain})
    part = text2[stretch["start"]:stretch["end"]]
    return (valueAt(text2, stretch["start"], stretch["end"]) if _R90.test(part) else None)

def isWhole(text2):
    return (isNormal(text2) and (not _includes(text2, ".")))

def negated(answer):
    return (answer if (answer == "0") else (answer[1:] if _startsWith(answer, "-") else ("-" + _str(answer))))
_R91 = _RegExp("(?:minus|negative)\\s+(?=(?:\\\\?\\$)?[\\d.])", "iy")
MINUS = _R91

def begun(text2, from_, to):
    at = leadEnd(text2, from_, to)
    if (at is None):
        return None
    MINUS.lastIndex = at
    if (MINUS.test(text2) and (MINUS.lastIndex < to)):
        amount = beginning(text2, MINUS.lastIndex, to)
        return (None if (amount is None) else _O({"start": at, "end": amount["end"], "answer": (negated(amount["answer"]) if isNormal(amount["answer"]) else ("-(" + _str(amount["answer"]) + ")"))}))
    found = beginning(text2, at, to)
    if ((found is not None) and (not isInWords(found["answer"]))):
        return found
    for next_ in saidAgain(text2, (_t111 if (_t111 := (None if (_t110 := found) is None else _t110["end"])) is not None else at), to):
        start = leadEnd(text2, next_, to)
        value5 = (None if (start is None) else beginning(text2, start, to))
        if (value5 is not None):
            return value5
    return found
BACKSLASH = 92
COMMA = 44
STOP = 46

def goesOnAfterPoint(code):
    return (isDigit(code) or (code == BACKSLASH))

def isLeading(code):
    return ((((((code == 32) or (code == 36)) or (code == 42)) or (code == 58)) or (code == 61)) or (code == 10))
clauseEnds = _RegExp(("(?:\\*\\*|\\$|\\`|\\))?(?:[.;?](?=[\\s*)$]|$)|,(?=\\s+[a-zA-Z])|\\n|$| (?!(?:times|x|million|thousand|billion|trillion|hundred|dozen|over|divided|multiplied|plus|minus|squared|cubed|and|or|to|digits?|decimals?|significant|mod|modulo|choose|factorial|percent|pi|half|thirds?|quarters?|point|which|because|if|is|equals?|per|less|more|fewer|in)\\b|(?:dollars?|" + _str(MEASURE) + ")(?:,| and)? \\d)[a-z]{2,})"), "y")

def groupsEnd(text2, start, first):
    end = first
    if ((end - start) > 3):
        return end
    while (((((_charCodeAt(text2, end) == COMMA) and isDigit(_charCodeAt(text2, (end + 1)))) and isDigit(_charCodeAt(text2, (end + 2)))) and isDigit(_charCodeAt(text2, (end + 3)))) and (not isDigit(_charCodeAt(text2, (end + 4))))):
        end += 4
    return end

def bare(text2, from_, to):
    start = from_
    while ((start < to) and isLeading(_charCodeAt(text2, start))):
        start += 1
    end = start
    while ((end < to) and isDigit(_charCodeAt(text2, end))):
        end += 1
    if ((end == start) or ((_charCodeAt(text2, start) == 48) and (end > (start + 1)))):
        return None
    next_ = (10 if (end == to) else _charCodeAt(text2, end))
    if ((next_ == 10) or ((next_ == STOP) and (((end + 1) == to) or (not goesOnAfterPoint(_charCodeAt(text2, (end + 1))))))):
        return _O({"start": start, "end": end, "answer": text2[start:end]})
    last = groupsEnd(text2, start, end)
    if (last > to):
        return None
    if (last < to):
        clauseEnds.lastIndex = last
        if ((not clauseEnds.test(text2)) or (((last == end) and (_charCodeAt(text2, last) == COMMA)) and isDigit(_charCodeAt(text2, (last + 1))))):
            return None
    return _O({"start": start, "end": last, "answer": (text2[start:end] if (last == end) else _replaceAll(text2[start:last], ",", ""))})
WORKING_SIGNS = _Set([_charCodeAt(sign2, 0) for sign2 in [*" .,$*\u00d7\u00b7\u22c5+-\u2212\u2013/\u00f7=x"]])
EQUALS = 61

def afterWorking(text2, from_, to):
    last = (-1)
    at = from_
    while (at < to):
        code = _charCodeAt(text2, at)
        if (code == EQUALS):
            last = (at + 1)
        else:
            if (code == BACKSLASH):
                if _startsWith(text2, "\\times", at):
                    at += 5
                else:
                    if _startsWith(text2, "\\cdot", at):
                        at += 4
                    else:
                        return last
            else:
                if ((not isDigit(code)) and (not _has(WORKING_SIGNS, code))):
                    return last
        at += 1
    return last

def value(text2=None, from_=None, to=None, announcement=None, *_more):
    worked = (afterWorking(text2, from_, to) if (announcement == "begun") else (-1))
    plain = (bare(text2, worked, to) if (worked > from_) else bare(text2, from_, to))
    if ((plain is not None) and ((announcement == "begun") or (plain["end"] >= (to - 1)))):
        return plain
    return (begun(text2, from_, to) if (announcement == "begun") else wrapped(text2, from_, to))

def referenceOf(gold):
    read3 = None
    isPlain = isNormal(gold)
    def check(answer=None, *_more):
        nonlocal read3
        if (answer == gold):
            return "Correct"
        if (isPlain and isNormal(answer)):
            return "Wrong"
        if (((answer == "") or (len(answer) > MOST_LENGTH)) or isInWords(answer)):
            return "Unparsable"
        if read3 is None:
            read3 = (_O({"cleaned": gold, "node": numberNode(gold)}) if isPlain else readMathematics(gold))
        return decide(read3, readMathematics(answer))
    return _O({"answer": gold, "check": check})
_R92 = _RegExp("^[-\u2212\u2013+$\u20ac\u00a3\\d.,\\s]*\\d(?:\\s*%|\\s+[a-z]+(?:[ /][a-z]+){0,3}(?:\\^?[23\u00b2\u00b3])?)?\\.?$", "")
counted = _R92
_R93 = _RegExp("\\\\(?:text|mathrm|mbox)\\s*\\{[^{}]*\\}|\\\\[a-zA-Z]+", "g")

def goldNumber(text2):
    _t112 = withoutMarkup(text2, 0, len(text2))
    end = _t112["end"]
    start = _t112["start"]
    plain = plainNumber(text2, start, end, _O({"spacedDigits": True}))
    if (plain is not None):
        return plain
    if ((end - start) > MOST_LENGTH):
        return None
    part = text2[start:end]
    hasWords = _R20.test(_replace(part, _R93, ""))
    if (hasWords and (not counted.test(_replaceAll(part, "$", "")))):
        return None
    _t113 = readMathematics(part)
    cleaned = _t113["cleaned"]
    node = _t113["node"]
    if ((((node is None) or (node["kind"] == "base")) or (node["kind"] == "degree")) or _includes(cleaned, ":")):
        return None
    if (node["kind"] == "percent"):
        return cleaned
    number2 = (None if (node["kind"] == "relation") else exactValue(node))
    return (None if ((number2 is None) or isWorking(cleaned)) else format(number2))

def _f5(_p1=None, *_more):
    text2 = _p1["text"]
    number2 = goldNumber(text2)
    return (None if ((number2 is None) or (not isWhole(number2))) else referenceOf(number2))
integer = _O({"kind": "integer", "reference": _f5, "value": value})

def _f6(_p1=None, *_more):
    text2 = _p1["text"]
    found = goldNumber(text2)
    return (None if (found is None) else referenceOf(found))
number = _O({"kind": "number", "reference": _f6, "value": value})


# src/tasks/grading/GoldFrom.ts
_R94 = _RegExp("####|\\\\f?boxed\\s*\\{|<answer>", "gi")
marks = _R94
_R95 = _RegExp("\\banswer\\b[^.\\n=:]{0,80}?(?:\\bis\\b|\\bbe\\b|:|=)", "gi")
says = _R95

def lineFrom(text2, at):
    end = _indexOf(text2, "\n", at)
    return _trim(text2[at:(len(text2) if (end < 0) else end)])
_R96 = _RegExp("^(?:[\\s$,.;&]|\\\\[,;() ]|\\\\q?quad|\\\\text\\s*\\{\\s*(?:and|or)\\s*\\}|and|or)*$", "")
between = _R96

def boxesBefore(text2, marks2, at):
    parts = []
    next_ = at
    def _f7(_p1=None, *_more):
        index = _p1["index"]
        return (index < at)
    for mark in _toReversed(_filter(marks2, _f7)[(-20):]):
        start = (mark["index"] + len(_at(mark, 0)))
        end = (groupEnd(text2, (start - 1), "{", "}", next_) if _endsWith(_at(mark, 0), "{") else (-1))
        if (((end < 0) or ((next_ - end) > 40)) or (not between.test(text2[end:next_]))):
            break
        _unshift(parts, _trim(text2[start:(end - 1)]))
        next_ = mark["index"]
    return parts
_R97 = _RegExp("^-?[\\d.,]+$", "")
_R98 = _RegExp("\\.(?=\\s|$)[^]*$", "")

def goldFrom(text2):
    if _R97.test(text2):
        return text2
    found = [*_matchAll(text2, marks)]
    for mark in _toReversed(found[(-4):]):
        at = (mark["index"] + len(_at(mark, 0)))
        if (_at(mark, 0) == "####"):
            line2 = lineFrom(text2, at)
            if (line2 != ""):
                return line2
        else:
            if _endsWith(_at(mark, 0), "{"):
                end = groupEnd(text2, (at - 1), "{", "}")
                inside = ("" if (end < 0) else _trim(text2[at:(end - 1)]))
                if (inside != ""):
                    return _join([*boxesBefore(text2, found, mark["index"]), inside], ", ")
            else:
                end_2 = _indexOf(_toLowerCase(text2), "</answer>", at)
                inside_2 = _trim(text2[at:(len(text2) if (end_2 < 0) else end_2)])
                if (inside_2 != ""):
                    return inside_2
    last = _counted([*_matchAll(text2, says)], (-1))
    line = ("" if (last is None) else lineFrom(text2, (last["index"] + len(_at(last, 0)))))
    if (len(_split(line, " ", 6)) > 5):
        value5 = number["value"](line, 0, len(line), "begun")
        if (value5 is not None):
            return line[value5["start"]:value5["end"]]
    return _trim((text2 if (line == "") else _replace(line, _R98, "")))


# src/tasks/reading/Characters.ts
CHARACTER = _O({"other": 0, "letter": 1, "digit": 2, "foreign": 3, "unspaced": 4})

def isUnspaced(code):
    return ((((code >= 4352) and (code <= 4607)) or ((code >= 12352) and (code <= 55295))) or ((code >= 63744) and (code <= 64255)))

def classOf(code):
    if (((code >= 97) and (code <= 122)) or ((code >= 65) and (code <= 90))):
        return CHARACTER["letter"]
    if ((code >= 48) and (code <= 57)):
        return CHARACTER["digit"]
    if isUnspaced(code):
        return CHARACTER["unspaced"]
    isSign2 = (((((((code < 192) or (code == 215)) or (code == 247)) or ((code >= 8192) and (code <= 11263))) or ((code >= 12288) and (code <= 12351))) or ((code >= 55296) and (code <= 63743))) or (code >= 65024))
    return (CHARACTER["other"] if isSign2 else CHARACTER["foreign"])
CLASS_OF = _array_from(_O({"length": 65536}), (lambda _=None, code=None, *_more: classOf(code)))

def isLetter3(code):
    found = _at(CLASS_OF, code)
    return (((found == CHARACTER["letter"]) or (found == CHARACTER["foreign"])) or (found == CHARACTER["unspaced"]))

def isDigit2(code):
    return ((code >= 48) and (code <= 57))

def isApostrophe(code):
    return (((((code == 39) or (code == 8217)) or (code == 700)) or (code == 96)) or (code == 180))

def isHyphen(code):
    return (((code == 45) or (code == 8208)) or (code == 8209))
LONGEST_WORD = 40
_R99 = _RegExp("[^\\p{L}\\p{M}]", "gu")

def readWord(text2, at):
    end = at
    isPlain = True
    limit = min(len(text2), (at + LONGEST_WORD))
    while (end < limit):
        code = _charCodeAt(text2, end)
        if (not isLetter3(code)):
            if (((not (isApostrophe(code) or isHyphen(code))) or ((end + 1) >= limit)) or (not isLetter3(_charCodeAt(text2, (end + 1))))):
                break
            isPlain = False
        end += 1
    word = _toLowerCase(text2[at:end])
    return _O({"text": (word if isPlain else _replace(word, _R99, "")), "end": end})

def isSpace(code):
    return ((((code == 32) or ((code >= 9) and (code <= 13))) or (code == 160)) or (code == 12288))

def skipSpaces(text2, at):
    end = at
    while isSpace(_charCodeAt(text2, end)):
        end += 1
    return end
MARKUP = _Set([_charCodeAt(character, 0) for character in [*"*_\"'\u201c\u201d\u2018\u2019\u00ab\u00bb([>#$\\~`"]])
ENDS_BEFORE = _Set([_charCodeAt(character, 0) for character in [*"\n.!?:;)]}>\u2026\u2014\u2013\u3002\uff01\uff1f\uff1a\uff1b\uff0c\u3001|"]])
LOOK_BACK = 12

def beginsSentence(text2, at):
    before2 = (at - 1)
    while (before2 >= (at - LOOK_BACK)):
        if (before2 < 0):
            return True
        code = _charCodeAt(text2, before2)
        if _has(ENDS_BEFORE, code):
            return True
        if ((not isSpace(code)) and (not _has(MARKUP, code))):
            return False
        before2 -= 1
    return True

def isSentenceEnd(code):
    return ((((((code == 10) or (code == 33)) or (code == 63)) or (code == 12290)) or (code == 65281)) or (code == 65311))

def sentenceEnd(text2, from_, limit):
    at = from_
    while (at < limit):
        code = _charCodeAt(text2, at)
        if isSentenceEnd(code):
            return at
        if (code == 46):
            next_ = _charCodeAt(text2, (at + 1))
            if (((at + 1) >= limit) or (not (isDigit2(next_) or isLetter3(next_)))):
                return at
        at += 1
    return limit


# src/tasks/reading/Numeral.ts

def isDigit3(code):
    return ((code >= 48) and (code <= 57))
FULL_STOP = 46
COMMA2 = 44
ZERO2 = 48

def isSign(code):
    return (((code == 45) or (code == 8722)) or (code == 8211))

def trimDecimals(fraction2):
    end = len(fraction2)
    while ((end > 0) and (_charCodeAt(fraction2, (end - 1)) == ZERO2)):
        end -= 1
    return fraction2[0:end]

def trimZeros(digits2):
    start = 0
    while ((start < (len(digits2) - 1)) and (_charCodeAt(digits2, start) == ZERO2)):
        start += 1
    return digits2[start:]

def normalForm2(isNegative, whole3, fraction2):
    digits2 = trimZeros(("0" if (whole3 == "") else whole3))
    decimals2 = trimDecimals(fraction2)
    value5 = (digits2 if (decimals2 == "") else (_str(digits2) + "." + _str(decimals2)))
    return (("-" + _str(value5)) if (isNegative and (value5 != "0")) else value5)

def separatorAt(text2, at):
    code = _charCodeAt(text2, at)
    if (code == 123):
        return (3 if _startsWith(text2, "{,}", at) else 0)
    if (code == 92):
        return (2 if (_charCodeAt(text2, (at + 1)) == COMMA2) else 0)
    return (1 if ((((((((code == COMMA2) or (code == 32)) or (code == 160)) or (code == 8201)) or (code == 8239)) or (code == 95)) or (code == 39)) or (code == 8217)) else 0)

def digitsEnd2(text2, at):
    end = at
    while isDigit3(_charCodeAt(text2, end)):
        end += 1
    return end
MOST_GROUPS = 100

def groupedEnd(text2, at, first):
    width = (0 if ((first - at) > 3) else separatorAt(text2, first))
    if (width == 0):
        return first
    separator = text2[first:(first + width)]
    end = first
    groups = 0
    while ((groups < MOST_GROUPS) and _startsWith(text2, separator, end)):
        next_ = digitsEnd2(text2, (end + width))
        if (((next_ - end) - width) != 3):
            break
        end = next_
        groups += 1
    return (first if (((end > first) and _startsWith(text2, separator, end)) and isDigit3(_charCodeAt(text2, (end + width)))) else end)

def dottedEnd(text2, at, first):
    if ((first - at) > 3):
        return first
    end = first
    groups = 0
    while ((groups < MOST_GROUPS) and (_charCodeAt(text2, end) == FULL_STOP)):
        next_ = digitsEnd2(text2, (end + 1))
        if (((next_ - end) - 1) != 3):
            break
        end = next_
        groups += 1
    goesOn3 = ((_charCodeAt(text2, end) == FULL_STOP) and isDigit3(_charCodeAt(text2, (end + 1))))
    return (end if ((groups >= 2) and (not goesOn3)) else first)

def spacedEnd(text2, at, first):
    if ((first - at) != 1):
        return first
    end = first
    while (((_charCodeAt(text2, end) == 32) and isDigit3(_charCodeAt(text2, (end + 1)))) and (not isDigit3(_charCodeAt(text2, (end + 2))))):
        end += 2
    return (first if ((_charCodeAt(text2, end) == 32) and isDigit3(_charCodeAt(text2, (end + 1)))) else end)
_R100 = _RegExp("[^\\d]", "g")

def onlyDigits2(text2, from_, to):
    return _replace(text2[from_:to], _R100, "")

def read2(text2, at, canSpaceOut):
    isNegative = isSign(_charCodeAt(text2, at))
    start = ((at + 1) if isNegative else at)
    first = digitsEnd2(text2, start)
    if (first == start):
        return None
    dotted = dottedEnd(text2, start, first)
    if (dotted > first):
        return _O({"start": at, "end": dotted, "value": normalForm2(isNegative, onlyDigits2(text2, start, dotted), "")})
    separated = groupedEnd(text2, start, first)
    whole3 = (separated if ((separated > first) or (not canSpaceOut)) else spacedEnd(text2, start, first))
    end = (digitsEnd2(text2, (whole3 + 1)) if (_charCodeAt(text2, whole3) == FULL_STOP) else whole3)
    hasDecimals = (end > (whole3 + 1))
    return _O({"start": at, "end": (end if hasDecimals else whole3), "value": normalForm2(isNegative, onlyDigits2(text2, start, whole3), (text2[(whole3 + 1):end] if hasDecimals else ""))})

def readNumeral(text2, at):
    end = digitsEnd2(text2, at)
    if ((end > at) and (_charCodeAt(text2, at) != ZERO2)):
        next_ = _charCodeAt(text2, end)
        plain = ((_is_nan(next_) or (next_ == 10)) or ((next_ == FULL_STOP) and (not isDigit3(_charCodeAt(text2, (end + 1))))))
        if plain:
            return _O({"start": at, "end": end, "value": text2[at:end]})
    return read2(text2, at, True)

def lastNumeral(text2, from_, to):
    part = text2[from_:to]
    last = None
    at = 0
    while (at < len(part)):
        code = _charCodeAt(part, at)
        found = (read2(part, at, False) if (isDigit3(code) or isSign(code)) else None)
        if (found is not None):
            last = found
        at = (_t115 if (_t115 := (None if (_t114 := found) is None else _t114["end"])) is not None else (at + 1))
    return (None if (last is None) else _O({"start": (from_ + last["start"]), "end": (from_ + last["end"]), "value": last["value"]}))


# src/tasks/reading/Announcements.ts

def words(text2):
    return _split(text2, " ")
adverbs = ("(?:[\\s*_]*(?:therefore|thus|then|hence|indeed|also|still|again|now|actually|simply|just|clearly|finally|also|really)\\b,?)*")

def english(links):
    return _RegExp(("[^.\\n=:?]{0,80}?(?:\\b(?:" + _str(links) + ")\\b" + _str(adverbs) + "|:|=|\u2192|\u21d2|->)"), "iy")

def linked(links):
    return _RegExp(("[^.\\n=:?\u3002]{0,60}?(?:(?<![\\p{L}\\d])(?:" + _str(links) + ")(?![\\p{L}\\d])|:|\uff1a|=|\u2192|\u2014|\u2013)"), "iuy")
IS = "is|are|be|was|equals?|becomes?"
_R101 = _RegExp("[\\s*_]*[:=]", "iy")
_R102 = _RegExp("\\s+(?:\u00e1n|s\u1ed1)[^.\\n=:]{0,40}?(?:l\u00e0|:|=)", "iy")
ANSWER_WORDS = _Map([["answer", english((_str(IS) + "|comes\\s+out\\s+(?:to|as)"))], ["answers", english(IS)], ["ans", _R101], ["option", english(IS)], ["choice", english(IS)], ["antwort", linked("ist|lautet|betr\u00e4gt|w\u00e4re")], ["endergebnis", linked("ist|lautet|betr\u00e4gt")], ["r\u00e9ponse", linked("est|serait")], ["reponse", linked("est|serait")], ["respuesta", linked("es|ser\u00eda|son")], ["resposta", linked("\u00e9|seria|s\u00e3o")], ["risposta", linked("\u00e8|sarebbe|sono")], ["\u043e\u0442\u0432\u0435\u0442", linked("\u0440\u0430\u0432\u0435\u043d|\u044d\u0442\u043e|\u0431\u0443\u0434\u0435\u0442|\u0440\u0430\u0432\u043d\u0430|\u0440\u0430\u0432\u043d\u043e")], ["\u043e\u0442\u0432\u0435\u0442\u043e\u043c", linked("\u044f\u0432\u043b\u044f\u0435\u0442\u0441\u044f|\u0431\u0443\u0434\u0435\u0442")], ["antwoord", linked("is|luidt")], ["odpowied\u017a", linked("to|brzmi|wynosi")], ["svar", linked("\u00e4r|er")], ["svaret", linked("\u00e4r|er")], ["cevap", linked("olur")], ["\u0111\u00e1p", _R102]])
NEEDS_RIGHT = _Set(["option", "choice"])
_R103 = _RegExp("\\b(?:correct|right|best|final|proper)\\s+(?:answer\\s+)?$", "iu")
CALLED_RIGHT = _R103
_R104 = _RegExp("\u7b54(?:\u6848|\u3048|\u8907)?(?:\u5e94\u8be5|\u61c9\u8a72|\u5e94|\u61c9|\u5c31|\u4fbf)?(?:\u662f|\u4e3a|\u70ba|\u306f|\u7b49\u4e8e|\u7b49\u65bc)?[\\s*_]*(?:[:\uff1a\uff1d=]|(?<=[\u662f\u4e3a\u70ba\u306f\u4e8e\u65bc]))", "y")
_R105 = _RegExp("\u6b63(?:\u89e3|\u786e\u9009\u9879|\u78ba\u9078\u9805)(?:\u5e94\u8be5|\u61c9\u8a72)?(?:\u662f|\u4e3a|\u70ba|\u306f)?[\\s*_]*(?:[:\uff1a]|(?<=[\u662f\u4e3a\u70ba\u306f]))", "y")
_R106 = _RegExp("\u89e3\u7b54(?:\u662f|\u4e3a|\u70ba|\u306f)?[\\s*_]*(?:[:\uff1a]|(?<=[\u662f\u4e3a\u70ba\u306f]))", "y")
_R107 = _RegExp("\uc815\ub2f5[\\s*_]*(?:\uc740|\ub294|\uc774|:|\uff1a)", "y")
_R108 = _RegExp("\ub2f5[\\s*_]*(?:\uc740|\ub294|:|\uff1a)", "y")
ANSWER_SIGNS = _Map([["\u7b54", _R104], ["\u6b63", _R105], ["\u89e3", _R106], ["\uc815", _R107], ["\ub2f5", _R108]])
RESULT_WORDS = _Map([*[[word, english(IS)] for word in ["total", "sum", "product", "result", "difference", "quotient", "value", "solution", "solutions", "roots", "output"]], *[[word, linked("ist|lautet|betr\u00e4gt|sind")] for word in ["ergebnis", "summe", "produkt", "l\u00f6sung", "gesamtzahl", "differenz"]], *[[word, linked("est|is|are|be")] for word in ["r\u00e9sultat", "somme", "produit", "solution"]], *[[word, linked("es|\u00e9|son|s\u00e3o")] for word in ["resultado", "suma", "producto", "soma", "produto", "soluci\u00f3n", "solu\u00e7\u00e3o"]], *[[word, linked("\u00e8|sono")] for word in ["risultato", "totale", "somma", "prodotto", "soluzione"]], *[[word, linked("\u0440\u0430\u0432\u0435\u043d|\u0440\u0430\u0432\u043d\u0430|\u0440\u0430\u0432\u043d\u043e|\u044d\u0442\u043e")] for word in ["\u0440\u0435\u0437\u0443\u043b\u044c\u0442\u0430\u0442", "\u0441\u0443\u043c\u043c\u0430", "\u043f\u0440\u043e\u0438\u0437\u0432\u0435\u0434\u0435\u043d\u0438\u0435", "\u0438\u0442\u043e\u0433\u043e", "\u0438\u0442\u043e\u0433", "\u0440\u0430\u0437\u043d\u043e\u0441\u0442\u044c"]]])
_R109 = _RegExp("\u7ed3\u679c(?:\u662f|\u4e3a|\u7b49\u4e8e|\u5e94\u8be5\u662f)?[\\s*_]*(?:[:\uff1a=]|(?<=[\u662f\u4e3a\u4e8e]))", "y")
_R110 = _RegExp("\u7d50(?:\u679c|\u8ad6)(?:\u662f|\u70ba|\u306f|\u7b49\u65bc)?[\\s*_]*(?:[:\uff1a=]|(?<=[\u662f\u70ba\u306f\u65bc]))", "y")
_R111 = _RegExp("\u603b(?:\u6570|\u548c|\u5171|\u8ba1)(?:\u662f|\u4e3a|\u6709)?[\\s*_]*[:\uff1a]?", "y")
_R112 = _RegExp("\u52a0\u8d77\u6765(?:\u5c31)?(?:\u662f|\u7b49\u4e8e|\u4e3a|\u5f97)[\\s*_]*[:\uff1a]?", "y")
_R113 = _RegExp("\u4e00\u5171(?:\u662f|\u6709|\u4e3a)?[\\s*_]*[:\uff1a]?", "y")
_R114 = _RegExp("\u5408\u8a08(?:\u306f|\u3067)?[\\s*_]*[:\uff1a]?", "y")
_R115 = _RegExp("\uacb0\uacfc(?:\ub294|\uc740|:|\uff1a)", "y")
RESULT_SIGNS = _Map([["\u7ed3", _R109], ["\u7d50", _R110], ["\u603b", _R111], ["\u52a0", _R112], ["\u4e00", _R113], ["\u5408", _R114], ["\uacb0", _R115]])
CONCLUSION_WORDS = _Set([*words("so thus hence therefore consequently altogether finally overall ergo accordingly together giving meaning"), *words("daher somit folglich insgesamt damit demnach zusammen deshalb"), *words("donc ainsi finalement"), *words("entonces luego as\u00ed portanto logo assim quindi dunque perci\u00f2 pertanto"), *words("\u0437\u043d\u0430\u0447\u0438\u0442 \u0438\u0442\u0430\u043a \u0441\u043b\u0435\u0434\u043e\u0432\u0430\u0442\u0435\u043b\u044c\u043d\u043e \u0438\u0442\u043e\u0433\u043e \u043f\u043e\u044d\u0442\u043e\u043c\u0443 dus")])
CONCLUSION_PAIRS = _Map([["that", _Set(["makes", "gives", "leaves", "means"])], ["this", _Set(["makes", "gives", "leaves", "means"])], ["which", _Set(["makes", "gives", "leaves"])], ["we", _Set(["get", "obtain", "find", "arrive", "conclude"])], ["in", _Set(["total", "conclusion", "all"])], ["en", _Set(["total", "tout", "conclusi\u00f3n"])], ["por", _Set(["lo", "tanto", "consiguiente"])], ["au", _Set(["total"])], ["par", _Set(["cons\u00e9quent"])], ["em", _Set(["total"])]])
_R116 = _RegExp("\u6240\u4ee5", "y")
_R117 = _RegExp("\u56e0\u6b64|\u56e0\u800c", "y")
_R118 = _RegExp("\u6545", "y")
_R119 = _RegExp("\u7efc\u4e0a", "y")
_R120 = _RegExp("\u3057\u305f\u304c\u3063\u3066", "y")
_R121 = _RegExp("\u3088\u3063\u3066", "y")
_R122 = _RegExp("\u3064\u307e\u308a", "y")
_R123 = _RegExp("\ub530\ub77c\uc11c", "y")
_R124 = _RegExp("\uadf8\ub7ec\ubbc0\ub85c|\uadf8\ub798\uc11c", "y")
CONCLUSION_SIGNS = _Map([["\u6240", _R116], ["\u56e0", _R117], ["\u6545", _R118], ["\u7efc", _R119], ["\u3057", _R120], ["\u3088", _R121], ["\u3064", _R122], ["\ub530", _R123], ["\uadf8", _R124]])
LINK_WORDS = _Set([*words("leaving giving making totaling totalling so thus hence therefore"), *words("its thats theres by after say stick covers holds contains earned reach reaches weighs measures"), *words("is are was were be equals equal get gets got has have had makes make gives give gave"), *words("pays pay paid costs cost earns earn needs need takes take leaves remain remains totals total"), *words("obtain find conclude sells sold makes made received receives spends spent saves saved becomes"), *words("ist sind betr\u00e4gt hat haben ergibt erhalten kostet verkauft zahlt bleiben"), *words("est sont ont reste co\u00fbte obtient vaut fait paie"), *words("es son hay tiene tienen queda quedan obtenemos cuesta vale da"), *words("\u00e9 s\u00e3o tem t\u00eam h\u00e1 custa resta restam obtemos"), *words("\u00e8 sono ha hanno costa rimangono otteniamo"), *words("\u0440\u0430\u0432\u0435\u043d \u0440\u0430\u0432\u043d\u0430 \u0440\u0430\u0432\u043d\u043e \u043e\u0441\u0442\u0430\u043b\u043e\u0441\u044c \u043f\u043e\u043b\u0443\u0447\u0430\u0435\u043c \u0431\u0443\u0434\u0435\u0442 \u044d\u0442\u043e \u0441\u043e\u0441\u0442\u0430\u0432\u043b\u044f\u0435\u0442 \u0441\u0442\u043e\u0438\u0442 \u043f\u043e\u043b\u0443\u0447\u0438\u0442\u0441\u044f")])
LOOSE_LINKS = _Set(words("so thus hence therefore leaving giving making"))
_R125 = _RegExp("\\b(?:first|second|third|fourth|next|previous|intermediate|partial|sub-?(?:problem|question|part|answer)|part|step|smaller|simpler|each|every|this\\s+(?:part|step|case)|other|original\\s+guess|leg|stage)\\b|\\bto\\s+(?:how|what|which|who)\\b|\\([a-h]\\)|\u7b2c[\u4e00\u4e8c\u4e09]", "iu")
PARTIAL = _R125
_R126 = _RegExp("^[\\s$*)}\\]]{0,4}(?:(?:is|are|was|being|,)\\s+)?(?:the\\s+|a\\s+|an\\s+)?(?:first|second|third|partial|intermediate|tens|ones|units|hundreds)\\b", "iu")
PARTIAL_AFTER = _R126
_R127 = _RegExp("^[\\s*_#>-]*(?:part|question|problem|sub-?question|teil|partie|parte)\\s*(?:\\d+|[a-h]\\b|[ivx]+\\b)|^[\\s*_#>-]*\\(?[a-h]\\)", "iu")
PART_LABEL = _R127
_R128 = _RegExp("\\b(?:if|suppose|supposing|assume|assuming|whether|unless|imagine|say|guess(?:ing)?(?:\\s+that)?|check(?:\\s+(?:if|whether|that))?|format|form|in\\s+which|where)\\s+(?:that\\s+)?(?:the\\s+|my\\s+|your\\s+|our\\s+)?(?:final\\s+|correct\\s+)?$", "iu")
SUPPOSED = _R128
_R129 = _RegExp("\\b(?:if|suppose|supposing|assuming|unless)\\b(?!\\s+(?:I|we)\\s+(?:recall|remember|am|are|count))", "iu")
CONDITIONAL = _R129
_R130 = _RegExp("(?:^|[.!?:,]\\s+)(?:(?:first|second|third|next|then|now|finally)[,:]?\\s+)?(?:how|what|which|who|when|where)\\b[^.!?\\n]{0,120}\\?[\\s*_]*(?:(?:so|thus|then|well)[,\\s]*)?(?:the\\s+)?$", "iu")
OWN_QUESTION = _R130
_R131 = _RegExp("\\b(?:can['\u2019]?t|cannot|can\\s+not|couldn['\u2019]?t|could\\s+not|not|never|neither)\\b", "iu")
DENIED = _R131
_R132 = _RegExp("\\b(?:might|would|could|may)\\b", "iu")
OPEN = _R132


# src/tasks/reading/WordFilter.ts
SIZE = (1 << 14)

def hashOf(codes2, start, end):
    first = (_at(codes2, start) | 32)
    second = ((_at(codes2, (start + 1)) | 32) if ((end - start) > 1) else 0)
    third = ((_at(codes2, (start + 2)) | 32) if ((end - start) > 2) else 0)
    last = (_at(codes2, (end - 1)) | 32)
    return (((((((first * 961) + (second * 31)) + third) * 37) + (last * 7)) + (end - start)) & (SIZE - 1))

def passes(filter_, hash2):
    return (_at(filter_, hash2) == 1)

def lettersOf2(text2):
    codes2 = []
    at = 0
    while (at < len(text2)):
        code = _charCodeAt(text2, at)
        found = _at(CLASS_OF, code)
        if ((found == CHARACTER["other"]) or (found == CHARACTER["digit"])):
            break
        if (found != CHARACTER["letter"]):
            return None
        _push(codes2, code)
        at += 1
    return _array_from(codes2)
_R133 = _RegExp("['\u2019\u02bc`\u00b4\u2010\u2011-]", "g")

def makeWordFilter(texts):
    filter_ = bytearray(SIZE)
    for text2 in texts:
        for variant in [text2, _replace(text2, _R133, "")]:
            letters2 = lettersOf2(variant)
            if ((letters2 is not None) and (len(letters2) > 0)):
                filter_[hashOf(letters2, 0, len(letters2))] = 1
    return filter_


# src/tasks/reading/ForWords.ts
codes = bytearray((1 << 15))
LARGEST_KEPT = (1 << 21)

def bytesOf(*_):
    return None
bytes = bytesOf(codes)

def copied(text):
    return [*map(ord, text), 0]
DIGIT = CHARACTER["digit"]
LETTER = CHARACTER["letter"]
OTHER = CHARACTER["other"]
UNSPACED = CHARACTER["unspaced"]
SPACE = 32
FULL_STOP2 = 46

def forWords(text2, filter_, _p3):
    atStart = _p3["atStart"]
    end = _p3["end"]
    isSpecial = _p3["isSpecial"]
    notAtEnd = _p3["notAtEnd"]
    onSpecial = _p3["onSpecial"]
    onWord = _p3["onWord"]
    read3 = copied(text2)
    classOf2 = CLASS_OF
    limit = len(text2)
    at = 0
    while (at < limit):
        code = _at(read3, at)
        found = _at(classOf2, code)
        if (found == OTHER):
            if ((code >= 128) or (_at(isSpecial, code) == 1)):
                onSpecial(at)
                if (end is not None):
                    limit = min(limit, end())
            at += 1
            continue
        start = at
        if (found == LETTER):
            while True:
                code = _at(read3, (at := at + 1))
                found = _at(classOf2, code)
                if not (found == LETTER):
                    break
            if (found == OTHER):
                hash2 = hashOf(read3, start, at)
                if (not passes(filter_, hash2)):
                    continue
                if (((code == FULL_STOP2) and (notAtEnd is not None)) and passes(notAtEnd, hash2)):
                    continue
                isAmid = ((((atStart is not None) and (start > 1)) and (_at(read3, (start - 1)) == SPACE)) and (_at(classOf2, _at(read3, (start - 2))) != OTHER))
                if (isAmid and passes(atStart, hash2)):
                    continue
                onWord(start)
                if (end is not None):
                    limit = min(limit, end())
                continue
        isWord = (_at(classOf2, _at(read3, start)) != DIGIT)
        if ((found == UNSPACED) and (at == start)):
            at += 1
        else:
            while (((at < limit) and (found != OTHER)) and (found != UNSPACED)):
                found = (_at(classOf2, _at(read3, at)) if ((at := at + 1) < limit) else OTHER)
        if isWord:
            onWord(start)
            if (end is not None):
                limit = min(limit, end())


# src/tasks/reading/RevisionMarkers.ts
REVISION_MARKERS = ["Wait, I made a mistake. Let me recompute.", "I made a mistake.", "Let me recompute.", "I'll go back and check."]


# src/tasks/reading/Lexicon.ts

def words2(text2):
    return _split(text2, " ")

def phrases(kind, texts, isOpening=None):
    if isOpening is None:
        isOpening = False
    return [(_O({"text": text2, "kind": kind, "isOpening": isOpening}) if isOpening else _O({"text": text2, "kind": kind})) for text2 in texts]
SUBJECTS = ["let me", "let me just", "let me quickly", "let me first", "let me go back and", "let us", "let's", "lets", "let's just", "let's go back and", "I should", "I should probably", "I need to", "I must", "I have to", "I want to", "I'll", "I'll just", "I will", "I'd better", "we should", "we need to", "we must", "we can", "maybe I should", "upon", "on", "after", "by"]
CHECKS = ["verify", "re-verify", "double-check", "double check", "cross-check", "cross check", "recheck", "re-check", "check", "check again", "test", "confirm", "validate", "make sure", "be sure", "sanity check", "sanity-check", "look at it another way", "approach this differently", "try another method", "try another approach", "try a different approach", "try a different method", "think about it differently", "prove"]
REDOES = ["recompute", "re-compute", "recalculate", "re-calculate", "redo", "re-do", "recount", "rework", "restart", "reconsider", "re-consider", "rethink", "re-think", "reassess", "re-assess", "reevaluate", "re-evaluate", "re-examine", "reexamine", "reanalyze", "re-analyze", "reanalyse", "re-read", "reread", "revisit", "review", "revise", "correct", "fix", "adjust", "think again", "try again", "start over", "start again", "begin again", "go back", "backtrack", "go over", "go through it again", "look again", "take another look", "step back"]
FIRST_PERSON = SUBJECTS[0:_indexOf(SUBJECTS, "upon")]
GERUNDS = [["check", "re-checking"], ["check", "rechecking"], ["check", "double-checking"], ["check", "checking again"], ["check", "verification"], ["redo", "reconsideration"], ["redo", "reconsidering"], ["redo", "re-examination"], ["redo", "re-examining"], ["redo", "reflection"], ["redo", "recalculating"], ["redo", "closer inspection"], ["redo", "second look"]]
WAIT_FOLLOWERS = [*words2("no that this is I let maybe but if so actually what hmm it there we why how because did"), *words2("isn't aren't doesn't does shouldn't should not are was my you")]

def _f10(subject=None, *_more):
    def _f11(_p1=None, *_more):
        _t118 = _p1
        kind = _at(_t118, 0)
        noun = _at(_t118, 1)
        return _O({"text": (_str(subject) + " " + _str(noun)), "kind": kind, "isOpening": True})
    return _map(GERUNDS, _f11)
ENGLISH = [*phrases("redo", [*REVISION_MARKERS, "I will go back and check", "I'll go back and check", "let me go back"]), *_flatMap(FIRST_PERSON, (lambda subject=None, *_more: [*phrases("check", [(_str(subject) + " " + _str(verb)) for verb in CHECKS]), *phrases("redo", [(_str(subject) + " " + _str(verb)) for verb in REDOES])])), *_flatMap(["upon", "on", "after", "by"], _f10), *phrases("redo", ["I made an error", "I made a mistake", "I've made a mistake", "I've made an error", "I have made a mistake", "I have made an error", "I miscounted", "I miscalculated", "I misread", "I mis-added", "I forgot", "I overlooked", "I missed", "I mixed up", "I confused", "I inverted", "I swapped", "I misapplied", "I double-counted", "verification failed", "that doesn't match", "it doesn't match", "this doesn't match", "that does not match", "it does not match", "second attempt", "second try", "second solution", "corrected solution", "corrected answer", "revised answer", "revised solution", "must be recomputed", "I was wrong", "I slipped", "I messed up", "I think I made a mistake", "there is a mistake", "there's a mistake", "there is an error", "there's an error", "there must be a mistake", "there must be an error", "that's not right", "that is not right", "that's not correct", "that is not correct", "that isn't right", "that doesn't seem right", "that does not seem right", "this doesn't seem right", "this does not seem right", "that can't be right", "that cannot be right", "that can't be", "this can't be right", "that doesn't add up", "that doesn't look right", "that's wrong", "that is wrong", "this is wrong", "that's incorrect", "that is incorrect", "this is incorrect", "scratch that", "strike that", "my mistake", "my bad", "apologies for", "I apologize", "I apologise"]), *phrases("doubt", ["on second thought", "on second thoughts", "hold on", "but wait", "oh wait", "no wait", "wait no", "wait a minute", "wait a moment", "wait a second", "hang on"]), *phrases("doubt", ["wait,", "hmm", "hm", "hmmm", "oops", "whoops", "aha", "actually", "oh no", "no,", "nope", "sorry", "correction", "however, this", "but this seems", "yet this seems", "but that seems", "oh,", "critique", "uh-oh", "argh", "ah,"], True), *[_O({"text": ("wait " + _str(word)), "kind": "doubt", "isOpening": True, "isAhead": True}) for word in WAIT_FOLLOWERS], *phrases("check", ["check:", "checking:", "verification", "verifying", "to verify", "to double-check", "to check", "to confirm", "to be sure", "to be safe", "just to be sure", "sanity check", "double-check", "double-checking", "alternatively", "another way", "another approach", "another method", "is that right", "is this right", "is that correct", "is this correct", "are we sure", "am I sure"], True)]
OTHER_LANGUAGES = [*phrases("doubt", ["\u7b49\u7b49", "\u7b49\u4e00\u4e0b", "\u7a0d\u7b49", "\u4e0d\u5bf9", "\u4e0d\u5c0d", "\u9519\u4e86", "\u932f\u4e86", "\u6211\u7b97\u9519\u4e86", "\u6709\u8bef", "\u641e\u9519\u4e86", "\u5f04\u9519\u4e86", "\u54ce\u5440", "\u7cdf\u7cd5", "\u5176\u5b9e", "\u554a\uff0c"]), *phrases("redo", ["\u91cd\u65b0\u8ba1\u7b97", "\u91cd\u65b0\u7b97", "\u91cd\u7b97", "\u518d\u7b97\u4e00\u904d", "\u91cd\u65b0\u8003\u8651", "\u91cd\u65b0\u601d\u8003", "\u8ba9\u6211\u518d\u60f3\u60f3", "\u518d\u60f3\u60f3", "\u91cd\u65b0\u5ba1\u89c6", "\u91cd\u4f86", "\u91cd\u65b0\u4f86"]), *phrases("check", ["\u68c0\u67e5\u4e00\u4e0b", "\u518d\u68c0\u67e5", "\u9a8c\u8bc1\u4e00\u4e0b", "\u8ba9\u6211\u9a8c\u8bc1", "\u6211\u4eec\u6765\u9a8c\u8bc1", "\u9a8c\u7b97", "\u6838\u5bf9", "\u786e\u8ba4\u4e00\u4e0b", "\u68c0\u9a8c\u4e00\u4e0b", "\u9a57\u8b49", "\u9a57\u7b97", "\u6216\u8005\uff0c", "\u53e6\u4e00\u79cd\u65b9\u6cd5", "\u6362\u4e00\u79cd\u65b9\u6cd5"]), *phrases("doubt", ["moment,", "moment mal", "warte", "warte mal", "halt,", "stopp", "nein", "hoppla", "ups", "korrektur", "doch nicht"], True), *phrases("redo", ["das stimmt nicht", "das ist falsch", "das ist nicht richtig", "das kann nicht stimmen", "ich habe einen Fehler gemacht", "ich habe mich verrechnet", "da ist ein Fehler", "ein Rechenfehler", "mein Fehler"]), *phrases("redo", ["ich rechne noch einmal", "ich rechne nochmal", "noch einmal rechnen", "rechnen wir noch einmal", "noch einmal von vorn", "ich \u00fcberdenke", "nochmal von vorne", "lass mich neu rechnen", "lass mich noch einmal rechnen"]), *phrases("check", ["ich pr\u00fcfe", "pr\u00fcfen wir", "zur Probe", "ich \u00fcberpr\u00fcfe", "\u00fcberpr\u00fcfen wir", "lass mich \u00fcberpr\u00fcfen", "lass mich pr\u00fcfen", "lass mich nachpr\u00fcfen", "machen wir die Probe", "zur Kontrolle", "ich kontrolliere"]), *phrases("check", ["probe:", "kontrolle:"], True), *phrases("doubt", ["attends", "attendez", "attention", "hum", "non,", "oups", "en fait", "pardon", "minute,"], True), *phrases("redo", ["ce n'est pas juste", "ce n'est pas correct", "ce n'est pas bon", "c'est faux", "je me suis tromp\u00e9", "je me suis tromp\u00e9e", "j'ai fait une erreur", "il y a une erreur"]), *phrases("redo", ["je recalcule", "recalculons", "reprenons", "je reprends", "recommen\u00e7ons", "refaisons", "laisse-moi recalculer"]), *phrases("check", ["v\u00e9rifions", "je v\u00e9rifie", "laisse-moi v\u00e9rifier", "pour v\u00e9rifier", "v\u00e9rification", "je vais v\u00e9rifier"]), *phrases("doubt", ["espera", "esperen", "un momento", "mmm", "no,", "ups", "en realidad", "perd\u00f3n", "correcci\u00f3n"], True), *phrases("redo", ["no es as\u00ed", "eso no es correcto", "eso est\u00e1 mal", "esto est\u00e1 mal", "comet\u00ed un error", "he cometido un error", "me equivoqu\u00e9", "me he equivocado", "hay un error"]), *phrases("redo", ["recalculemos", "d\u00e9jame recalcular", "voy a recalcular", "volvamos a calcular", "volvamos a empezar", "rehagamos", "d\u00e9jame rehacer"]), *phrases("check", ["verifiquemos", "comprobemos", "d\u00e9jame verificar", "d\u00e9jame comprobar", "voy a verificar", "voy a comprobar", "para verificar", "revisemos"]), *phrases("doubt", ["espere", "espera a\u00ed", "pera\u00ed", "n\u00e3o,", "opa", "na verdade", "desculpe", "corre\u00e7\u00e3o"], True), *phrases("redo", ["isso est\u00e1 errado", "isso n\u00e3o est\u00e1 certo", "cometi um erro", "errei", "h\u00e1 um erro", "me enganei"]), *phrases("redo", ["deixe-me recalcular", "vou recalcular", "vamos recalcular", "refazendo", "vamos refazer", "vou refazer"]), *phrases("check", ["vamos verificar", "deixe-me verificar", "vou verificar", "vamos conferir", "deixe-me conferir", "para conferir"]), *phrases("doubt", ["aspetta", "aspettate", "un attimo", "no,", "ops", "in realt\u00e0", "scusa", "scusate"], True), *phrases("redo", ["non \u00e8 corretto", "non \u00e8 giusto", "\u00e8 sbagliato", "ho sbagliato", "ho fatto un errore", "ho commesso un errore", "c'\u00e8 un errore"]), *phrases("redo", ["ricalcolo", "ricalcoliamo", "rifacciamo", "fammi ricalcolare", "ricominciamo"]), *phrases("check", ["verifichiamo", "verifico", "fammi verificare", "controlliamo", "fammi controllare", "per verificare"]), *phrases("doubt", ["\u043f\u043e\u0434\u043e\u0436\u0434\u0438", "\u043f\u043e\u0434\u043e\u0436\u0434\u0438\u0442\u0435", "\u0441\u0442\u043e\u043f", "\u043d\u0435\u0442,", "\u0445\u043c", "\u043e\u0439", "\u043d\u0430 \u0441\u0430\u043c\u043e\u043c \u0434\u0435\u043b\u0435", "\u043f\u043e\u0433\u043e\u0434\u0438", "\u043c\u0438\u043d\u0443\u0442\u043a\u0443", "\u043f\u043e\u0441\u0442\u043e\u0439", "\u043f\u043e\u0441\u0442\u043e\u0439\u0442\u0435"], True), *phrases("redo", ["\u044d\u0442\u043e \u043d\u0435\u0432\u0435\u0440\u043d\u043e", "\u044d\u0442\u043e \u043d\u0435\u043f\u0440\u0430\u0432\u0438\u043b\u044c\u043d\u043e", "\u044d\u0442\u043e \u043d\u0435 \u0442\u0430\u043a", "\u044f \u043e\u0448\u0438\u0431\u0441\u044f", "\u044f \u043e\u0448\u0438\u0431\u043b\u0430\u0441\u044c", "\u0434\u043e\u043f\u0443\u0441\u0442\u0438\u043b \u043e\u0448\u0438\u0431\u043a\u0443", "\u0437\u0434\u0435\u0441\u044c \u043e\u0448\u0438\u0431\u043a\u0430", "\u0442\u0443\u0442 \u043e\u0448\u0438\u0431\u043a\u0430"]), *phrases("redo", ["\u043f\u0435\u0440\u0435\u0441\u0447\u0438\u0442\u0430\u044e", "\u043f\u0435\u0440\u0435\u0441\u0447\u0438\u0442\u0430\u0435\u043c", "\u0434\u0430\u0432\u0430\u0439\u0442\u0435 \u043f\u0435\u0440\u0435\u0441\u0447\u0438\u0442\u0430\u0435\u043c", "\u043d\u0430\u0447\u043d\u0451\u043c \u0437\u0430\u043d\u043e\u0432\u043e", "\u043d\u0430\u0447\u043d\u0435\u043c \u0437\u0430\u043d\u043e\u0432\u043e", "\u043f\u043e\u0441\u0447\u0438\u0442\u0430\u0435\u043c \u0437\u0430\u043d\u043e\u0432\u043e", "\u0432\u044b\u0447\u0438\u0441\u043b\u0438\u043c \u0437\u0430\u043d\u043e\u0432\u043e"]), *phrases("check", ["\u043f\u0440\u043e\u0432\u0435\u0440\u0438\u043c", "\u043f\u0440\u043e\u0432\u0435\u0440\u044e", "\u0434\u0430\u0432\u0430\u0439\u0442\u0435 \u043f\u0440\u043e\u0432\u0435\u0440\u0438\u043c", "\u0434\u0430\u0432\u0430\u0439 \u043f\u0440\u043e\u0432\u0435\u0440\u0438\u043c", "\u043f\u0435\u0440\u0435\u043f\u0440\u043e\u0432\u0435\u0440\u0438\u043c"]), *phrases("doubt", ["\u5f85\u3063\u3066", "\u5f85\u3066\u3088", "\u3061\u3087\u3063\u3068\u5f85", "\u3044\u3084\u3001", "\u9055\u3046", "\u9055\u3044\u307e\u3059", "\u9593\u9055\u3048", "\u9593\u9055\u3044", "\u304a\u3063\u3068", "\u3042\u308c\u3001", "\u5b9f\u306f"]), *phrases("redo", ["\u8a08\u7b97\u3057\u76f4", "\u3084\u308a\u76f4", "\u518d\u8a08\u7b97", "\u3082\u3046\u4e00\u5ea6\u8a08\u7b97", "\u8003\u3048\u76f4"]), *phrases("check", ["\u78ba\u8a8d\u3057", "\u78ba\u304b\u3081", "\u691c\u7b97", "\u691c\u8a3c\u3057", "\u5225\u306e\u65b9\u6cd5"]), *phrases("doubt", ["\uc7a0\uae50", "\uc7a0\uc2dc\ub9cc", "\uc544\ub2c8,", "\ud2c0\ub838", "\uc2e4\uc218\ud588", "\uc544\ub2c8\ub2e4", "\uc0ac\uc2e4\uc740", "\uc774\ub7f0,"]), *phrases("redo", ["\ub2e4\uc2dc \uacc4\uc0b0", "\ub2e4\uc2dc \ud480", "\ub2e4\uc2dc \uc0dd\uac01", "\ucc98\uc74c\ubd80\ud130 \ub2e4\uc2dc"]), *phrases("check", ["\ud655\uc778\ud574 \ubcf4", "\ud655\uc778\ud574\ubcf4", "\uac80\uc0b0", "\uac80\ud1a0\ud574", "\uac80\uc99d\ud574"]), *phrases("doubt", ["wacht,", "wacht even", "nee,", "dat klopt niet", "dat is fout", "ik heb een fout gemaakt"], True), *phrases("check", ["laten we controleren", "even controleren", "ter controle"], True)]
LEXICON = [*ENGLISH, *OTHER_LANGUAGES]


# src/tasks/reading/Markers.ts

def _f12(_p1=None, *_more):
    text2 = _p1["text"]
    return text2
DEFAULT_MARKERS = [*_Set(_map(LEXICON, _f12))]

def makeNode():
    return _O({"next": _Map(), "accepted": []})
byText = _Map([[phrase["text"], phrase] for phrase in LEXICON])

def phraseOf(text2=None, *_more):
    return (_t119 if (_t119 := _get(byText, text2)) is not None else _O({"text": text2, "kind": "redo"}))
_R134 = _RegExp("^[\\p{L}\\p{M}'\u2019\u02bc`\u00b4\u2010\u2011-]+(?:\\s+[\\p{L}\\p{M}'\u2019\u02bc`\u00b4\u2010\u2011-]+)*$", "u")
WORDS2 = _R134
_R135 = _RegExp("[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}]", "u")
UNSPACED2 = _R135

def wordsOf(text2):
    words3 = []
    at = 0
    while (at < len(text2)):
        if (not isLetter3(_charCodeAt(text2, at))):
            at += 1
            continue
        word = readWord(text2, at)
        _push(words3, word["text"])
        at = word["end"]
    return words3
_R136 = _RegExp("[.*+?^${}()|[\\]\\\\]", "g")
_R137 = _RegExp("\\s+", "g")
_R138 = _RegExp("['\u2019\u02bc`\u00b4]", "g")
_R139 = _RegExp("[\\p{L}\\d]$", "u")

def literalOf(text2):
    pattern = _replace(_replace(_replace(text2, _R136, ("\\$&")), _R137, ("\\s+")), _R138, "['\u2019\u02bc`\u00b4]?")
    return _RegExp(((_str(pattern) + "(?![\\p{L}\\d])") if (_R139.test(text2) and (not UNSPACED2.test(text2))) else pattern), "iuy")

def isOpeningOnly(node):
    nodes = [node]
    for _t120 in nodes:
        accepted = _t120["accepted"]
        next_ = _t120["next"]
        def _f13(_p1=None, *_more):
            isOpening = _p1["isOpening"]
            return isOpening
        if (not _every(accepted, _f13)):
            return False
        for each in _values(next_):
            _push(nodes, each)
    return True
_R140 = _RegExp("^(.*?)([.,:;!\u2026\u2014\u2013-]?)$", "su")
_R141 = _RegExp("\\p{L}[-\u2010\u2011]\\p{L}", "u")
_R142 = _RegExp("(?<=\\p{L})[-\u2010\u2011](?=\\p{L})", "gu")

def compileMarkers(phrases2):
    cleaned = [phrase for phrase in [_trim(phrase) for phrase in phrases2] if (phrase != "")]
    if (len(cleaned) == 0):
        raise ValueError("compileMarkers: no phrase given; give at least one revision marker")
    words3 = _Map()
    literals = _Map()
    def addWords(stem, accepted):
        level = words3
        node = None
        for word in wordsOf(stem):
            node = (_t121 if (_t121 := _get(level, word)) is not None else makeNode())
            _set(level, word, node)
            level = node["next"]
        (None if (_t122 := node) is None else _push(_t122["accepted"], accepted))
    def addLiteral(text2, kind):
        expression = literalOf(text2)
        for first in _Set([_toLowerCase(_at(text2, 0)), _toUpperCase(_at(text2, 0))]):
            known2 = (_t123 if (_t123 := _get(literals, _charCodeAt(first, 0))) is not None else [])
            _set(literals, _charCodeAt(first, 0), known2)
            _push(known2, _O({"expression": expression, "kind": kind}))
    for _t124 in _Set(_map(cleaned, phraseOf)):
        isAhead = _t124["isAhead"]
        if isAhead is None:
            isAhead = False
        isOpening = _t124["isOpening"]
        if isOpening is None:
            isOpening = False
        kind = _t124["kind"]
        text2 = _t124["text"]
        _t126 = (_t125 if (_t125 := _R140.exec(text2)) is not None else [])
        stem = _at(_t126, 1)
        if stem is None:
            stem = ""
        mark = _at(_t126, 2)
        if mark is None:
            mark = ""
        if ((not WORDS2.test(_trim(stem))) or UNSPACED2.test(stem)):
            addLiteral(text2, kind)
            continue
        accepted = _O({"kind": kind, "isOpening": isOpening, "isAhead": isAhead, "follow": (None if ((mark == "") or (mark == ".")) else (":" if (mark == ":") else ","))})
        addWords(stem, accepted)
        if _R141.test(stem):
            addWords(_replace(stem, _R142, " "), accepted)
    for list2 in _values(literals):
        _sort(list2, (lambda a=None, b=None, *_more: (len(b["expression"]["source"]) - len(a["expression"]["source"]))))
    asciiLiterals = bytearray(128)
    for code in _keys(literals):
        if (code < 128):
            asciiLiterals[code] = 1
    def _f14(_p1=None, *_more):
        _t127 = _p1
        node = _at(_t127, 1)
        return isOpeningOnly(node)
    def _f15(_p1=None, *_more):
        _t128 = _p1
        word = _at(_t128, 0)
        return word
    openings = _Set(_map(_filter([*words3], _f14), _f15))
    return _O({"words": words3, "literals": literals, "asciiLiterals": asciiLiterals, "heads": makeWordFilter([*cleaned, *_keys(words3)]), "openings": openings})
defaultMarkers = compileMarkers(DEFAULT_MARKERS)
_R143 = _RegExp("[\\s*_\"\u201d'\u2019]{0,3}[,.!?:;\u2026\u2014\u2013\uff0c\u3002\uff01]|\\s+[-\u2013\u2014](?=\\s)|-{2}", "y")
FOLLOW = _R143
_R144 = _RegExp("[\\s*_]{0,3}[:\uff1a]", "y")
COLON = _R144
BEFORE_SET_OFF = _Set([_charCodeAt(character, 0) for character in [*"\uff0c,\u2014\u2013-(\u2026"]])
MOST_BETWEEN = 8

def holds(expression, text2, at):
    expression.lastIndex = at
    return expression.test(text2)

def isSetOff(text2, start, end):
    before2 = (start - 1)
    while ((before2 > (start - 4)) and (_charCodeAt(text2, before2) == 32)):
        before2 -= 1
    return (_has(BEFORE_SET_OFF, _charCodeAt(text2, before2)) and holds(FOLLOW, text2, end))

def isMet(_p1, text2, start, end):
    follow = _p1["follow"]
    isOpening = _p1["isOpening"]
    return (((follow is None) or holds((COLON if (follow == ":") else FOLLOW), text2, end)) and (((not isOpening) or beginsSentence(text2, start)) or isSetOff(text2, start, end)))

def isBetween(code):
    return ((((((code == 32) or ((code >= 9) and (code <= 13))) or (code == 44)) or (code == 42)) or (code == 95)) or (code == 160))
_R145 = _RegExp("\\s[-\u2013\u2014]$", "")

def afterMark(_p1, text2, end):
    follow = _p1["follow"]
    if (follow is None):
        return end
    expression = (COLON if (follow == ":") else FOLLOW)
    return (expression.lastIndex if (holds(expression, text2, end) and (not _R145.test(text2[end:expression.lastIndex]))) else end)

def nextWordAt(text2, end):
    at = end
    while ((at < (end + MOST_BETWEEN)) and isBetween(_charCodeAt(text2, at))):
        at += 1
    return (at if ((at > end) and isLetter3(_charCodeAt(text2, at))) else (-1))

def markerAtWord(text2, start, word, wordEnd, _p5):
    words3 = _p5["words"]
    node = _get(words3, word)
    end = wordEnd
    before2 = wordEnd
    found = None
    while True:
        if (node is None):
            return found
        for accepted in node["accepted"]:
            if isMet(accepted, text2, start, end):
                found = _O({"start": start, "end": (before2 if accepted["isAhead"] else afterMark(accepted, text2, end)), "kind": accepted["kind"]})
        if (len(node["next"]) == 0):
            return found
        at = nextWordAt(text2, end)
        if (at < 0):
            return found
        next_ = readWord(text2, at)
        node = _get(node["next"], next_["text"])
        before2 = end
        end = next_["end"]

def markerAtLiteral(text2, start, _p3):
    literals = _p3["literals"]
    code = _charCodeAt(text2, start)
    candidates2 = _get(literals, code)
    if (candidates2 is None):
        return None
    if ((((_at(CLASS_OF, code) != CHARACTER["unspaced"]) and isLetter3(code)) and (start > 0)) and isLetter3(_charCodeAt(text2, (start - 1)))):
        return None
    for _t129 in candidates2:
        expression = _t129["expression"]
        kind = _t129["kind"]
        if holds(expression, text2, start):
            return _O({"start": start, "end": expression.lastIndex, "kind": kind})
    return None


# src/tasks/reading/Parts.ts
_R146 = _RegExp("<(?:think|thinking|thought|thoughts|reasoning|analysis|scratchpad|reflection|seed:think|inner_monologue)>|\\[THINK\\]|<\\|(?:begin_of_thought|START_THINKING|think_start)\\|>|\u25c1think\u25b7|<\\|channel\\|>\\s*(?:analysis|commentary)\\b[^<]{0,40}<\\|message\\|>", "iy")
OPENS_THOUGHT = _R146
_R147 = _RegExp("<\\/(?:think|thinking|thought|thoughts|reasoning|analysis|scratchpad|seed:think|inner_monologue)>|\\[\\/THINK\\]|<\\|(?:end_of_thought|END_THINKING|think_end)\\|>|\u25c1\\/think\u25b7|<\\|channel\\|>\\s*final\\b[^<]{0,40}<\\|message\\|>", "iy")
CLOSES_THOUGHT = _R147
_R148 = _RegExp("<\\|begin_of_solution\\|>", "iy")
OPENS_SAID = _R148
_R149 = _RegExp("<(answer|final_answer|final|solution|result)>", "iy")
OPENS_ANSWER = _R149

def closesAnswer(tag):
    return ("</" + _str(tag) + ">")
_R150 = _RegExp("<\\|im_start\\|>\\s*(?:user|human|system)\\b|<\\|start_header_id\\|>\\s*(?:user|system)\\b|<\\|start\\|>(?:user|system)\\b|<\\|(?:user|User)\\|>|<\uff5cUser\uff5c>|<start_of_turn>\\s*user\\b|\\[INST\\]|<\\|(?:endoftext|end_of_text|eot_id|im_end|return|eom_id|end\u2581of\u2581sentence)\\|>|<\uff5cend\u2581of\u2581sentence\uff5c>|<end_of_turn>|<eos>|<\\/s>", "iy")
ENDS_TEXT = _R150
_R151 = _RegExp("\\s*(?:<\\|im_start\\|>|<\\|start_header_id\\|>|<\\|start\\|>|<start_of_turn>)\\s*(?:assistant|model)", "iy")
GOES_ON = _R151
_R152 = _RegExp("(?:\\*\\*)?(?:(?:new\\s+|next\\s+)?(?:question|problem|exercise)(?:\\s+\\d+)?|Q\\d*|human|user|instruction|input|frage|pregunta|pergunta|domanda|\u0432\u043e\u043f\u0440\u043e\u0441)\\s*(?:\\*\\*)?[:\uff1a]|#{2,4}\\s*(?:instruction|question|problem|input|human|user)\\b|(?:\u95ee\u9898|\u9898\u76ee|\u7528\u6237|\u8cea\u554f|\u554f\u984c)\\s*[:\uff1a]", "iy")
NEXT_QUESTION = _R152
_R153 = _RegExp("(?:[*#]{1,4}\\s*)?(?:another\\s+)?(?:example|beispiel|exemple|ejemplo|exemplo|esempio|\u043f\u0440\u0438\u043c\u0435\u0440)\\s+\\d+\\s*(?:\\*\\*)?[:\uff1a]", "iuy")
NEXT_EXAMPLE = _R153


# src/tasks/reading/Scan.ts
SLASH = 47
LONGEST_LINK = 4
SUPPOSED_WITHIN = 60
LONGEST_BEGUN = 300
LONGEST_WRAPPED = 2000
BACK = 160

def codeOf(character=None, *_more):
    return _charCodeAt(character, 0)
SPECIALS = _map([*"\\#<[=*$\n"], codeOf)
_t130 = SPECIALS
BACKSLASH2 = _at(_t130, 0)
HASH = _at(_t130, 1)
LESS = _at(_t130, 2)
BRACKET = _at(_t130, 3)
EQUALS2 = _at(_t130, 4)
STAR = _at(_t130, 5)
DOLLAR = _at(_t130, 6)
LINE = _at(_t130, 7)
OWN_WORDS = [*_keys(ANSWER_WORDS), *_keys(RESULT_WORDS), *CONCLUSION_WORDS, *_keys(CONCLUSION_PAIRS)]

def byCode(signs):
    def _f16(_p1=None, *_more):
        _t131 = _p1
        sign2 = _at(_t131, 0)
        expression = _at(_t131, 1)
        return [codeOf(sign2), expression]
    return _Map(_map([*signs], _f16))
answerSigns = byCode(ANSWER_SIGNS)
resultSigns = byCode(RESULT_SIGNS)
conclusionSigns = byCode(CONCLUSION_SIGNS)
ANYWHERE = [*_keys(ANSWER_WORDS), *_keys(RESULT_WORDS)]

def prepare(markers):
    anywhere = makeWordFilter([*ANYWHERE, *[word for word in [*_keys(markers["words"])] if (not _has(markers["openings"], word))]])
    filter_ = makeWordFilter(OWN_WORDS)
    atStart = bytearray(len(filter_))
    notAtEnd = makeWordFilter(ANYWHERE)
    others = makeWordFilter([*CONCLUSION_WORDS, *_keys(CONCLUSION_PAIRS)])
    hash2 = 0
    while (hash2 < len(filter_)):
        if (_at(markers["heads"], hash2) == 1):
            filter_[hash2] = 1
        if ((_at(filter_, hash2) == 1) and (_at(anywhere, hash2) == 0)):
            atStart[hash2] = 1
        if ((_at(markers["heads"], hash2) == 1) or (_at(others, hash2) == 1)):
            notAtEnd[hash2] = 0
        hash2 += 1
    isSpecial = _array_from(markers["asciiLiterals"])
    for code in SPECIALS:
        isSpecial[code] = 1
    entries = _Map([[word, _O({"isMarker": _has(markers["words"], word), "answer": _get(ANSWER_WORDS, word), "result": _get(RESULT_WORDS, word), "isConclusion": _has(CONCLUSION_WORDS, word), "seconds": _get(CONCLUSION_PAIRS, word)})] for word in [*OWN_WORDS, *_keys(markers["words"])]])
    return _O({"filter": filter_, "entries": entries, "atStart": atStart, "notAtEnd": notAtEnd, "isSpecial": isSpecial})

def test(expression, text2, at):
    expression.lastIndex = at
    return (expression.lastIndex if expression.test(text2) else (-1))

def closingBrace(text2, open):
    depth = 0
    limit = min(len(text2), (open + LONGEST_WRAPPED))
    at = open
    while (at < limit):
        code = _charCodeAt(text2, at)
        if (code == BACKSLASH2):
            at += 1
        else:
            if (code == 123):
                depth += 1
            else:
                if ((code == 125) and ((depth := depth - 1) == 0)):
                    return at
        at += 1
    return (-1)
_R154 = _RegExp("\\\\(?:boxed|fbox|framebox)\\s{0,3}", "y")
BOXED = _R154
_R155 = _RegExp("^[\\s$,;.]{0,6}(?:\\\\(?:text|quad|;|,| )\\s*\\{?\\s*)?(?:and|or|und|oder|et|ou|y|o|\u548c|\u6216)?\\s*\\}?[\\s$,;]{0,6}$", "iu")
BETWEEN_BOXES = _R155
MOST_BETWEEN_BOXES = 24
MAY_ASK = _Set(_map([*"QqPpEeHhUuIiFfDdNnBb*#\u95ee\u9898\u7528\u8cea\u554f\u0412\u0432\u041f\u043f"], codeOf))
_R156 = _RegExp("[^\\S\\n]*(?:[*_:]+[^\\S\\n]*)?(?:\\n[^\\S\\n]*)+", "y")
LABEL_ONLY = _R156
_R157 = _RegExp("^[\\s#*_>-]*(?:(?:the|my|your|final|correct|endg\u00fcltige|finale|r\u00e9ponse|respuesta)\\s+)*$", "iu")
LABEL_BEFORE = _R157
_R158 = _RegExp("\\bfinal\\s+$", "iu")
FINAL_BEFORE = _R158
_R159 = _RegExp("^\\s*[-\u2212\u2013*_$]*\\d[^\\n]{0,80}\\s*$", "u")
VALUE_FIRST = _R159
_R160 = _RegExp("^[\\s*_#-]*$", "u")
RULE = _R160

def lineBefore(text2, at):
    before2 = text2[max(0, (at - BACK)):at]
    return before2[(_lastIndexOf(before2, "\n") + 1):]

def lineEnd(text2, from_):
    length = _indexOf(text2[from_:(from_ + LONGEST_BEGUN)], "\n")
    return (min(len(text2), (from_ + LONGEST_BEGUN)) if (length < 0) else (from_ + length))
_R161 = _RegExp("<\\|im_start\\|>\\s*assistant|<\\|[a-z_]+\\|>", "gi")

def makeScanner(markers):
    _t132 = prepare(markers)
    atStart = _t132["atStart"]
    entries = _t132["entries"]
    filter_ = _t132["filter"]
    isSpecial = _t132["isSpecial"]
    notAtEnd = _t132["notAtEnd"]
    text2 = ""
    turns = []
    events = []
    equals = []
    conclusions = []
    emphases = []
    closes2 = _Map()
    end = 0
    after = 0
    isThinking = False
    saidFrom = 0
    nextTurn = 0
    boxedEnd = 0
    blankEnd = 0
    hasStretch = False
    hasAnswer = False
    def passTurns(at):
        nonlocal nextTurn
        while ((nextTurn < len(turns)) and (_at(turns, nextTurn) <= at)):
            _push(events, _O({"type": "turn", "start": _at(turns, ((nextTurn := nextTurn + 1) - 1))}))
    def push(event):
        passTurns(event["start"])
        _push(events, event)
    def stretch(start, from_, to, how, isWrapped, isPart=None):
        nonlocal hasStretch, hasAnswer
        if isPart is None:
            isPart = False
        hasStretch = True
        if not hasAnswer:
            hasAnswer = ((how != "result") and (not isPart))
        push(_O({"type": "stretch", "start": start, "from": from_, "to": to, "how": how, "isWrapped": isWrapped, "isPart": isPart}))
    def onMarker(marker):
        nonlocal after
        if (((marker is None) or (marker["start"] < after)) or (_charCodeAt(text2, (marker["start"] - 1)) == SLASH)):
            return False
        push(_O({"type": "marker", "start": marker["start"], "marker": marker}))
        after = marker["end"]
        return True
    def begun3(start, linkStart, from_, how):
        before2 = lineBefore(text2, start)
        between2 = text2[linkStart:from_]
        isBare2 = (len(between2) <= LONGEST_LINK)
        if (SUPPOSED.test(before2[(-SUPPOSED_WITHIN):]) or ((not isBare2) and DENIED.test(between2))):
            return None
        isOpen = ((not isBare2) and OPEN.test(between2))
        if (isOpen and CONDITIONAL.test(text2[from_:sentenceEnd(text2, from_, min(len(text2), (from_ + LONGEST_BEGUN)))])):
            return None
        isAsked = (_includes(before2, "?") and OWN_QUESTION.test(before2))
        isPart = ((((not isBare2) and PARTIAL.test(between2)) or PART_LABEL.test(before2)) or isAsked)
        below = test(LABEL_ONLY, text2, from_)
        if (below < 0):
            return stretch(start, from_, lineEnd(text2, from_), how, False, isPart)
        to = lineEnd(text2, below)
        isLast = (_trim(text2[to:(to + BACK)]) == "")
        if (isLast or ((how == "words") and (not _includes(text2[below:to], "=")))):
            stretch(start, below, to, how, True, isPart)
    def onAnswerWord(start, word, wordEnd, expression):
        if (_charCodeAt(text2, wordEnd) == 62):
            return False
        from_ = test(expression, text2, wordEnd)
        isAlone = ((from_ < 0) and (test(LABEL_ONLY, text2, wordEnd) >= 0))
        if ((from_ < 0) and (not isAlone)):
            return False
        before2 = lineBefore(text2, start)
        if (_has(NEEDS_RIGHT, word) and (not CALLED_RIGHT.test(before2))):
            return False
        if (isAlone and (not LABEL_BEFORE.test(before2))):
            return False
        begun3(start, wordEnd, (wordEnd if (from_ < 0) else from_), "words")
        return True
    def onResultWord(start, wordEnd, expression):
        from_ = test(expression, text2, wordEnd)
        if (from_ < 0):
            return False
        isFinal = FINAL_BEFORE.test(text2[max(0, (start - 8)):start])
        begun3(start, wordEnd, from_, ("words" if isFinal else "result"))
        return True
    def onSign(start, signs, how):
        expression = _get(signs, _charCodeAt(text2, start))
        from_ = ((-1) if (expression is None) else test(expression, text2, start))
        if (from_ < 0):
            return False
        begun3(start, start, from_, how)
        return True
    def onWord(start=None, *_more):
        code = _charCodeAt(text2, start)
        if (_at(CLASS_OF, code) == CHARACTER["unspaced"]):
            if ((onMarker(markerAtLiteral(text2, start, markers)) or onSign(start, answerSigns, "words")) or onSign(start, resultSigns, "result")):
                return None
            expression = _get(conclusionSigns, code)
            if ((expression is not None) and (test(expression, text2, start) >= 0)):
                _push(conclusions, start)
            return None
        word = readWord(text2, start)
        entry = _get(entries, word["text"])
        if (entry is None):
            if ((code >= 128) or (_at(markers["asciiLiterals"], code) == 1)):
                onMarker(markerAtLiteral(text2, start, markers))
            return None
        if (entry["isMarker"] and onMarker(markerAtWord(text2, start, word["text"], word["end"], markers))):
            return None
        if ((entry["answer"] is not None) and onAnswerWord(start, word["text"], word["end"], entry["answer"])):
            return None
        if ((entry["result"] is not None) and onResultWord(start, word["end"], entry["result"])):
            return None
        isConclusion = entry["isConclusion"]
        seconds = entry["seconds"]
        if ((not isConclusion) and (seconds is None)):
            return None
        if (beginsSentence(text2, start) and (isConclusion or _has(seconds, readWord(text2, skipSpaces(text2, word["end"]))["text"]))):
            _push(conclusions, start)
    def onBoxed(at):
        nonlocal boxedEnd
        open = test(BOXED, text2, at)
        if ((open < 0) or (at < boxedEnd)):
            return None
        if (_charCodeAt(text2, open) != 123):
            if (_at(CLASS_OF, _charCodeAt(text2, open)) == CHARACTER["digit"]):
                stretch(at, open, min(len(text2), (open + 40)), "boxed", False)
            return None
        close2 = closingBrace(text2, open)
        if (close2 < 0):
            return None
        boxedEnd = (close2 + 1)
        tail = text2[boxedEnd:(boxedEnd + BACK)]
        stretch(at, (open + 1), close2, "boxed", True, (PARTIAL_AFTER.test(tail) or PART_LABEL.test(lineBefore(text2, at))))
    def onHash(at):
        if (((not _startsWith(text2, "####", at)) or (_charCodeAt(text2, (at + 4)) == HASH)) or (_charCodeAt(text2, (at - 1)) == HASH)):
            return None
        stretch(at, (at + 4), lineEnd(text2, (at + 4)), "hash", False)
    def closeOf(tag, from_):
        known2 = _get(closes2, tag)
        if ((known2 is not None) and ((known2 < 0) or (known2 >= from_))):
            return known2
        found = _indexOf(text2, closesAnswer(tag), from_)
        _set(closes2, tag, found)
        return found
    def onTag(at):
        nonlocal isThinking, saidFrom, end
        opened = test(OPENS_THOUGHT, text2, at)
        if (opened >= 0):
            isThinking = True
            return None
        closed = test(CLOSES_THOUGHT, text2, at)
        if (closed >= 0):
            isThinking = False
            saidFrom = closed
            push(_O({"type": "said", "start": at, "end": closed}))
            return None
        solution = test(OPENS_SAID, text2, at)
        if (solution >= 0):
            isThinking = False
            saidFrom = solution
            push(_O({"type": "said", "start": at, "end": solution}))
            return None
        OPENS_ANSWER.lastIndex = at
        tag = OPENS_ANSWER.exec(text2)
        if (tag is not None):
            from_ = OPENS_ANSWER.lastIndex
            close2 = closeOf((_t133 if (_t133 := _at(tag, 1)) is not None else ""), from_)
            if (close2 < 0):
                return None
            if isThinking:
                isThinking = False
                saidFrom = at
                push(_O({"type": "said", "start": at, "end": at}))
            if ((close2 - from_) <= LONGEST_WRAPPED):
                stretch(at, from_, close2, "tag", True)
            return None
        over3 = test(ENDS_TEXT, text2, at)
        if ((over3 < 0) or (test(GOES_ON, text2, over3) >= 0)):
            return None
        if hasText(at):
            end = at
    def hasText(at):
        return (not RULE.test(_replace(text2[max(0, (at - 40)):at], _R161, "")))
    def onLine(at):
        nonlocal blankEnd, end
        if (isThinking or (at < blankEnd)):
            return None
        if (not ((((len(equals) > 0) or (len(conclusions) > 0)) or hasStretch) or ((at < BACK) and VALUE_FIRST.test(text2[0:at])))):
            return None
        next_ = skipSpaces(text2, (at + 1))
        blankEnd = next_
        if (_has(MAY_ASK, _charCodeAt(text2, next_)) and ((test(NEXT_QUESTION, text2, next_) >= 0) or (hasAnswer and (test(NEXT_EXAMPLE, text2, next_) >= 0)))):
            end = at
    def _f17(at=None, *_more):
        code = _charCodeAt(text2, at)
        if (code == EQUALS2):
            _push(equals, at)
        else:
            if (code == LINE):
                onLine(at)
            else:
                if (code == BACKSLASH2):
                    if (_charCodeAt(text2, (at + 1)) == 91):
                        _push(emphases, at)
                    else:
                        onBoxed(at)
                else:
                    if ((code == STAR) or (code == DOLLAR)):
                        if (_charCodeAt(text2, (at + 1)) == code):
                            _push(emphases, at)
                    else:
                        if (code == HASH):
                            onHash(at)
                        else:
                            if (((code == LESS) or (code == BRACKET)) or (code == 9665)):
                                onTag(at)
                            else:
                                if ((code >= 128) or (_at(markers["asciiLiterals"], code) == 1)):
                                    onMarker(markerAtLiteral(text2, at, markers))
    visitor = _O({"atStart": atStart, "notAtEnd": notAtEnd, "isSpecial": isSpecial, "end": (lambda *_more: end), "onWord": onWord, "onSpecial": _f17})
    def _f18(given=None, givenTurns=None, *_more):
        nonlocal text2, turns, events, equals, conclusions, emphases, closes2, end, after, isThinking, saidFrom, nextTurn, boxedEnd, blankEnd, hasStretch, hasAnswer
        text2 = given
        turns = givenTurns
        events = []
        equals = []
        conclusions = []
        emphases = []
        if (len(closes2) > 0):
            closes2 = _Map()
        end = len(text2)
        after = 0
        isThinking = False
        saidFrom = 0
        nextTurn = 0
        boxedEnd = 0
        blankEnd = 0
        hasStretch = False
        hasAnswer = False
        forWords(text2, filter_, visitor)
        passTurns(len(text2))
        text2 = ""
        def _f19(_p1=None, *_more):
            start = _p1["start"]
            return (start < end)
        return _O({"end": end, "isThinking": isThinking, "saidFrom": saidFrom, "events": (_filter(events, _f19) if (end < len(given)) else events), "equals": equals, "conclusions": conclusions, "emphases": emphases})
    return _f18
scanners = _Map()
NO_TURNS = []

def scan(text2, markers, turns=None):
    if turns is None:
        turns = NO_TURNS
    known2 = _get(scanners, markers)
    if (known2 is not None):
        return known2(text2, turns)
    made = makeScanner(markers)
    _set(scanners, markers, made)
    return made(text2, turns)
_R162 = _RegExp("[,a-z\u548c\u6216]", "i")

def joinBoxes(text2, stretches):
    groups = []
    for stretch in stretches:
        last = (None if (_t134 := _counted(groups, (-1))) is None else _counted(_t134, (-1)))
        gap = (None if (((last is None) or (last["how"] != "boxed")) or (stretch["how"] != "boxed")) else text2[(last["to"] + 1):stretch["start"]])
        if (((((gap is not None) and (len(gap) <= MOST_BETWEEN_BOXES)) and (not _includes(gap, "\n"))) and BETWEEN_BOXES.test(gap)) and _R162.test(gap)):
            _push(_counted(groups, (-1)), stretch)
        else:
            _push(groups, [stretch])
    return groups


# src/tasks/reading/Values.ts
_R163 = _RegExp("\\b(?:in\\s+(?:total|all)|altogether|overall|finally|insgesamt|au\\s+total|en\\s+total|in\\s+totale|\u0432\u0441\u0435\u0433\u043e)\\b|\u4e00\u5171|\u603b\u5171|\u5408\u8a08", "iu")
WHOLE = _R163
_R164 = _RegExp("\\*\\*([^*\\n]{1,80})\\*\\*", "y")
EMPHASIS = _R164
MOST_WORDS = 4
NUMERIC = _Set(["integer", "number", "mathematics", "countdown"])
_R165 = _RegExp("[\\s$*_\\\\([{|]", "")
BEFORE_VALUE = _R165
_R166 = _RegExp("(?:(?:[-\u2212\u2013+\u00b1]\\s*)?(?:\\\\?[$\u20ac\u00a3\u00a5\u20b9]\\s*|\\\\\\s*)?[\\d.\u221a\u03c0\u221e\u00bd\u00bc\u00be]|(?:d|t)?frac|sqrt|pi\\b|infty|left|begin|boxed|text|mathrm|displaystyle|[a-z]\\s*=|[-+]?[a-z]\\b\\s*[-+^*/])", "iuy")
BEGINS_VALUE = _R166
_R167 = _RegExp("\\b(?:then|rather|maybe|perhaps|so|but|now|actually|instead|later|finally|hence|thus|therefore|that|done)\\b", "iu")
PROSE = _R167
_R168 = _RegExp("[.!?:;]\\s+\\S", "u")
SENTENCE = _R168

def beginsValue(text2):
    at = 0
    while ((at < len(text2)) and BEFORE_VALUE.test(_at(text2, at))):
        at += 1
    BEGINS_VALUE.lastIndex = at
    return BEGINS_VALUE.test(text2)
_R169 = _RegExp("\\p{L}{2,}", "gu")
_R170 = _RegExp("\\d\\s*=", "")

def looksLikeValue(_p1, text2):
    kind = _p1["kind"]
    bare3 = _trim(text2)
    if ((bare3 == "") or SENTENCE.test(bare3)):
        return False
    if (not _has(NUMERIC, kind)):
        return True
    if ((not beginsValue(bare3)) or PROSE.test(bare3)):
        return False
    words3 = (_t135 if (_t135 := _match(_replace(bare3, _R88, " "), _R169)) is not None else [])
    return ((len(words3) <= MOST_WORDS) and (not _R170.test(bare3)))
SIGNS2 = _Set([_charCodeAt(sign2, 0) for sign2 in [*"-\u2212\u2013"]])
_R171 = _RegExp("\\b(?:half(?:\\s+of)?|twice|double|triple|thrice|(?:third|quarter|fourth|fifth|root|cube|square|logarithm)\\s+of|(?:less|more|fewer|greater|smaller|larger)\\s+than)\\s+(?:\\\\?\\$)?$", "iu")
OTHER_MEANT = _R171
MODIFIES = 24
_R172 = _RegExp("^(?:-?[\\d./]+%?|[A-J])$", "u")
ONE_VALUE = _R172
_R173 = _RegExp("(?<!\\d\\s)\\b(?:minus|negative)\\s$", "iu")
NEGATES = _R173
_R174 = _RegExp("(?:\\s?[-\u2212\u2013+*/\u00d7\u00f7\u00b7\u22c5^]\\s?(?:\\\\?\\$)?\\d[\\d.,]{0,40}){0,20}", "y")
WORKING2 = _R174
_R175 = _RegExp("[\\p{L}\\d)\\]}]\\s?$", "u")

def signedStart(text2, at, from_):
    word = NEGATES.exec(text2[max(from_, (at - 12)):at])
    if (word is not None):
        return (at - len(_at(word, 0)))
    return ((at - 1) if (((at > from_) and _has(SIGNS2, _charCodeAt(text2, (at - 1)))) and (not _R175.test(text2[max(from_, (at - 3)):(at - 1)]))) else at)

def valuesOfSentence(_p1, from_, to):
    grader = _p1["grader"]
    text2 = _p1["text"]
    isWhole2 = WHOLE.test(text2[from_:to])
    linked2 = None
    first = None
    last = None
    at = from_
    while (at < to):
        code = _charCodeAt(text2, at)
        if isDigit2(code):
            isOther = OTHER_MEANT.test(text2[max(from_, (at - MODIFIES)):at])
            value6 = (None if isOther else grader["value"](text2, signedStart(text2, at, from_), to, "begun"))
            if first is None:
                first = value6
            last = (_t136 if (_t136 := value6) is not None else last)
            at = max((_t138 if (_t138 := (None if (_t137 := value6) is None else _t137["end"])) is not None else 0), (_t140 if (_t140 := (None if (_t139 := readNumeral(text2, at)) is None else _t139["end"])) is not None else 0), (at + 1))
            if ((value6 is not None) or isOther):
                continue
            WORKING2.lastIndex = at
            WORKING2.test(text2)
            at = max(at, min(to, WORKING2.lastIndex))
            continue
        if ((code == 42) and _startsWith(text2, "**", at)):
            EMPHASIS.lastIndex = at
            bold = EMPHASIS.exec(text2)
            value6_2 = (None if (((bold is None) or (EMPHASIS.lastIndex > to)) or (not looksLikeValue(grader, _at(bold, 1)))) else grader["value"](text2, (at + 2), (EMPHASIS.lastIndex - 2), "wrapped"))
            if (value6_2 is not None):
                linked2 = value6_2
            at = ((at + 2) if (value6_2 is None) else EMPHASIS.lastIndex)
            continue
        if (not isLetter3(code)):
            at += 1
            continue
        word = readWord(text2, at)
        at = max(word["end"], (at + 1))
        if _has(RESULT_WORDS, word["text"]):
            isWhole2 = True
        if (not _has(LINK_WORDS, word["text"])):
            continue
        value5 = grader["value"](text2, at, to, "begun")
        if ((value5 is None) or (_has(LOOSE_LINKS, word["text"]) and (not ONE_VALUE.test(value5["answer"])))):
            continue
        linked2 = value5
        at = max(at, value5["end"])
    return _O({"linked": linked2, "first": first, "last": last, "isWhole": isWhole2})

def saidValue(_p1, _p2):
    grader = _p1["grader"]
    first = _p2["first"]
    last = _p2["last"]
    linked2 = _p2["linked"]
    return (first if (grader["kind"] == "countdown") else (_t141 if (_t141 := linked2) is not None else last))


# src/tasks/reading/Announced.ts
_R176 = _RegExp("^\\s*[.):]\\s*\\S", "")
HEADING = _R176
_R177 = _RegExp("[\\u3040-\\u30ff\\u4e00-\\u9fff\\uac00-\\ud7af]", "u")
VALUE_LAST = _R177
WORDED = _Set(["choice", "text"])
OWN_WRAPPERS = _Set(["boxed", "tag"])

def skipTicks(text2, from_, to):
    at = from_
    while ((at < to) and ((_charCodeAt(text2, at) == 32) or (_charCodeAt(text2, at) == 96))):
        at += 1
    return at

def valueOf2(context, _p2, limit):
    from_ = _p2["from"]
    how = _p2["how"]
    isWrapped = _p2["isWrapped"]
    to = _p2["to"]
    grader = context["grader"]
    text2 = context["text"]
    end = min(to, limit)
    if (isWrapped and _has(OWN_WRAPPERS, how)):
        return grader["value"](text2, from_, end, "wrapped")
    if (isWrapped and looksLikeValue(grader, text2[from_:end])):
        return grader["value"](text2, from_, end, "wrapped")
    begun3 = (None if isWrapped else grader["value"](text2, skipTicks(text2, from_, end), end, "begun"))
    if (begun3 is not None):
        return begun3
    if ((how == "hash") or (how == "boxed")):
        return None
    sentence2 = sentenceEnd(text2, skipSpaces(text2, from_), end)
    _t142 = valuesOfSentence(context, from_, sentence2)
    last = _t142["last"]
    linked2 = _t142["linked"]
    return (_t143 if (_t143 := linked2) is not None else (last if VALUE_LAST.test(text2[from_:sentence2]) else None))

def candidateOf(context, group, limit):
    grader = context["grader"]
    text2 = context["text"]
    _t144 = group
    first = _at(_t144, 0)
    last = _counted(group, (-1))
    if ((first is None) or (last is None)):
        return None
    _t145 = _O({"at": first["start"], "strength": (1 if first["isPart"] else (2 if (first["how"] == "result") else 3))})
    at = _t145["at"]
    strength = _t145["strength"]
    if (len(group) > 1):
        def _f20(_p1=None, *_more):
            from_ = _p1["from"]
            to = _p1["to"]
            return text2[from_:to]
        list2 = _join(_map(group, _f20), ", ")
        value6 = grader["value"](list2, 0, len(list2), "wrapped")
        if (value6 is not None):
            return _O({"answer": value6["answer"], "start": first["from"], "end": last["to"], "strength": strength, "how": first["how"], "at": at, "isAsked": False})
    value5 = valueOf2(context, last, limit)
    if (value5 is None):
        return None
    if ((last["how"] == "hash") and HEADING.test(text2[value5["end"]:last["to"]])):
        return None
    return _O({**(value5 or {}), "strength": strength, "how": last["how"], "at": at, "isAsked": False})

def announcedBy(context, stretch, end):
    return candidateOf(context, [stretch], end)
_R178 = _RegExp("^[^\\S\\n*_]*$", "")

def isLeadIn(_p1, _p2, next_):
    grader = _p1["grader"]
    text2 = _p1["text"]
    end = _p2["end"]
    return (((((next_ is not None) and _has(WORDED, grader["kind"])) and (next_["start"] >= end)) and ((next_["start"] - end) < 8)) and _R178.test(text2[end:next_["start"]]))

def findIn(context, segment):
    strong = []
    results = []
    groups = joinBoxes(context["text"], segment["stretches"])
    for _t146 in _entries(groups):
        _t147 = _t146
        k = _at(_t147, 0)
        group = _at(_t147, 1)
        candidate = candidateOf(context, group, min(segment["end"], (_t150 if (_t150 := (None if (_t148 := _at(groups, (k + 1))) is None else (None if (_t149 := _at(_t148, 0)) is None else _t149["start"]))) is not None else segment["end"])))
        isPart = ((len(group) > 1) and ((k + 1) < len(groups)))
        if (((candidate is not None) and (not isPart)) and (not isLeadIn(context, candidate, (None if (_t151 := _at(groups, (k + 1))) is None else _at(_t151, 0))))):
            _push((strong if (candidate["strength"] == 3) else results), candidate)
    return _O({"segment": segment, "strong": strong, "results": results})

def bareNumber(_p1, _p2):
    grader = _p1["grader"]
    text2 = _p1["text"]
    end = _p2["end"]
    start = _p2["start"]
    last = lastNumeral(text2, start, end)
    value5 = (None if (last is None) else grader["value"](text2, last["start"], end, "begun"))
    return (None if (value5 is None) else _O({**(value5 or {}), "strength": 0.5, "how": "number", "at": value5["start"], "isAsked": False}))


# src/tasks/reading/BreaksOff.ts
_R179 = _RegExp("\\b(?:yes|yep|yeah|correct|right|good|ok|okay|fine|confirmed|match(?:es)?|true|great|consistent|perfect|indeed|well|holds|out|checks|same|ja|oui|s\u00ed|\u0434\u0430|verified)\\W*$", "iu")
CONFIRMS = _R179
_R180 = _RegExp("[\\p{L},:;(+=\u2212*/-]\\s*$", "u")
BREAKS_OFF = _R180
SHORT_REST = 24
REST = 120
_R181 = _RegExp("[*_`\"\u201d'\u2019)\\]}$\\s]+$", "u")
_R182 = _RegExp("[?\uff1f]$", "")
_R183 = _RegExp("[\\p{L}\\d]", "u")

def breaksOff(text2, _p2, end):
    from_ = _p2["end"]
    kind = _p2["kind"]
    rest = _replace(text2[max(from_, (end - REST)):end], _R181, "")
    if (CONFIRMS.test(rest) or _R182.test(rest)):
        return False
    if (not _R183.test(rest)):
        return True
    return ((((kind == "redo") and ((end - from_) < SHORT_REST)) and (not _R22.test(rest))) or BREAKS_OFF.test(rest))


# src/tasks/reading/Attempts.ts
LEAST_WORK = 20

def claims(_p1):
    isAsked = _p1["isAsked"]
    strength = _p1["strength"]
    return ((strength >= 3) or isAsked)
_R184 = _RegExp("[\\s.!?\u3002\uff01\uff1f*_)\"\u201d\u2019'\\]}$]", "u")

def afterSentence(text2, from_, to):
    at = sentenceEnd(text2, from_, to)
    while ((at < to) and _R184.test(_at(text2, at))):
        at += 1
    return (at if (at > from_) else to)
_R185 = _RegExp("[\\s*#_$>-]", "g")

def makeAttempts(text2, said2):
    attempts = []
    current = None
    pending = None
    hasCrossed = False
    checks = 0
    unmarked = 0
    def take(marker, start, candidate):
        nonlocal current, pending
        if (current is not None):
            _push(attempts, _O({"start": current["start"], "end": current["candidate"]["end"], "candidate": current["candidate"], "decision": "RESAMPLE", "marker": marker}))
        current = _O({"start": min(start, candidate["start"]), "candidate": candidate})
        pending = None
    def _f21(marker=None, *_more):
        nonlocal pending
        if (current is None):
            return None
        isKept = ((pending is not None) and ((pending["kind"] == "redo") or (pending["kind"] == "turn")))
        pending = (_O({"marker": marker, "kind": marker["kind"], "end": marker["end"]}) if (pending is None) else _O({"marker": (_t153 if (_t153 := pending["marker"]) is not None else marker), "kind": (pending["kind"] if isKept else marker["kind"]), "end": marker["end"]}))
    def _f22(at=None, *_more):
        nonlocal pending
        pending = _O({"marker": None, "kind": "turn", "end": at})
    def _f23(came=None, *_more):
        nonlocal hasCrossed, current
        hasCrossed = True
        if ((current is None) and (came is not None)):
            current = _O({"start": 0, "candidate": came})
        if (current is not None):
            current = _O({"start": current["start"], "candidate": _O({**(current["candidate"] or {}), "strength": 3})})
    def _f24(candidate=None, *_more):
        nonlocal hasCrossed, checks, pending, current, unmarked
        crossed = hasCrossed
        hasCrossed = False
        if (current is None):
            return take(None, 0, candidate)
        known2 = current["candidate"]
        isSame2 = (known2["answer"] == candidate["answer"])
        if (pending is not None):
            isFound = (((isSame2 and crossed) and (pending["kind"] != "turn")) and (pending["kind"] != "redo"))
            if (not isFound):
                return take(pending["marker"], pending["end"], candidate)
            checks += 1
            pending = None
            current = _O({"start": current["start"], "candidate": candidate})
            return None
        isStatement = (crossed and (len(_replace(text2[said2:candidate["at"]], _R185, "")) < LEAST_WORK))
        if ((((not isSame2) and claims(known2)) and claims(candidate)) and (not isStatement)):
            unmarked += 1
            return take(None, min(candidate["start"], afterSentence(text2, known2["end"], candidate["at"])), candidate)
        if ((not isSame2) or (candidate["strength"] >= known2["strength"])):
            current = _O({"start": current["start"], "candidate": candidate})
    def _f25(decisionOf=None, *_more):
        if (current is None):
            return _O({"attempts": attempts, "checks": checks, "unmarked": unmarked})
        candidate = current["candidate"]
        start = current["start"]
        decision = decisionOf(pending)
        last = _O({"start": start, "end": candidate["end"], "candidate": candidate, "decision": decision, "marker": (None if (decision == "STOP") else (None if (_t154 := pending) is None else _t154["marker"]))})
        return _O({"attempts": [*attempts, last], "checks": (checks + (1 if ((decision == "STOP") and (pending is not None)) else 0)), "unmarked": unmarked})
    return _O({"current": (lambda *_more: (None if (_t152 := current) is None else _t152["candidate"])), "pending": (lambda *_more: pending), "mark": _f21, "turn": _f22, "cross": _f23, "accept": _f24, "finish": _f25})

def finish(text2, attempts, isCut, last, end):
    marker = (None if (_t155 := attempts["pending"]()) is None else _t155["marker"])
    isUnfinished = (((attempts["current"]() is not None) and (marker is not None)) and breaksOff(text2, (_t156 if (_t156 := last) is not None else marker), end))
    finished = attempts["finish"]((lambda left=None, *_more: (("RESAMPLE" if ((None if (_t157 := left) is None else _t157["kind"]) == "redo") else None) if (isCut or isUnfinished) else "STOP")))
    return _O({**(finished or {}), "isUnfinished": isUnfinished})


# src/tasks/reading/Candidate.ts
LONGEST_SENTENCE = 300

def firstAtOrAfter(places, at):
    low = 0
    high = len(places)
    while (low < high):
        middle = ((low + high) >> 1)
        if (_at(places, middle) < at):
            low = (middle + 1)
        else:
            high = middle
    return low
MOST_PLACES = 200

def backwards(places, from_, to, most=None):
    if most is None:
        most = MOST_PLACES
    last = (firstAtOrAfter(places, to) - 1)
    i = last
    while (((i >= 0) and (i > (last - most))) and (_at(places, i) >= from_)):
        yield [_at(places, i), _at(places, (i + 1))]
        i -= 1

def isBare(text2, from_, to):
    return (((to - from_) < 24) and (not _R183.test(text2[from_:to])))

def endsStretch(text2, _p2, to):
    end = _p2["end"]
    return isBare(text2, end, to)


# src/tasks/reading/Equations.ts
LHS = 100
_R186 = _RegExp("^[$*_)\\]}> \\\\]*(?:(?:text|mathrm)\\s*\\{\\s*)?(?:\\p{L}{1,12}(?:\\/\\p{L}{1,8})?[\u00b2\u00b3]?)?[$*_)\\]}> \\\\]*(?:$|[\\n.!?;,\u3002\uff0c\uff1b\uff01\uff1f](?!\\d))", "u")
closes = _R186
CLOSES_WITHIN = 40

def formsOf(_p1):
    numbers = _p1["numbers"]
    operators = _p1["operators"]
    forward = _join(_map_i(numbers, (lambda number2=None, k=None, *_more: (number2 + (_t158 if (_t158 := _at(operators, k)) is not None else "")))), "")
    commutes = ((len(numbers) == 2) and ((_at(operators, 0) == "*") or (_at(operators, 0) == "+")))
    return ([forward, _join(_toReversed(numbers), _at(operators, 0))] if commutes else [forward])
forms = _Map()
SKIPPED = _Set([_charCodeAt(sign2, 0) for sign2 in [*" ,$_{}"]])
SIGNS_OF = _O({"*": "*\u00d7\u00b7\u22c5xX", "+": "+", "-": "-\u2212\u2013", "/": "/\u00f7"})
WORDS_OF = _O({"*": ["\\times", "\\cdot"], "/": ["\\div"], "+": [], "-": []})

def skipBack(text2, at):
    before2 = at
    while ((before2 >= 0) and _has(SKIPPED, _charCodeAt(text2, before2))):
        before2 -= 1
    return before2
_R187 = _RegExp("[\\p{L}\\d)\\]}]", "u")
_R188 = _RegExp("[\\d.+/\u00d7\u00b7\u22c5\u00f7\u2212]", "")

def endsWithExpression(text2, equals, form):
    at = (equals - 1)
    k = (len(form) - 1)
    while (k >= 0):
        at = skipBack(text2, at)
        if (at < 0):
            return False
        expected = _at(form, k)
        signs = _at(SIGNS_OF, expected)
        if ((_at(text2, at) == expected) or ((None if (_t159 := signs) is None else _includes(_t159, _at(text2, at))) == True)):
            at -= 1
            k -= 1
            continue
        word = (None if (_t160 := _at(WORDS_OF, expected)) is None else next((each for each in _t160 if _endsWith(text2, each, (at + 1))), None))
        if (word is None):
            return False
        at -= len(word)
        k -= 1
    place = skipBack(text2, at)
    before2 = _at(text2, place)
    if ((before2 is None) or ((before2 == ".") and (place < at))):
        return True
    if (before2 == "-"):
        return (not _R187.test((_t161 if (_t161 := _at(text2, skipBack(text2, (place - 1)))) is not None else "")))
    return (not _R188.test(before2))

def isAskedBefore(text2, equals, asked):
    known2 = (_t162 if (_t162 := _get(forms, asked)) is not None else formsOf(asked))
    _set(forms, asked, known2)
    return any(endsWithExpression(text2, equals, form) for form in known2)
_R189 = _RegExp("[\\s$*{(]{0,6}(?:[-\u2212\u2013+\u00b1]?\\s?[$\u20ac\u00a3]?[\\d.\u221a\u03c0]|\\\\|[a-z(])", "iuy")
OPENS_VALUE = _R189

def closingValue(_p1, equals, next_, to):
    grader = _p1["grader"]
    text2 = _p1["text"]
    OPENS_VALUE.lastIndex = (equals + 1)
    if (not OPENS_VALUE.test(text2)):
        return None
    limit = sentenceEnd(text2, (equals + 1), min(to, (_t163 if (_t163 := next_) is not None else to), (equals + LONGEST_SENTENCE)))
    value5 = grader["value"](text2, (equals + 1), limit, "begun")
    return (value5 if ((value5 is not None) and closes.test(text2[value5["end"]:min(to, (value5["end"] + CLOSES_WITHIN))])) else None)

def askedCandidate(context, from_, to):
    asked = context["asked"]
    grader = context["grader"]
    scan2 = context["scan"]
    text2 = context["text"]
    if (asked is None):
        return None
    left = MOST_PLACES
    for _t164 in backwards(scan2["equals"], from_, to, _INF):
        _t165 = _t164
        equals = _at(_t165, 0)
        if (not isAskedBefore(text2, equals, asked)):
            continue
        if (((left := left - 1) + 1) == 0):
            return None
        value5 = grader["value"](text2, (equals + 1), sentenceEnd(text2, (equals + 1), min(to, (equals + LONGEST_SENTENCE))), "begun")
        if (value5 is not None):
            return _O({**(value5 or {}), "strength": 2, "how": "equation", "at": equals, "isAsked": True})
    return None

def closingCandidate(context, from_, to):
    for _t166 in backwards(context["scan"]["equals"], from_, to):
        _t167 = _t166
        equals = _at(_t167, 0)
        next_ = _at(_t167, 1)
        value5 = closingValue(context, equals, next_, to)
        if (value5 is not None):
            return _O({**(value5 or {}), "strength": 1, "how": "equation", "at": equals, "isAsked": False})
    return None
CLAUSE_ENDS = ["\n", ";", "=", ": ", ", ", ". ", "? ", "! "]

def clauseBefore(text2, at):
    left = text2[max(0, (at - LHS)):at]
    return left[(max(*[_lastIndexOf(left, end) for end in CLAUSE_ENDS]) + 1):]

def tests(text2, _p2, answer):
    start = _p2["start"]
    before2 = text2[max(0, (start - LHS)):start]
    equals = _lastIndexOf(before2, "=")
    if ((equals < 0) or _R183.test(before2[equals:])):
        return False
    clause = clauseBefore(text2, ((start - len(before2)) + equals))
    place = 0
    while (place < len(clause)):
        found = (readNumeral(clause, place) if isDigit2(_charCodeAt(clause, place)) else None)
        if ((None if (_t168 := found) is None else _t168["value"]) == answer):
            return True
        place = (_t170 if (_t170 := (None if (_t169 := found) is None else _t169["end"])) is not None else (place + 1))
    return False
_R190 = _RegExp("[\\s$*_`]|\\\\(?=times|cdot|div)", "g")
_R191 = _RegExp("times|cdot|[\u00d7\u00b7\u22c5]", "g")

def leftOf(text2, at):
    return _replace(_replace(clauseBefore(text2, at), _R190, ""), _R191, "*")

def isSameLeft(text2, a, b):
    return (((a["how"] == "equation") and (b["how"] == "equation")) and (leftOf(text2, a["at"]) == leftOf(text2, b["at"])))


# src/tasks/reading/Revisions.ts
_R192 = _RegExp("[\\p{L}\\d.]$", "u")
_R193 = _RegExp("^(?:[\\p{L}\\d]|[.,]\\d)", "u")

def firstPlaceOf(text2, value5):
    at = _indexOf(text2, value5)
    while (at >= 0):
        isApart = ((not _R192.test(text2[max(0, (at - 1)):at])) and (not _R193.test(text2[(at + len(value5)):((at + len(value5)) + 2)])))
        if isApart:
            return at
        at = _indexOf(text2, value5, (at + 1))
    return len(text2)
MOST_SEGMENTS = 2000

def isTurning(_p1):
    opener = _p1["opener"]
    return (((None if (_t171 := opener) is None else _t171["type"]) == "marker") and (opener["marker"]["kind"] != "check"))

def isOfCheck(_p1):
    opener = _p1["opener"]
    return (((None if (_t172 := opener) is None else _t172["type"]) == "marker") and (opener["marker"]["kind"] == "check"))
_R194 = _RegExp("(\\d[\\d\\s.,]*(?:[-\u2212\u2013+*/\u00d7\u00f7\u00b7\u22c5][\\d\\s.,]*)+)=\\s*\\$?$", "u")
OPERATION = _R194
_R195 = _RegExp("^[^=\\n]{0,60}?(\\d[\\d\\s.,]*(?:[-\u2212\u2013+*/\u00d7\u00f7\u00b7\u22c5][\\d\\s.,]*)+)=\\s*\\$?(\\d[\\d.,]*(?<![.,]))", "u")
REWORKED = _R195
LHS2 = 60

def isStep(text2, _p2, _p3, final):
    at = _p2["start"]
    end = _p3["end"]
    start = _p3["start"]
    left = (None if (_t173 := OPERATION.exec(text2[max(0, (at - LHS2)):at])) is None else _at(_t173, 1))
    again2 = (None if (left is None) else REWORKED.exec(text2[start:min(end, (start + (2 * LHS2)))]))
    return (((again2 is not None) and (_replace(_at(again2, 1), _R65, "") == _replace(left, _R65, ""))) and (_replaceAll(_at(again2, 2), ",", "") != final["answer"]))

def revisionsOf(text2, found, final, _p4):
    closingOf = _p4["closingOf"]
    weakOf = _p4["weakOf"]
    revised = _Map()
    canTurn = _some_i(found, (lambda each=None, k=None, *_more: (((len(each["strong"]) == 0) and (_at(found, (k + 1)) is not None)) and isTurning(_at(found, (k + 1))["segment"]))))
    if (((final is None) or (not canTurn)) or (len(found) > MOST_SEGMENTS)):
        return revised
    written = [text2[final["start"]:final["end"]], final["answer"]]
    reached = min(*[firstPlaceOf(text2, value5) for value5 in written])
    stated = None
    def isStatedBefore(place):
        nonlocal stated
        if stated is None:
            stated = (_t179 if (_t179 := (None if (_t178 := _find(found, (lambda each=None, *_more: (((None if (_t176 := _at(each["strong"], 0)) is None else _t176["answer"]) == final["answer"]) or ((None if (_t177 := weakOf(each)) is None else _t177["answer"]) == final["answer"]))))) is None else _t178["segment"]["end"])) is not None else len(text2))
        return (place > stated)
    for _t180 in _entries(found):
        _t181 = _t180
        k = _at(_t181, 0)
        each = _at(_t181, 1)
        if (each["segment"]["end"] > reached):
            break
        next_ = _at(found, (k + 1))
        if ((((next_ is None) or (not isTurning(next_["segment"]))) or (len(each["strong"]) > 0)) or isOfCheck(each["segment"])):
            continue
        before2 = closingOf(each)
        if ((before2 is None) or (before2["answer"] == final["answer"])):
            continue
        after = _find_i(found[(k + 1):(k + 4)], (lambda other=None, n=None, *_more: (((n == 0) or ((None if (_t182 := other["segment"]["opener"]) is None else _t182["type"]) == "marker")) and ((len(other["strong"]) > 0) or (closingOf(other) is not None)))))
        revision = (None if (after is None) else (_t183 if (_t183 := _at(after["strong"], 0)) is not None else closingOf(after)))
        if (((after is None) or (revision is None)) or (revision["answer"] != final["answer"])):
            continue
        if isStatedBefore(each["segment"]["end"]):
            break
        if isStep(text2, before2, after["segment"], final):
            continue
        _set(revised, each, _O({**(before2 or {}), "strength": 2}))
        if (len(after["strong"]) == 0):
            _set(revised, after, _O({**(revision or {}), "strength": 2}))
    return revised


# src/tasks/reading/Segments.ts

def segmentsOf(_p1):
    end = _p1["end"]
    events = _p1["events"]
    segments = []
    start = 0
    opener = None
    stretches = []
    def close2(at):
        nonlocal stretches
        _push(segments, _O({"start": start, "end": at, "opener": opener, "stretches": stretches}))
        stretches = []
    for event in events:
        if (event["type"] == "stretch"):
            _push(stretches, event)
            continue
        close2(event["start"])
        start = (event["marker"]["end"] if (event["type"] == "marker") else (event["end"] if (event["type"] == "said") else event["start"]))
        opener = (_O({"type": "marker", "marker": event["marker"]}) if (event["type"] == "marker") else _O({"type": event["type"]}))
    close2(end)
    return segments


# src/tasks/reading/Standalone.ts
_R196 = _RegExp("\\$\\$([^$]{1,400})\\$\\$|\\\\\\[((?:(?!\\\\\\])[\\s\\S]){1,400})\\\\\\]", "y")
DISPLAY = _R196
_R197 = _RegExp("^[^\\n.!?]{0,24}(?:$|[\\n.!?])", "")

def emphasisedCandidate(_p1, from_, to):
    grader = _p1["grader"]
    scan2 = _p1["scan"]
    text2 = _p1["text"]
    for _t184 in backwards(scan2["emphases"], from_, to):
        _t185 = _t184
        at = _at(_t185, 0)
        expression = (EMPHASIS if (_charCodeAt(text2, at) == 42) else DISPLAY)
        expression.lastIndex = at
        match_ = expression.exec(text2)
        end = expression.lastIndex
        if ((match_ is None) or (end > to)):
            continue
        value5 = (grader["value"](text2, (at + 2), (end - 2), "wrapped") if looksLikeValue(grader, text2[(at + 2):(end - 2)]) else None)
        if ((value5 is None) or (not _R197.test(text2[end:min(to, (end + 40))]))):
            continue
        return _O({**(value5 or {}), "strength": 2, "how": "emphasis", "at": at, "isAsked": False})
    return None
LONGEST_WHOLE = 120

def wholeCandidate(_p1, from_, to):
    grader = _p1["grader"]
    text2 = _p1["text"]
    if ((to - from_) > (2 * LONGEST_WHOLE)):
        return None
    part = text2[from_:to]
    if ((len(_trim(part)) > LONGEST_WHOLE) or (not looksLikeValue(grader, part))):
        return None
    value5 = grader["value"](text2, from_, to, "wrapped")
    return (None if (value5 is None) else _O({**(value5 or {}), "strength": 3, "how": "whole", "at": from_, "isAsked": False}))
_R198 = _RegExp("\\s", "")

def lastLineCandidate(context, from_, to):
    text2 = context["text"]
    end = to
    while ((end > from_) and _R198.test(_at(text2, (end - 1)))):
        end -= 1
    window = max(from_, (end - LONGEST_WHOLE))
    line = _lastIndexOf(text2[window:end], "\n")
    if (line < 0):
        return None
    candidate = wholeCandidate(context, ((window + line) + 1), end)
    return (None if (candidate is None) else _O({**(candidate or {}), "strength": 2}))
_R199 = _RegExp("[^\\S\\n]*\\n\\s*[*_#>(\"\u201c]{0,4}\\p{L}{2}", "uy")
PROSE2 = _R199
_R200 = _RegExp("(?<!\\\\)\\p{L}{2,}", "gu")
_R201 = _RegExp("^[A-J]$", "")

def firstLineCandidate(context, from_, to):
    grader = context["grader"]
    text2 = context["text"]
    if (((grader["kind"] == "text") or (grader["kind"] == "boolean")) or (grader["kind"] == "countdown")):
        return None
    start = from_
    while ((start < to) and _R198.test(_at(text2, start))):
        start += 1
    length = _indexOf(text2[start:min(to, (start + LONGEST_WHOLE))], "\n")
    if (length < 0):
        return None
    PROSE2.lastIndex = (start + length)
    if ((not PROSE2.test(text2)) or (len((_t186 if (_t186 := _match(text2[start:(start + length)], _R200)) is not None else [])) > 1)):
        return None
    candidate = wholeCandidate(context, start, (start + length))
    isOne = ((candidate is not None) and (_R201.test(candidate["answer"]) if (grader["kind"] == "choice") else (not _includes(candidate["answer"], "="))))
    return (_O({**(candidate or {}), "strength": 2.5}) if isOne else None)


# src/tasks/reading/Statements.ts

def concludedCandidate(context, from_, to):
    grader = context["grader"]
    scan2 = context["scan"]
    text2 = context["text"]
    if (grader["kind"] == "text"):
        return None
    for _t187 in backwards(scan2["conclusions"], from_, to):
        _t188 = _t187
        at = _at(_t188, 0)
        end = sentenceEnd(text2, at, min(to, (at + LONGEST_SENTENCE)))
        if CONDITIONAL.test(text2[at:end]):
            continue
        said2 = valuesOfSentence(context, at, end)
        value5 = saidValue(context, said2)
        if (value5 is None):
            continue
        return _O({**(value5 or {}), "strength": (2 if (said2["isWhole"] or isBare(text2, end, to)) else 1.5), "how": "conclusion", "at": at, "isAsked": False})
    return None
_R202 = _RegExp("[.!?\u3002\uff01\uff1f\\n:](?=[\\s*_\"\u201d')\\]]|$)|[\u3002\uff01\uff1f]", "gu")
SENTENCE_BEFORE = _R202

def firstStated(context, from_, to):
    text2 = context["text"]
    start = skipSpaces(text2, from_)
    end = sentenceEnd(text2, start, min(to, (start + LONGEST_SENTENCE)))
    _t189 = (_O({"linked": None}) if CONDITIONAL.test(text2[start:end]) else valuesOfSentence(context, start, end))
    linked2 = _t189["linked"]
    return (None if (linked2 is None) else _O({**(linked2 or {}), "strength": 1.5, "how": "conclusion", "at": start, "isAsked": False}))
_R203 = _RegExp("[\\s*_\"\u201d')\\]}$\\\\.\u3002]", "u")
_R204 = _RegExp("[?\uff1f]", "")

def statedCandidate(context, from_, to):
    grader = context["grader"]
    text2 = context["text"]
    if (grader["kind"] == "text"):
        return firstStated(context, from_, to)
    end = to
    while ((end > from_) and _R203.test(_at(text2, (end - 1)))):
        end -= 1
    if ((end == from_) or _R204.test(_at(text2, (end - 1)))):
        return None
    window = max(from_, (end - LONGEST_SENTENCE))
    before2 = _counted([*_matchAll(text2[window:end], SENTENCE_BEFORE)], (-1))
    start = (window if (before2 is None) else ((window + before2["index"]) + len(_at(before2, 0))))
    sentence2 = text2[start:end]
    if (_includes(sentence2, "=") or CONDITIONAL.test(sentence2)):
        return None
    said2 = valuesOfSentence(context, start, min(to, (end + 3)))
    value5 = saidValue(context, said2)
    if (value5 is None):
        return None
    return _O({**(value5 or {}), "strength": (0.9 if (said2["linked"] is None) else 2), "how": "conclusion", "at": start, "isAsked": False})
_R205 = _RegExp("^[\\s*_\"\u201c>#]{0,8}(yes|no|true|false)\\b", "iu")
YES_OR_NO = _R205

def openingCandidate(_p1, from_):
    grader = _p1["grader"]
    text2 = _p1["text"]
    if (grader["kind"] != "boolean"):
        return None
    match_ = YES_OR_NO.exec(text2[from_:(from_ + 16)])
    word = (None if (_t190 := match_) is None else _at(_t190, 1))
    if ((match_ is None) or (word is None)):
        return None
    end = (from_ + len(_at(match_, 0)))
    value5 = grader["value"](text2, (end - len(word)), end, "wrapped")
    return (None if (value5 is None) else _O({**(value5 or {}), "strength": 2, "how": "whole", "at": from_, "isAsked": False}))


# src/tasks/reading/Unannounced.ts
NUMBERS = _Set(["integer", "number"])
_R206 = _RegExp("[a-zA-Z=]", "")

def isOfKind(_p1, candidate):
    kind = _p1["kind"]
    return ((candidate is not None) and (((not _has(NUMBERS, kind)) or _startsWith(candidate["answer"], "\u201c")) or (not _R206.test(_replace(candidate["answer"], _R88, "")))))

def weakCandidate(context, from_, to, others):
    asked = askedCandidate(context, from_, to)
    if ((asked is not None) and isBare(context["text"], asked["end"], to)):
        return asked
    best = asked
    for each in [*others(), concludedCandidate(context, from_, to), emphasisedCandidate(context, from_, to)]:
        if (not isOfKind(context["grader"], each)):
            continue
        if (((best is None) or (each["strength"] > best["strength"])) or ((each["strength"] == best["strength"]) and (each["end"] > best["end"]))):
            best = each
    if ((best is not None) and (best["strength"] >= 1)):
        return best
    closing3 = closingCandidate(context, from_, to)
    return (closing3 if ((closing3 is not None) and isOfKind(context["grader"], closing3)) else best)


# src/tasks/reading/TakeApart.ts
MOST_LOOKED_AT = 4096

def weaker(candidate):
    return (None if ((candidate is None) or (candidate["strength"] < 2)) else _O({**(candidate or {}), "strength": 1.4}))

def makeLooks(context, isCut, turns):
    grader = context["grader"]
    _t191 = context["scan"]
    textEnd = _t191["end"]
    events = _t191["events"]
    saidFrom = _t191["saidFrom"]
    known2 = _Map()
    turnPlaces = _Set((_t192 if (_t192 := turns) is not None else []))
    beforeChecks = _Set(_flatMap(events, (lambda event=None, *_more: ([event["start"]] if ((event["type"] == "marker") and (event["marker"]["kind"] == "check")) else []))))
    def look(_p1):
        results = _p1["results"]
        _t193 = _p1["segment"]
        end = _t193["end"]
        start = _t193["start"]
        isLastPart = ((end == textEnd) or _has(turnPlaces, end))
        best = weakCandidate(context, start, end, (lambda *_more: [*results, (lastLineCandidate(context, start, end) if isLastPart else None), (statedCandidate(context, start, end) if (isLastPart and (not isCut)) else None), (None if (isLastPart or (not _has(beforeChecks, end))) else weaker(statedCandidate(context, start, end))), *([openingCandidate(context, start), firstLineCandidate(context, start, end)] if ((start == 0) or (start == saidFrom)) else [])]))
        return (None if (((isCut and isLastPart) and (best is not None)) and (best["strength"] < 2)) else best)
    def weakOf(found=None, *_more):
        if (not _has(known2, found["segment"])):
            _set(known2, found["segment"], look(found))
        return _get(known2, found["segment"])
    def _f26(found=None, *_more):
        _t194 = found["segment"]
        end = _t194["end"]
        start = _t194["start"]
        weak = weakOf(found)
        return (weak if ((grader["kind"] == "text") or ((weak is not None) and (weak["strength"] >= 2))) else (_t195 if (_t195 := statedCandidate(context, start, end)) is not None else weak))
    return _O({"weakOf": weakOf, "closingOf": _f26})

def withSaid(context, found, isCut, _p4):
    weakOf = _p4["weakOf"]
    _t196 = context["scan"]
    saidFrom = _t196["saidFrom"]
    def isSaid(_p1):
        _t197 = _p1["segment"]
        start = _t197["start"]
        return ((saidFrom > 0) and (start >= saidFrom))
    if ((isCut or (saidFrom == 0)) or any((isSaid(each) and (len(each["strong"]) > 0)) for each in found)):
        return found
    def _f27(each=None, *_more):
        if (not isSaid(each)):
            return each
        segment = each["segment"]
        best = (_t199 if (_t199 := (_t198 if (_t198 := wholeCandidate(context, segment["start"], segment["end"])) is not None else weakOf(each))) is not None else bareNumber(context, segment))
        return (each if (best is None) else _O({**(each or {}), "strong": [_O({**(best or {}), "strength": 3})]}))
    return _map(found, _f27)

def isEligible(_p1, _p2, attempts, candidate, _p5, k, isFollowed):
    text2 = _p1["text"]
    base = _p2["base"]
    final = _p2["final"]
    lastStrong = _p2["lastStrong"]
    _t200 = _p5["segment"]
    end = _t200["end"]
    opener = _t200["opener"]
    current = attempts["current"]()
    pending = attempts["pending"]()
    if (current is None):
        return ((((candidate["strength"] >= 2) and isFollowed) and (candidate["how"] != "emphasis")) if (base == 3) else (candidate["strength"] >= base))
    if (pending is None):
        return (((base < 3) and (candidate["strength"] >= base)) and (opener is None))
    if candidate["isAsked"]:
        return True
    if (pending["kind"] == "turn"):
        return (candidate["strength"] >= 1)
    if ((k < lastStrong) and (candidate["answer"] != (None if (_t201 := final) is None else _t201["answer"]))):
        return False
    isNew = ((candidate["answer"] != current["answer"]) and (not tests(text2, candidate, current["answer"])))
    isLast = endsStretch(text2, candidate, end)
    if (pending["kind"] == "check"):
        return (isNew and (isSameLeft(text2, candidate, current) if (candidate["how"] == "equation") else ((candidate["strength"] >= 2) and isLast)))
    return (isNew and (((candidate["strength"] >= 2) or isLast) or ((base < 3) and (candidate["strength"] >= base))))

def isCheck(_p1):
    _t202 = _p1["segment"]
    opener = _t202["opener"]
    return (((None if (_t203 := opener) is None else _t203["type"]) == "marker") and (opener["marker"]["kind"] == "check"))

def acceptNumbers(context, found, attempts):
    text2 = context["text"]
    def _f28(_p1=None, *_more):
        segment = _p1["segment"]
        def _f29(_p1=None, *_more):
            from_ = _p1["from"]
            isWrapped = _p1["isWrapped"]
            to = _p1["to"]
            return (isWrapped or _R22.test(text2[from_:to]))
        return _some(segment["stretches"], _f29)
    isRefused = _some(found, _f28)
    if isRefused:
        return None
    for each in found:
        _t204 = each["segment"]
        opener = _t204["opener"]
        if ((None if (_t205 := opener) is None else _t205["type"]) == "marker"):
            attempts["mark"](opener["marker"])
        candidate = (None if (isCheck(each) and (attempts["current"]() is not None)) else bareNumber(context, each["segment"]))
        if (candidate is not None):
            attempts["accept"](candidate)

def lastMarkerOf(found):
    opener = (None if (_t206 := _counted(found, (-1))) is None else _t206["segment"]["opener"])
    return (opener["marker"] if ((None if (_t207 := opener) is None else _t207["type"]) == "marker") else None)

def standingOf(found, isCut, _p3):
    weakOf = _p3["weakOf"]
    def _f30(_p1=None, *_more):
        strong = _p1["strong"]
        return (len(strong) > 0)
    lastStrong = _findLastIndex(found, _f30)
    last = _counted(found, (-1))
    return _O({"base": (3 if (lastStrong >= 0) else max(0, *_map(found[0:MOST_LOOKED_AT], (lambda each=None, *_more: min(2, (_t211 if (_t211 := (None if (_t210 := weakOf(each)) is None else _t210["strength"])) is not None else 0)))))), "lastStrong": lastStrong, "final": (_t213 if (_t213 := (None if (_t212 := _at(found, lastStrong)) is None else _counted(_t212["strong"], (-1)))) is not None else (None if (isCut or (last is None)) else weakOf(last)))})

def acceptAll(context, found, isCut, looks, attempts):
    standing = standingOf(found, isCut, looks)
    revisions = revisionsOf(context["text"], found, standing["final"], looks)
    for _t214 in _entries(found):
        _t215 = _t214
        k = _at(_t215, 0)
        each = _at(_t215, 1)
        _t216 = each["segment"]
        opener = _t216["opener"]
        start = _t216["start"]
        strong = each["strong"]
        if ((None if (_t217 := opener) is None else _t217["type"]) == "said"):
            thought = _at(found, (k - 1))
            isOpen = (((attempts["current"]() is None) and (thought is not None)) and (not isCheck(thought)))
            attempts["cross"]((looks["closingOf"](thought) if isOpen else None))
        else:
            if ((None if (_t218 := opener) is None else _t218["type"]) == "turn"):
                attempts["turn"](start)
            else:
                if ((None if (_t219 := opener) is None else _t219["type"]) == "marker"):
                    attempts["mark"](opener["marker"])
        if (len(strong) > 0):
            for candidate2 in strong:
                attempts["accept"](candidate2)
            continue
        revision = _get(revisions, each)
        if ((revision is not None) and ((attempts["current"]() is None) or (attempts["pending"]() is not None))):
            attempts["accept"](revision)
            continue
        isFollowed = ((k + 1) < len(found))
        if (((standing["base"] == 3) and (not isFollowed)) and (attempts["pending"]() is None)):
            continue
        candidate = looks["weakOf"](each)
        if ((candidate is not None) and isEligible(context, standing, attempts, candidate, each, k, isFollowed)):
            attempts["accept"](candidate)

def wholeText(context, found, scanned, _p4):
    weakOf = _p4["weakOf"]
    _t220 = found
    only2 = _at(_t220, 0)
    if ((((only2 is None) or (len(found) > 1)) or (len(only2["strong"]) > 0)) or ((_t222 if (_t222 := (None if (_t221 := weakOf(only2)) is None else _t221["strength"])) is not None else 0) >= 1)):
        return None
    return wholeCandidate(context, 0, scanned["end"])

def only(candidate, _p2):
    end = _p2["end"]
    isThinking = _p2["isThinking"]
    return _O({"attempts": [_O({"start": 0, "end": candidate["end"], "candidate": candidate, "decision": "STOP", "marker": None})], "isUnfinished": False, "isThinking": isThinking, "checks": 0, "unmarked": 0, "end": end})

def simply(context):
    scanned = context["scan"]
    text2 = context["text"]
    _t223 = scanned["events"]
    event = _at(_t223, 0)
    if ((len(scanned["events"]) > 1) or (scanned["saidFrom"] > 0)):
        return None
    if (event is None):
        asked = askedCandidate(context, 0, scanned["end"])
        return (only(asked, scanned) if ((asked is not None) and endsStretch(text2, asked, scanned["end"])) else None)
    if (event["type"] != "stretch"):
        return None
    candidate = announcedBy(context, event, scanned["end"])
    return (only(candidate, scanned) if ((None if (_t224 := candidate) is None else _t224["strength"]) == 3) else None)

def contextOf(text2, markers, _p3):
    asked = _p3["asked"]
    grader = _p3["grader"]
    if grader is None:
        grader = number
    turns = _p3["turns"]
    return _O({"text": text2, "scan": scan(text2, markers, turns), "grader": grader, "asked": asked})

def inFull(context, _p2):
    isTruncated = _p2["isTruncated"]
    if isTruncated is None:
        isTruncated = False
    turns = _p2["turns"]
    scanned = context["scan"]
    text2 = context["text"]
    isCut = (isTruncated or scanned["isThinking"])
    looks = makeLooks(context, isCut, turns)
    found = withSaid(context, [findIn(context, segment) for segment in segmentsOf(scanned)], isCut, looks)
    attempts = makeAttempts(text2, scanned["saidFrom"])
    whole3 = wholeText(context, found, scanned, looks)
    if (whole3 is not None):
        attempts["accept"](whole3)
    else:
        acceptAll(context, found, isCut, looks, attempts)
    if (attempts["current"]() is None):
        acceptNumbers(context, found, attempts)
    return _O({**(finish(text2, attempts, isCut, lastMarkerOf(found), scanned["end"]) or {}), "isThinking": scanned["isThinking"], "end": scanned["end"]})

def takeApart(text2, markers, options=None):
    if options is None:
        options = _O({})
    context = contextOf(text2, markers, options)
    isCut = ((options["isTruncated"] == True) or context["scan"]["isThinking"])
    return (_t225 if (_t225 := (None if isCut else simply(context))) is not None else inFull(context, options))


# src/tasks/StatedProduct.ts
_R207 = _RegExp("(?:\\b(?:calculate|compute|evaluate|find|solve|multiply|determine|simplify|work\\s+out|what\\s+is|what['\u2019]?s|what\\s+does|how\\s+much\\s+is)\\b(?:\\s+the\\s+(?:product|value|result|sum|difference|quotient)(?:\\s+of)?)?[\\s:$\"\u201c'(*]{0,8}|(?:^|\\n|:[ \\t])[\\s$\"\u201c'(*]{0,8})(?:\\\\[([]\\s?)?(?=[-\u2212\u2013]?\\d)", "gi")
request = _R207
_R208 = _RegExp("[\\s$]{0,4}(?:(?<times>[*\u00d7\u00b7\u22c5]|[xX](?=[\\s$]{0,4}\\d)|\\\\times|\\\\cdot|\\btimes\\b|\\bmultiplied\\s+by\\b)|(?<plus>\\+|\\bplus\\b)|(?<minus>[-\u2212\u2013]|\\bminus\\b)|(?<over>[/\u00f7]|\\\\div|\\bdivided\\s+by\\b))[\\s$]{0,4}(?=\\d)", "iy")
sign = _R208
_R209 = _RegExp("[\\s$)\"\u201d'*\\\\\\]]{0,8}(?:$|[.?!;,](?!\\d)|=|\\n|\\b(?:equals?|step|by\\s+hand|mentally|without|using|exactly|please|and\\s+(?:give|show|explain|write|put|return|report|state|provide|box))\\b)", "iy")
close = _R209
MOST_NUMBERS = 64

def readSign(text2, at):
    sign.lastIndex = at
    groups = (None if (_t226 := sign.exec(text2)) is None else _t226["groups"])
    if (groups is None):
        return None
    minus = groups["minus"]
    over3 = groups["over"]
    plus3 = groups["plus"]
    return _O({"operator": ("+" if (plus3 is not None) else ("-" if (minus is not None) else ("/" if (over3 is not None) else "*"))), "end": sign.lastIndex})

def readExpressionAt(text2, at):
    first = readNumeral(text2, at)
    if (first is None):
        return None
    numbers = [first]
    operators = []
    end = first["end"]
    while True:
        next_ = readSign(text2, end)
        number2 = (None if (next_ is None) else readNumeral(text2, next_["end"]))
        if ((next_ is None) or (number2 is None)):
            break
        _push(operators, next_["operator"])
        _push(numbers, number2)
        end = number2["end"]
        if (len(numbers) > MOST_NUMBERS):
            return None
    close.lastIndex = end
    def _f31(_p1=None, *_more):
        value5 = _p1["value"]
        return value5
    return (_O({"numbers": _map(numbers, _f31), "operators": operators}) if ((len(operators) > 0) and close.test(text2)) else None)

def askedExpression(prompt):
    last = None
    request.lastIndex = 0
    match_ = request.exec(prompt)
    while (match_ is not None):
        last = (_t227 if (_t227 := readExpressionAt(prompt, request.lastIndex)) is not None else last)
        if (_at(match_, 0) == ""):
            request.lastIndex += 1
        match_ = request.exec(prompt)
    return last
MOST_DIGITS = 4800

def productOf(_p1):
    numbers = _p1["numbers"]
    operators = _p1["operators"]
    def _f32(digits2=None, _p2=None, *_more):
        length = len(_p2)
        return (digits2 + length)
    return (None if ((any((operator != "*") for operator in operators) or any(_includes(text2, ".") for text2 in numbers)) or (_reduce(numbers, _f32, 0) > MOST_DIGITS)) else _O({"value": _toString(_reduce(numbers, (lambda total=None, text2=None, *_more: (total * _big(text2))), 1)), "level": _join([len(_replace(text2, "-", "")) for text2 in numbers], "x")}))


# src/tasks/grading/Text.ts
MOST_LENGTH2 = 2000
_R210 = _RegExp("\\\\(?:text|textbf|textit|mathrm|mathbf|mbox)\\s*\\{([^{}]*)\\}", "g")
_R211 = _RegExp("\\\\[,;:! ]|~", "g")
_R212 = _RegExp("(\\d)[.,](?=\\d)", "g")
_R213 = _RegExp("['\u2019\u2018`]", "g")
_R214 = _RegExp(",", "g")
_R215 = _RegExp("[^\\p{L}\\p{N}\\p{M}\\p{S},#%@&+\\0]|[$~^<=>|`]", "gu")
_R216 = _RegExp("\\0", "g")
_R217 = _RegExp("^[ ,]+", "")
_R218 = _RegExp(" , ", "g")
_R219 = _RegExp(" ,$", "")

def foldText(text2=None, *_more):
    bare3 = _replace(_replace(_replace(_replace(_replace(_toLowerCase(_normalize(_replace(_replace(text2[0:MOST_LENGTH2], _R210, "$1"), _R211, " "), "NFKC")), _R212, "$1\u0000"), _R213, ""), _R214, " , "), _R215, " "), _R216, ".")
    words3 = [word for word in _split(bare3, " ") if (word != "")]
    kept = _filter_i(words3, (lambda word=None, i=None, *_more: ((i == (len(words3) - 1)) or (((word != "a") and (word != "an")) and (word != "the")))))
    return _replace(_replace(_replace(_join((kept if any((word != ",") for word in kept) else words3), " "), _R217, ""), _R218, ", "), _R219, "")

def withoutCommas(text2):
    return _replaceAll(text2, ",", "")

def sameText(gold, answer):
    return ((gold == answer) or (withoutCommas(gold) == withoutCommas(answer)))
_R220 = _RegExp("[\\n;(\u2014]|[.!?](?:\\s|$|\\*)| \u2013 | - | (?:because|since|which|as it|so that)\\b|, (?:an?|the|which|who|where|since|because|as|so|in|located)\\b", "")
sentence = _R220
_R221 = _RegExp("[\\s*_:=#\"\u201c\u201d'>-]", "")

def sentenceFrom(text2, from_, to):
    window = min(to, (from_ + MOST_LENGTH2))
    at = from_
    while ((at < window) and _R221.test(_at(text2, at))):
        at += 1
    stop = _search(text2[at:window], sentence)
    return withoutMarkup(text2, at, (window if (stop < 0) else (at + stop)))

def value2(text2, from_, to, isWrapped):
    _t228 = (withoutMarkup(text2, from_, to) if isWrapped else sentenceFrom(text2, from_, to))
    end = _t228["end"]
    start = _t228["start"]
    if ((start >= end) or ((end - start) > MOST_LENGTH2)):
        return None
    answer = foldText(text2[start:end])
    return (None if (answer == "") else _O({"start": start, "end": end, "answer": answer}))

def _f33(_p1=None, *_more):
    aliases = _p1["aliases"]
    text2 = _p1["text"]
    folded = _filter(_map([text2, *(_t229 if (_t229 := aliases) is not None else [])], foldText), (lambda each=None, *_more: (each != "")))
    _t230 = folded
    first = _at(_t230, 0)
    if ((first is None) or (len(text2) > MOST_LENGTH2)):
        return None
    def _f34(answer=None, *_more):
        other = foldText(answer)
        return ("Unparsable" if (other == "") else ("Correct" if any(sameText(gold, other) for gold in folded) else "Wrong"))
    return _O({"answer": first, "check": _f34})
text = _O({"kind": "text", "reference": _f33, "value": (lambda text2=None, from_=None, to=None, announcement=None, *_more: value2(text2, from_, to, (announcement == "wrapped")))})
TRUTH = _Map([["yes", "yes"], ["true", "yes"], ["no", "no"], ["false", "no"]])

def truthOf(text2):
    return _get(TRUTH, _toLowerCase(text2))
_R222 = _RegExp("(?:[\\s*_:=#\"\u201c\u201d'$({]|\\\\(?:text|textbf|mathrm|boxed)\\s*\\{|\\b(?:indeed|therefore|thus|clearly|definitely|simply)\\b,?)*([a-zA-Z]+)(?![\\w])", "iy")
firstWord = _R222

def _f35(_p1=None, *_more):
    text2 = _p1["text"]
    truth = truthOf(foldText(text2))
    return (None if (truth is None) else _O({"answer": truth, "check": (lambda answer=None, *_more: ("Unparsable" if (truthOf(answer) is None) else ("Correct" if (truthOf(answer) == truth) else "Wrong")))}))
def _f36(text2=None, from_=None, to=None, *_more):
    window = text2[from_:min(to, (from_ + 200))]
    firstWord.lastIndex = 0
    _t232 = (_t231 if (_t231 := firstWord.exec(window)) is not None else [])
    word = _at(_t232, 1)
    truth = (None if (word is None) else truthOf(word))
    if ((word is None) or (truth is None)):
        return None
    return _O({"start": ((from_ + firstWord.lastIndex) - len(word)), "end": (from_ + firstWord.lastIndex), "answer": truth})
boolean = _O({"kind": "boolean", "reference": _f35, "value": _f36})


# src/tasks/grading/Choice.ts
A = 65
_R223 = _RegExp("\\s*(?:(?:[({[]|\\\\(?:text|textbf|mathrm|mathbf|boxed)\\s*\\{(?:\\s+(?=[({[*$\\\\]))?|\\*\\*|\\$)+\\s*)?\\(?([A-Za-z])\\s*[)}\\]*$]+", "y")
bracketed = _R223
_R224 = _RegExp("\\s*([A-Z])(?![\\w'\u2019])", "y")
bare2 = _R224
_R225 = _RegExp("\\s*(?:,\\s*(?:(?:and|or)\\s+)?|(?:and|or|und|oder|et|ou|y|o|e|\u0438|\u0438\u043b\u0438)\\s+|[\u548c\u6216]\\s*|&\\s*|\\+\\s*)\\(?([A-Z])\\)?(?![\\w'\u2019])", "y")
more = _R225
_R226 = _RegExp("\\s+(?!(?:because|since|as|is|and|or|which|for|due|with|based|given|by|here|in)\\b)[a-z]", "y")
goesOn2 = _R226

def letters(text2, at, to):
    bracketed.lastIndex = at
    _t234 = (_t233 if (_t233 := bracketed.exec(text2)) is not None else [])
    inside = _at(_t234, 1)
    end = bracketed.lastIndex
    first = inside
    if (first is None):
        bare2.lastIndex = at
        first = (None if (_t235 := bare2.exec(text2)) is None else _at(_t235, 1))
        end = bare2.lastIndex
        if (first is None):
            return None
        goesOn2.lastIndex = end
        if (((first == "A") or (first == "I")) and goesOn2.test(text2)):
            return None
    while (_includes("*$", _at(text2, (end - 1))) and (end > (at + 1))):
        end -= 1
    if (end > to):
        return None
    found = _Set([_toUpperCase(first)])
    more.lastIndex = end
    next_ = more.exec(text2)
    while (((next_ is not None) and (more.lastIndex <= to)) and (len(found) < 26)):
        _add(found, _at(next_, 1))
        end = more.lastIndex
        next_ = more.exec(text2)
    return _O({"end": end, "answer": _join(_toSorted([*found]), ",")})
_R227 = _RegExp("\\b(?:is|answer|option|choice)\\b:?[\\s*$]*\\(?([A-Z])\\)?$", "")
saidLetter = _R227
_R228 = _RegExp("^[A-Z](?:,[A-Z])*$", "")
wholeLetters = _R228
_R229 = _RegExp("^[A-Za-z]$", "")
_R230 = _RegExp("^[A-H]{2,6}$", "")

def readLetters(text2):
    _t236 = withoutMarkup(text2, 0, len(text2))
    end = _t236["end"]
    start = _t236["start"]
    part = text2[start:end]
    if _R229.test(part):
        return _toUpperCase(part)
    if (_R230.test(part) and (len(_Set(part)) == len(part))):
        return _join(_toSorted([*part]), ",")
    found = letters(part, 0, len(part))
    return (found["answer"] if ((None if (_t237 := found) is None else _t237["end"]) == len(part)) else None)
_R231 = _RegExp("(?:(?:la|le|el|il|a|o|die|der|das)\\s+|l['\u2019])?(?:(?:opci\u00f3n|option|Option|opzione|op\u00e7\u00e3o|letra|lettre|lettera|letter|Buchstabe|Antwort|r\u00e9ponse|respuesta|risposta|alternativa|\u0432\u0430\u0440\u0438\u0430\u043d\u0442|\u0431\u0443\u043a\u0432\u0430|\u9009\u9879|\u9078\u9805)\\s*)?(?=[\\s(*$]{0,4}[A-J](?![\\p{L}\\d'\u2019]))", "uy")
article = _R231
_R232 = _RegExp("\\S", "")

def value3(text2, from_, to, isWrapped):
    said2 = leadEnd(text2, from_, to)
    if (said2 is None):
        return None
    article.lastIndex = said2
    lead2 = (article.lastIndex if (article.test(text2) and (article.lastIndex < to)) else said2)
    inside = withinWrapper(text2, lead2, to)
    if (inside is not None):
        return value3(text2, inside["start"], inside["end"], True)
    whole3 = (withoutMarkup(text2, lead2, to) if isWrapped else None)
    all_ = (None if ((whole3 is None) or ((whole3["end"] - whole3["start"]) > 40)) else readLetters(text2[whole3["start"]:whole3["end"]]))
    if ((whole3 is not None) and (all_ is not None)):
        return _O({**(whole3 or {}), "answer": all_})
    found = letters(text2, lead2, to)
    if (found is not None):
        start2 = (lead2 + _search(text2[lead2:found["end"]], _R232))
        return _O({"start": start2, "end": found["end"], "answer": found["answer"]})
    stated = (None if (whole3 is None) else saidLetter.exec(text2[whole3["start"]:whole3["end"]]))
    if ((whole3 is not None) and (stated is not None)):
        start2_2 = ((whole3["start"] + stated["index"]) + _lastIndexOf(_at(stated, 0), _at(stated, 1)))
        return _O({"start": start2_2, "end": (start2_2 + 1), "answer": _at(stated, 1)})
    _t239 = (_t238 if (_t238 := whole3) is not None else sentenceFrom(text2, lead2, to))
    end = _t239["end"]
    start = _t239["start"]
    answer = ("" if ((start >= end) or ((end - start) > 2000)) else foldText(text2[start:end]))
    return (None if (answer == "") else _O({"start": start, "end": end, "answer": ("\"" + _str(text2[start:end]) + "\"")}))

def letterAt(index):
    return chr((A + index))
_R233 = _RegExp("\\d|\\\\", "")

def optionOf(choices, text2):
    folded = foldText(text2)
    exact2 = _flatMap_i(choices, (lambda choice2=None, i=None, *_more: ([letterAt(i)] if (foldText(choice2) == folded) else [])))
    if (len(exact2) == 1):
        return _at(exact2, 0)
    loose = _flatMap_i(choices, (lambda choice2=None, i=None, *_more: ([letterAt(i)] if sameText(foldText(choice2), folded) else [])))
    if (len(loose) == 1):
        return _at(loose, 0)
    read3 = readMathematics(text2)
    if ((not _R233.test(text2)) or (not isMathematics(read3))):
        return None
    equal = _flatMap_i(choices, (lambda choice2=None, i=None, *_more: ([letterAt(i)] if (decide(readMathematics(choice2), read3) == "Correct") else [])))
    return (_at(equal, 0) if (len(equal) == 1) else None)
_R234 = _RegExp("^\\d{1,2}$", "")

def goldLetter(_p1):
    choices = _p1["choices"]
    text2 = _p1["text"]
    options = (_t240 if (_t240 := choices) is not None else [])[0:26]
    known2 = (len(options) if (len(options) > 0) else 26)
    letter = readLetters(text2)
    if ((letter is not None) and all(((_charCodeAt(each, 0) - A) < known2) for each in _split(letter, ","))):
        return letter
    option = optionOf(options, text2)
    if (option is not None):
        return option
    index = (_number(text2) if _R234.test(_trim(text2)) else _NAN)
    return (letterAt(index) if (index < len(options)) else None)
_R235 = _RegExp("^\"|\"$", "g")

def _f37(gold=None, *_more):
    right = goldLetter(gold)
    options = (_t241 if (_t241 := gold["choices"]) is not None else [])[0:26]
    def _f38(answer=None, *_more):
        letter = (answer if wholeLetters.test(answer) else optionOf(options, _replace(answer, _R235, "")))
        if (letter is None):
            return ("Wrong" if ((len(options) > 0) and (answer != "")) else "Unparsable")
        return ("Correct" if (letter == right) else "Wrong")
    return (None if (right is None) else _O({"answer": right, "check": _f38}))
choice = _O({"kind": "choice", "reference": _f37, "value": (lambda text2=None, from_=None, to=None, announcement=None, *_more: value3(text2, from_, to, (announcement == "wrapped")))})


# src/tasks/Expression.ts
MOST_DEPTH2 = 64
combine = _O({"+": (lambda a=None, b=None, *_more: _O({"over": ((a["over"] * b["under"]) + (b["over"] * a["under"])), "under": (a["under"] * b["under"])})), "-": (lambda a=None, b=None, *_more: _O({"over": ((a["over"] * b["under"]) - (b["over"] * a["under"])), "under": (a["under"] * b["under"])})), "*": (lambda a=None, b=None, *_more: _O({"over": (a["over"] * b["over"]), "under": (a["under"] * b["under"])})), "/": (lambda a=None, b=None, *_more: (None if (b["over"] == 0) else _O({"over": (a["over"] * b["under"]), "under": (a["under"] * b["over"])})))})
MOST_LENGTH3 = 2000
_R236 = _RegExp("\\s*(0(?!\\d)|[1-9]\\d*|[-+*/()])|\\s+$", "y")

def symbolsOf(text2):
    if (len(text2) > MOST_LENGTH3):
        return None
    symbol = _R236.fresh()
    symbols = []
    while (symbol.lastIndex < len(text2)):
        found = symbol.exec(text2)
        if (found is None):
            return None
        if (_at(found, 1) is not None):
            _push(symbols, _at(found, 1))
    return symbols
_R237 = _RegExp("^\\d", "")

def readExpression(text2):
    symbols = symbolsOf(text2)
    if (symbols is None):
        return None
    numbers = []
    at = 0
    def factor(depth):
        nonlocal at
        symbol = _at(symbols, ((at := at + 1) - 1))
        if ((symbol is None) or (depth > MOST_DEPTH2)):
            return None
        if (symbol != "("):
            if (not _R237.test(symbol)):
                return None
            _push(numbers, _big(symbol))
            return _O({"over": _big(symbol), "under": 1})
        inside = chain(["+", "-"], (depth + 1))
        return (inside if (_at(symbols, ((at := at + 1) - 1)) == ")") else None)
    def chain(signs, depth):
        nonlocal at
        def part():
            return (chain(["*", "/"], depth) if _includes(signs, "+") else factor(depth))
        value6 = part()
        sign2 = _at(symbols, at)
        while (((value6 is not None) and (sign2 is not None)) and _includes(signs, sign2)):
            at += 1
            next_ = part()
            value6 = (None if (next_ is None) else _at(combine, sign2)(value6, next_))
            sign2 = _at(symbols, at)
        return value6
    value5 = chain(["+", "-"], 0)
    return (None if ((value5 is None) or (at < len(symbols))) else _O({**(value5 or {}), "numbers": numbers}))


# src/tasks/grading/CountdownAnswer.ts
MOST_LENGTH4 = 2000
_R238 = _RegExp("\\\\[dt]?frac\\s*\\{([^{}]*)\\}\\s*\\{([^{}]*)\\}", "g")
fraction = _R238
_R239 = _RegExp("\\\\times|\\\\cdot|\\\\ast|[\u00d7\u00b7\u22c5\u2217]", "g")
_R240 = _RegExp("\\\\div|[\u00f7:]", "g")
_R241 = _RegExp("[\u2212\u2013]", "g")
_R242 = _RegExp("\\\\left|\\\\right|\\\\[()[\\],;!: ]|[\\s$]", "g")
_R243 = _RegExp("\\[", "g")
_R244 = _RegExp("\\]", "g")

def plainSigns(text2):
    plain = text2
    i = 0
    while ((i < 8) and _includes(plain, "frac")):
        plain = _replace(plain, fraction, "(($1)/($2))")
        i += 1
    return _replace(_replace(_replace(_replace(_replace(_replace(plain, _R239, "*"), _R240, "/"), _R241, "-"), _R242, ""), _R243, "("), _R244, ")")
_R245 = _RegExp("\\d\\)*[-+*/(]", "")

def computing(text2):
    sides = [side for side in [_trim(side) for side in _split(text2, "=")] if (side != "")]
    return (_t243 if (_t243 := (_t242 if (_t242 := next((side for side in sides if _R245.test(side)), None)) is not None else _at(sides, 0))) is not None else "")

def value4(text2, from_, to, isWrapped):
    lead2 = (_t244 if (_t244 := leadEnd(text2, from_, to)) is not None else from_)
    inside = withinWrapper(text2, lead2, to)
    if (inside is not None):
        return value4(text2, inside["start"], inside["end"], True)
    _t245 = withoutMarkup(text2, lead2, (to if isWrapped else extentEnd(text2, lead2, to)))
    end = _t245["end"]
    start = _t245["start"]
    if ((start >= end) or ((end - start) > MOST_LENGTH4)):
        return None
    answer = computing(plainSigns(text2[start:end]))
    return (None if ((answer == "") or ((not isWrapped) and (not _R22.test(answer)))) else _O({"start": start, "end": end, "answer": answer}))

def sorted_(numbers):
    return _join(_toSorted(_map(numbers, _str)))
_R246 = _RegExp("^-?\\d+(?:\\.\\d+)?$", "")

def _f39(_p1=None, *_more):
    numbers = _p1["numbers"]
    text2 = _p1["text"]
    target = (fromDecimal(_trim(text2)) if _R246.test(_trim(text2)) else None)
    if (((numbers is None) or (len(numbers) == 0)) or (target is None)):
        return None
    if (not all((_is_safe_integer(number2) and (number2 >= 0)) for number2 in numbers)):
        return None
    given = sorted_(numbers)
    def _f40(answer=None, *_more):
        expression = readExpression(computing(plainSigns(answer)))
        result = (None if (expression is None) else rational(expression["over"], expression["under"]))
        if (expression is None):
            return "Unparsable"
        return ("Correct" if (((result is not None) and isSame(result, target)) and (sorted_(expression["numbers"]) == given)) else "Wrong")
    return _O({"answer": _trim(text2), "check": _f40})
countdown = _O({"kind": "countdown", "reference": _f39, "value": (lambda text2=None, from_=None, to=None, announcement=None, *_more: value4(text2, from_, to, (announcement == "wrapped")))})


# src/tasks/grading/Mathematics.ts
MOST_WRAPPED2 = 4000
_R247 = _RegExp("(?:^|\\s)(?:is|are|get|that|the|find|have|equals|[a-z]{3,}:)\\s", "i")
_R248 = _RegExp("\\\\[a-zA-Z]+\\s*\\{[^{}]*\\}", "g")

def isProse(part):
    return _R247.test(_replace(part, _R248, ""))
_R249 = _RegExp("\\b(?:is|are|that|get|equals|be)\\b|:", "g")

def withinProse(text2, from_, to):
    part = text2[from_:to]
    last = _counted([*_matchAll(part, _R249)], (-1))
    return (None if (last is None) else begun2(text2, ((from_ + last["index"]) + len(_at(last, 0))), to))

def wrapped2(text2, from_, to):
    _t246 = withoutMarkup(text2, from_, to)
    end = _t246["end"]
    start = _t246["start"]
    if ((start >= end) or ((end - start) > MOST_WRAPPED2)):
        return None
    inside = (_t247 if (_t247 := leadEnd(text2, start, end)) is not None else start)
    said2 = (withinProse(text2, inside, end) if isProse(text2[inside:end]) else None)
    if (said2 is not None):
        return said2
    answer = normalForm(readMathematics(text2[inside:end]))
    return (None if (answer == "") else _O({"start": inside, "end": end, "answer": answer}))
_R250 = _RegExp("[\\d\\\\\u03c0\u221e\u221a\u00bd\u00bc\u00be^=<>+*/\u2205]|[([]\\s*[a-zA-Z]\\s*,", "")

def hasSign(part):
    return _R250.test(part)
_R251 = _RegExp("^[$*\\s]*(?:[.,;\\n]|$)", "")

def beginning2(text2, at, to):
    inside = withinWrapper(text2, at, to)
    if (inside is not None):
        return wrapped2(text2, inside["start"], inside["end"])
    stretch = withoutMarkup(text2, at, extentEnd(text2, at, to))
    if (stretch["start"] >= stretch["end"]):
        return None
    part = text2[stretch["start"]:stretch["end"]]
    isLetter4 = (_R71.test(part) and _R251.test(text2[stretch["end"]:min(to, (stretch["end"] + 8))]))
    if ((not hasSign(part)) and (not isLetter4)):
        return None
    read3 = readMathematics(part)
    return (_O({**(stretch or {}), "answer": normalForm(read3)}) if isMathematics(read3) else None)

def begun2(text2, from_, to):
    at = leadEnd(text2, from_, to)
    if (at is None):
        return None
    found = beginning2(text2, at, to)
    if (found is not None):
        return found
    for next_ in saidAgain(text2, at, to):
        start = leadEnd(text2, next_, to)
        value5 = (None if (start is None) else beginning2(text2, start, to))
        if (value5 is not None):
            return value5
    return None
_R252 = _RegExp("_\\{[^{}]*\\}", "g")
_R253 = _RegExp("\\\\(?:text|mathrm|mbox|textbf|operatorname)\\s*\\{[^{}]*\\}|\\\\begin\\s*\\{[^{}]*\\}|\\\\end\\s*\\{[^{}]*\\}|\\\\[a-zA-Z]+", "g")
_R254 = _RegExp("[a-zA-Z]{4,}", "")
_R255 = _RegExp("\\b(?:sqrt|infinity|arc(?:sin|cos|tan)|degrees?|percent|sinh|cosh|tanh)\\b", "g")
_R256 = _RegExp("\\\\(?!text|mathrm|mbox|textbf|operatorname)", "")
_R257 = _RegExp("\\{[^{}]*\\d", "")

def looksMathematical(text2):
    if ((not hasSign(text2)) or (len(text2) > MOST_LENGTH)):
        return False
    plain = _replace(_replace(text2, _R252, ""), _R253, " ")
    return (((not _R254.test(_replace(plain, _R255, ""))) and hasSign(readMathematics(text2)["cleaned"])) and ((hasSign(plain) or _R256.test(text2)) or _R257.test(text2)))

def _f41(_p1=None, *_more):
    aliases = _p1["aliases"]
    text2 = _p1["text"]
    def _f42(each=None, *_more):
        _t249 = withoutMarkup(each, 0, len(each))
        end = _t249["end"]
        start = _t249["start"]
        return readMathematics(each[start:end])
    texts = _map([text2, *(_t248 if (_t248 := aliases) is not None else [])], _f42)
    _t250 = texts
    first = _at(_t250, 0)
    if (((first is None) or (first["cleaned"] == "")) or (not isMathematics(first))):
        return None
    def _f43(answer=None, *_more):
        read3 = readMathematics(answer)
        verdicts = [decide(each, read3) for each in texts]
        return ("Correct" if _includes(verdicts, "Correct") else _at(verdicts, 0))
    return _O({"answer": normalForm(first), "check": _f43})
mathematics = _O({"kind": "mathematics", "reference": _f41, "value": (lambda text2=None, from_=None, to=None, announcement=None, *_more: (wrapped2(text2, from_, to) if (announcement == "wrapped") else begun2(text2, from_, to)))})


# src/tasks/grading/Graders.ts
_R258 = _RegExp("^[A-J](?:\\s*(?:,(?:\\s+and)?|(?<=\\s)and|&)\\s*[A-J])+\\.?$", "")
severalLetters = _R258
_R259 = _RegExp("^[\\s$*]*(?:\\\\text\\s*\\{\\s*)?\\(?[A-J]\\)?(?:\\s*\\})?[\\s$*.]*$", "")
loneLetter = _R259

def candidates(gold):
    if (gold["numbers"] is not None):
        return [countdown]
    isChoice = (((len((_t251 if (_t251 := gold["choices"]) is not None else [])) > 0) or loneLetter.test(gold["text"])) or severalLetters.test(gold["text"]))
    usual = [integer, number, *([mathematics] if looksMathematical(gold["text"]) else []), boolean, text]
    return ([choice, *usual] if isChoice else usual)
_R260 = _RegExp("^-?[1-9]\\d{0,14}$", "")
digits = _R260

def graderFor(gold=None, *_more):
    if ((((gold["numbers"] is None) and (gold["choices"] is None)) and (gold["aliases"] is None)) and digits.test(gold["text"])):
        reference = integer["reference"](gold)
        if (reference is not None):
            return _O({"grader": integer, "reference": reference})
    if lacksEngine(gold["text"]):
        return None
    for grader in candidates(gold):
        reference_2 = grader["reference"](gold)
        if (reference_2 is not None):
            return _O({"grader": grader, "reference": withAliases(gold, grader, reference_2)})
    return None

def withAliases(gold, grader, reference):
    aliases = gold["aliases"]
    if aliases is None:
        aliases = []
    rest = _O({k: v for k, v in dict.items(gold) if k not in ("aliases",)})
    if ((((len(aliases) == 0) or (grader == mathematics)) or (grader == text)) or (grader == countdown)):
        return reference
    others = _flatMap(aliases, (lambda alias=None, *_more: (_t253 if (_t253 := grader["reference"](_O({**(rest or {}), "text": alias}))) is not None else [])))
    def _f44(answer=None, *_more):
        verdict = reference["check"](answer)
        return ("Correct" if ((verdict != "Correct") and any((other["check"](answer) == "Correct") for other in others)) else verdict)
    return _O({"answer": reference["answer"], "check": _f44})


# src/tasks/grading/Answers.ts
autoAnswers = _O({"name": "auto", "gradedBy": graderFor, "fallback": number})


# src/eval/transcripts/Reader.ts
defaultReader = _O({"markers": defaultMarkers, "answers": autoAnswers})


# src/eval/transcripts/Grade.ts
NO_LEVEL = "all"
_R261 = _RegExp("\\b(?:using|use)\\s+(?:only\\s+)?(?:each\\s+of\\s+)?(?:the\\s+|these\\s+)?numbers?:?\\s*(?:\\[\\s*)?(\\d+(?:\\s*,\\s*(?:and\\s+)?\\d+)+)\\s*\\]?[^\\n]{0,80}\\b(?:equation|expression|equals?|target|reach)\\b", "iu")
COUNTDOWN = _R261
_R262 = _RegExp("\\d+", "g")

def numbersOf(_p1):
    numbers = _p1["numbers"]
    prompt = _p1["prompt"]
    return (_t254 if (_t254 := numbers) is not None else ((None if (_t255 := COUNTDOWN.exec(prompt)) is None else (None if (_t256 := _at(_t255, 1)) is None else (None if (_t257 := _match(_t256, _R262)) is None else _map(_t257, _number)))) if _includes(prompt, "number") else None))

def goldOf(row, stated):
    text2 = (stated if (row["answer"] is None) else goldFrom(row["answer"]))
    if (text2 is None):
        return None
    aliases = row["aliases"]
    choices = row["choices"]
    prompt = row["prompt"]
    numbers = numbersOf(row)
    return _O({"text": text2, "prompt": prompt, **((_O({}) if (aliases is None) else _O({"aliases": aliases})) or {}), **((_O({}) if (choices is None) else _O({"choices": choices})) or {}), **((_O({}) if (numbers is None) else _O({"numbers": numbers})) or {})})

def lookUp(row, answers):
    asked = askedExpression(row["prompt"])
    stated = (None if (asked is None) else productOf(asked))
    gold = goldOf(row, (None if (_t258 := stated) is None else _t258["value"]))
    return _O({"asked": asked, "stated": stated, "graded": (None if (gold is None) else answers["gradedBy"](gold))})

def makeProblems():
    last = None
    def _f45(row=None, answers=None, *_more):
        nonlocal last
        isSame2 = ((((((((((last is not None) and (last["answers"] == answers)) and (last["row"]["prompt"] == row["prompt"])) and (last["row"]["answer"] == row["answer"])) and (row["aliases"] is None)) and (row["choices"] is None)) and (row["numbers"] is None)) and (last["row"]["numbers"] is None)) and (last["row"]["choices"] is None)) and (last["row"]["aliases"] is None))
        if (not isSame2):
            last = _O({"row": row, "answers": answers, "problem": lookUp(row, answers)})
        return last["problem"]
    return _f45
problemOf = makeProblems()

def queryOf(_p1):
    prompt = _p1["prompt"]
    query = _p1["query"]
    return (_t259 if (_t259 := query) is not None else prompt)

def reasonOf(outcome, row, taken, reference, answers):
    last = (None if (_t260 := taken) is None else (None if (_t261 := _counted(_t260["attempts"], (-1))) is None else _t261["candidate"]["answer"]))
    _t262 = outcome
    if _t262 == "Correct":
        return ("the row's own verdict" if (reference is None) else ("the last answer " + _str((_t263 if (_t263 := last) is not None else "")) + " agrees with the reference " + _str(reference)))
    elif _t262 == "Wrong":
        return ("it took its last answer back in the last allowed attempt" if (((None if (_t264 := taken) is None else _t264["isUnfinished"]) == True) or (row["hitCap"] == True)) else ("the row's own verdict" if (reference is None) else ("the last answer " + _str((_t265 if (_t265 := last) is not None else "")) + " does not agree with the reference " + _str(reference))))
    elif _t262 == "Unparsable":
        return ("no answer was found in the response" if (last is None) else ("the last answer " + _str(last) + " could not be read as an answer of this kind"))
    elif _t262 == "GoldInvalid":
        return ("the row has no reference answer, and the prompt asks for no product" if (row["answer"] is None) else (("the reference " + _str(_json(row["answer"])) + " needs the package @cortex-js/compute-engine, which is not installed") if lacksEngine(row["answer"]) else ("the reference " + _str(_json(row["answer"])) + " is none" + _str(("" if (answers == "auto") else (" of the kind \"" + _str(answers) + "\" (--answers)"))))))
    elif _t262 == "Truncated":
        return ("the row says that it was cut off" if (row["truncated"] == True) else ("a thought was opened and never closed" if ((None if (_t266 := taken) is None else _t266["isThinking"]) == True) else "it breaks off after a marker, before another answer"))
NO_KIND = "none"

def givenRollout(row, level, given):
    def _f46(_p1=None, k=None, *_more):
        answer = _p1["answer"]
        correct = _p1["correct"]
        decision = _p1["decision"]
        return _O({"answer": (_t267 if (_t267 := answer) is not None else ("attempt " + _str((k + 1)))), "correct": correct, "decision": decision})
    attempts = _map_i(given, _f46)
    last = _counted(attempts, (-1))
    isUnfinished = ((None if (_t268 := last) is None else _t268["decision"]) == "RESAMPLE")
    outcome = outcomeOf(_O({"isGoldValid": True, "isTruncated": (row["truncated"] == True), "isUnfinished": isUnfinished, "hitCap": (row["hitCap"] == True), "last": (None if (last is None) else ("Correct" if last["correct"] else "Wrong"))}))
    rollout = _O({"id": row["id"], "level": level, "query": queryOf(row), "attempts": attempts, "outcome": outcome})
    return _O({"rollout": (_O({**(rollout or {}), "hitCap": True}) if ((outcome == "Wrong") and isUnfinished) else rollout), "counts": _O({"kind": "given", "checks": 0, "unmarked": 0, "assumed": 0, "engineless": 0}), "taken": None, "reference": None, "reason": (lambda *_more: "the row brings its attempts"), "isContradicted": None})

def verdictOfScore(score, last):
    return (lambda answer=None, *_more: ("Correct" if ((score >= 1) and (answer == last)) else "Wrong"))

def isVerdict(score):
    return ((score == 0) or (score == 1))

def gradingOf(row, graded, taken, isScored):
    score = row["score"]
    if ((not isScored) or (not isVerdict(score))):
        return (None if (graded is None) else _O({"kind": graded["grader"]["kind"], "reference": graded["reference"]["answer"], "verdictOf": graded["reference"]["check"]}))
    last = (None if (_t269 := _counted(taken["attempts"], (-1))) is None else _t269["candidate"]["answer"])
    if (graded is None):
        return _O({"kind": "verdict", "reference": None, "verdictOf": verdictOfScore(score, last)})
    _t270 = graded["reference"]
    check = _t270["check"]
    return _O({"kind": "verdict", "reference": graded["reference"]["answer"], "verdictOf": (lambda answer=None, *_more: (("Correct" if (score == 1) else "Wrong") if (answer == last) else check(answer)))})

def readTranscript(row, _p2=None):
    _t271 = _p2
    if _t271 is None:
        _t271 = defaultReader
    answers = _t271["answers"]
    isScored = _t271["isScored"]
    if isScored is None:
        isScored = False
    markers = _t271["markers"]
    take = _t271["take"]
    _t272 = problemOf(row, answers)
    asked = _t272["asked"]
    graded = _t272["graded"]
    stated = _t272["stated"]
    level = (_t275 if (_t275 := (_t273 if (_t273 := row["level"]) is not None else (None if (_t274 := stated) is None else _t274["level"]))) is not None else NO_LEVEL)
    if (row["attempts"] is not None):
        return givenRollout(row, level, row["attempts"])
    isFlagged = (row["truncated"] == True)
    options = _O({"grader": (_t277 if (_t277 := (None if (_t276 := graded) is None else _t276["grader"])) is not None else answers["fallback"]), "asked": asked, "turns": row["turns"], "isTruncated": isFlagged})
    taken = (_t279 if (_t279 := (None if (_t278 := take) is None else _t278(row, markers, options))) is not None else takeApart(row["response"], markers, options))
    grading = gradingOf(row, graded, taken, isScored)
    def verdictOf(answer):
        return (_t281 if (_t281 := (None if (_t280 := grading) is None else _t280["verdictOf"](answer))) is not None else "GoldInvalid")
    last = (None if (_t282 := _counted(taken["attempts"], (-1))) is None else _t282["candidate"]["answer"])
    hitCap = ((row["hitCap"] == True) and taken["isUnfinished"])
    outcome = outcomeOf(_O({"isGoldValid": (grading is not None), "isTruncated": (isFlagged or taken["isThinking"]), "isUnfinished": taken["isUnfinished"], "hitCap": hitCap, "last": (None if (last is None) else verdictOf(last))}))
    isCapped = ((outcome == "Wrong") and hitCap)
    def _f47(_p1=None, *_more):
        candidate = _p1["candidate"]
        decision = _p1["decision"]
        attempt = _O({"answer": candidate["answer"], "correct": (verdictOf(candidate["answer"]) == "Correct")})
        seen = ((_t283 if (_t283 := decision) is not None else "RESAMPLE") if isCapped else decision)
        return (attempt if (seen is None) else _O({**(attempt or {}), "decision": seen}))
    attempts = _map(taken["attempts"], _f47)
    rollout = _O({"id": row["id"], "level": level, "query": queryOf(row), "attempts": attempts, "outcome": outcome})
    ours = (None if ((last is None) or (graded is None)) else graded["reference"]["check"](last))
    hasBoth = ((isVerdict(row["score"]) and ((ours == "Correct") or (ours == "Wrong"))) and ((outcome == "Correct") or (outcome == "Wrong")))
    def _f48(_p1=None, *_more):
        candidate = _p1["candidate"]
        return (candidate["answer"] != last)
    return _O({"rollout": (_O({**(rollout or {}), "hitCap": True}) if isCapped else rollout), "counts": _O({"kind": (_t285 if (_t285 := (None if (_t284 := grading) is None else _t284["kind"])) is not None else NO_KIND), "checks": taken["checks"], "unmarked": taken["unmarked"], "assumed": (len(_filter(taken["attempts"], _f48)) if (((graded is None) and isScored) and (row["score"] == 0)) else 0), "engineless": (1 if (((graded is None) and (row["answer"] is not None)) and lacksEngine(row["answer"])) else 0)}), "taken": taken, "reference": (None if (_t286 := grading) is None else _t286["reference"]), "reason": (lambda *_more: reasonOf(outcome, row, taken, (None if (_t287 := grading) is None else _t287["reference"]), answers["name"])), "isContradicted": (((ours == "Correct") != (row["score"] == 1)) if hasBoth else None)})

def gradeTranscript(row=None, reader=None, *_more):
    if reader is None:
        reader = defaultReader
    return readTranscript(row, reader)["rollout"]


# ---- What is used from outside. ----

# Expressions remember their place, so one text is read at a time.
_LOCK = threading.Lock()


def grade_text(prompt, response, answer=None, truncated=False, level=None, choices=None, numbers=None):
    """Grades a response as `calibrate` does: a dict of outcome, attempts, level, kind and reference.

    outcome is "Correct", "Wrong", "Unparsable" (no answer was found, or it cannot be read), "Truncated" or "GoldInvalid" (no usable reference).
    Each attempt is {"answer", "correct", "decision"}; decision is "RESAMPLE", "STOP", or None where the text was cut off before it could be seen.
    """
    row = {"id": "", "prompt": _units(prompt), "response": _units(response)}
    if answer is not None:
        row["answer"] = _units(answer)
    if truncated:
        row["truncated"] = True
    if level is not None:
        row["level"] = _units(level)
    if choices is not None:
        row["choices"] = [_units(each) for each in choices]
    if numbers is not None:
        row["numbers"] = list(numbers)
    with _LOCK:
        graded = readTranscript(_O(row))
    rollout = graded["rollout"]
    reference = graded["reference"]
    return {
        "outcome": rollout["outcome"],
        "attempts": [
            {"answer": _characters(each["answer"]), "correct": each["correct"], "decision": each["decision"]} for each in rollout["attempts"]
        ],
        "level": _characters(rollout["level"]),
        "kind": graded["counts"]["kind"],
        "reference": None if reference is None else _characters(reference),
    }
