"""Changes to bytes, half of them blind and half of them to one element of a DER tree whose lengths then fit again."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

_CONSTRUCTED = 0x20
_DEPTH = 24
_INTERESTING = (
    0x00,
    0x01,
    0x02,
    0x04,
    0x05,
    0x06,
    0x0C,
    0x13,
    0x17,
    0x18,
    0x30,
    0x31,
    0x7F,
    0x80,
    0x81,
    0x84,
    0xA0,
    0xFF,
)


@dataclass
class Element:
    """One element: its tag, and either its bytes or its members."""

    tag: int
    content: bytes
    members: "list[Element] | None"

    def encode(self) -> bytes:
        body = self.content if self.members is None else b"".join(member.encode() for member in self.members)
        return bytes([self.tag]) + encode_length(len(body)) + body

    def walk(self) -> "list[Element]":
        found = [self]
        for member in self.members or ():
            found += member.walk()
        return found


def encode_length(length: int) -> bytes:
    if length < 0x80:
        return bytes([length])
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


def parse_elements(data: bytes, depth: int = 0) -> list[Element] | None:
    """The elements that fill the bytes exactly, or None where they do not."""
    found, at = [], 0
    while at < len(data):
        if at + 2 > len(data):
            return None
        tag, first, begin = data[at], data[at + 1], at + 2
        if first > 0x83 or first == 0x80:
            return None
        if first > 0x80:
            begin += first & 0x7F
            first = int.from_bytes(data[at + 2 : begin], "big")
        content = data[begin : begin + first]
        if len(content) != first:
            return None
        # An OCTET STRING often wraps an element: extensions do.
        inside = parse_elements(content, depth + 1) if (tag & _CONSTRUCTED or tag == 4) and depth < _DEPTH else None
        found.append(Element(tag, content, inside or None))
        at = begin + first
    return found


def mutate(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """One to four changes; ``others`` lend their parts."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        tree = parse_elements(data) if chance.random() < 0.6 else None
        data = _change_tree(tree, others, chance) if tree else _change_bytes(data, others, chance)
    return data


def _change_tree(tree: list[Element], others: Sequence[bytes], chance: random.Random) -> bytes:
    element = chance.choice([found for top in tree for found in top.walk()])
    members = element.members
    match chance.randrange(8):
        case 0:
            element.tag = chance.choice((*_INTERESTING, element.tag ^ (1 << chance.randrange(8))))
        case 1 if members:
            members.append(chance.choice(members))
        case 2 if members:
            del members[chance.randrange(len(members))]
        case 3 if members:
            chance.shuffle(members)
        case 4:
            lender = parse_elements(chance.choice(others))
            if lender:
                lent = chance.choice([found for top in lender for found in top.walk()])
                element.tag, element.content, element.members = lent.tag, lent.content, lent.members
        case 5:
            wrapped = Element(element.tag, element.content, members)
            for _ in range(chance.choice((1, 3, 60))):
                wrapped = Element(0x30, b"", [wrapped])
            element.tag, element.members = wrapped.tag, wrapped.members
        case 6:
            element.content, element.members = b"", None
        case _:
            body = element.content if members is None else b"".join(member.encode() for member in members)
            element.content, element.members = _change_bytes(body, others, chance), None
    return b"".join(top.encode() for top in tree)


def _change_bytes(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    changed = bytearray(data)
    at = chance.randrange(len(changed) + 1)
    match chance.randrange(6):
        case 0 if at < len(changed):
            changed[at] ^= 1 << chance.randrange(8)
        case 1 if at < len(changed):
            changed[at] = chance.choice(_INTERESTING)
        case 2:
            del changed[at : at + chance.choice((1, 2, 16))]
        case 3:
            changed[at:at] = chance.randbytes(chance.choice((1, 4, 64)))
        case 4:
            other = chance.choice(others)
            begin = chance.randrange(len(other) + 1)
            changed[at : at + 16] = other[begin : begin + 16]
        case _:
            changed[at:at] = changed[at : at + 200] * chance.choice((1, 20))
    return bytes(changed)
