"""Reads streams of compressed messages as their peer would, with the real zlib at the window that was agreed on.

Input, big-endian: 'S' bits keeps   a stream begins; keeps is 1 when messages may refer to earlier ones
                   'M' n crc bytes  a message: the length and the CRC-32 of what it stands for, then 4 bytes of length and the payload
                   'E'              the stream ends
Output: one line a stream, "ok MESSAGES" or what is wrong with which message.
"""
import struct
import sys
import zlib

TAIL = b"\x00\x00\xff\xff"
source = sys.stdin.buffer


def judge(inflater, payload, length, crc):
    message = inflater.decompress(payload + TAIL)
    if inflater.unconsumed_tail or inflater.unused_data or inflater.eof:
        return "has bytes behind its end"
    if len(message) != length:
        return "stands for %d bytes instead of %d" % (len(message), length)
    return None if zlib.crc32(message) == crc else "stands for other bytes"


def stream():
    bits, keeps = struct.unpack(">BB", source.read(2))
    inflater = zlib.decompressobj(wbits=-bits)
    mistake = None
    number = 0
    while source.read(1) == b"M":
        length, crc, size = struct.unpack(">III", source.read(12))
        payload = source.read(size)
        number += 1
        if mistake is None:
            try:
                wrong = judge(inflater, payload, length, crc)
            except zlib.error as error:
                wrong = str(error)
            mistake = wrong and "message %d: %s" % (number, wrong)
        if not keeps:
            inflater = zlib.decompressobj(wbits=-bits)
    print(mistake or "ok %d" % number, flush=True)


while source.read(1) == b"S":
    stream()
