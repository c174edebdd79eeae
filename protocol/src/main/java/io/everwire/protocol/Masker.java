package io.everwire.protocol;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The masking of RFC 6455 §5.3, eight bytes at a time: "transformed-octet-i = original-octet-i XOR masking-key-octet-j",
 * where "j = i MOD 4". Masking and unmasking are the same.
 *
 * <p>A key is an int whose most significant byte is the key's first. Long payloads go through one NIO view each, which
 * checks bounds far more cheaply than a {@link ByteBuf}; short ones do not, because making that view costs an object.
 */
final class Masker {
    /** From this length on, in bytes, an NIO view is worth making. */
    static final int VIEW_BYTES = 256;

    /** From this length on the view that a buffer keeps for its only user, which costs no object, is. */
    private static final int OWN_VIEW_BYTES = 64;

    private static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private Masker() {}

    /** Masks a part of {@code bytes} in place. The caller is the only user of the buffer. */
    static void mask(ByteBuf bytes, int index, int length, int key) {
        if (length >= OWN_VIEW_BYTES && bytes.nioBufferCount() == 1) {
            ByteBuffer view = bytes.internalNioBuffer(index, length);
            copyViews(view, view.position(), view, view.position(), length, key);
        } else {
            copyBytes(bytes, index, bytes, index, length, key);
        }
    }

    /**
     * Copies {@code length} bytes masked. {@code source} may be shared with other threads that read it; {@code target}
     * must have the room, and its indexes are left alone. With key 0 the copy is plain.
     */
    static void copy(ByteBuf source, int from, ByteBuf target, int to, int length, int key) {
        if (length >= VIEW_BYTES && source.nioBufferCount() == 1 && target.nioBufferCount() == 1) {
            ByteBuffer sourceView = source.nioBuffer(from, length);
            ByteBuffer targetView = target.internalNioBuffer(to, length);
            copyViews(sourceView, sourceView.position(), targetView, targetView.position(), length, key);
        } else if (length >= Long.BYTES && target.nioBufferCount() == 1) {
            copyInto(target.internalNioBuffer(to, length), source, from, length, key);
        } else {
            copyBytes(source, from, target, to, length, key);
        }
    }

    /** Copies from a buffer whose view would cost an object into the view that the target keeps for its only user. */
    private static void copyInto(ByteBuffer target, ByteBuf source, int from, int length, int key) {
        long keys = twice(key);
        int to = target.position();
        int whole = length & -Long.BYTES;
        for (int i = 0; i < whole; i += Long.BYTES) {
            target.putLong(to + i, source.getLong(from + i) ^ keys);
        }
        for (int i = whole; i < length; i++) {
            target.put(to + i, (byte) (source.getByte(from + i) ^ keyByte(key, i)));
        }
    }

    /** Returns the key for the bytes that follow {@code length} masked ones of the same frame. */
    static int keyAfter(int key, int length) {
        return Integer.rotateLeft(key, (length & 3) * Byte.SIZE);
    }

    /** Returns the key twice, for eight bytes in network byte order. */
    static long twice(int key) {
        long once = key & 0xFFFF_FFFFL;
        return once << Integer.SIZE | once;
    }

    private static void copyViews(ByteBuffer source, int from, ByteBuffer target, int to, int length, int key) {
        long bigEndian = twice(key);
        long keys = ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? bigEndian : Long.reverseBytes(bigEndian);
        int whole = length & -Long.BYTES;
        for (int i = 0; i < whole; i += Long.BYTES) {
            LONGS.set(target, to + i, (long) LONGS.get(source, from + i) ^ keys);
        }
        for (int i = whole; i < length; i++) {
            target.put(to + i, (byte) (source.get(from + i) ^ keyByte(key, i)));
        }
    }

    private static void copyBytes(ByteBuf source, int from, ByteBuf target, int to, int length, int key) {
        long keys = twice(key);
        int whole = length & -Long.BYTES;
        for (int i = 0; i < whole; i += Long.BYTES) {
            target.setLong(to + i, source.getLong(from + i) ^ keys);
        }
        for (int i = whole; i < length; i++) {
            target.setByte(to + i, source.getByte(from + i) ^ keyByte(key, i));
        }
    }

    private static int keyByte(int key, int i) {
        return key >> (Integer.SIZE - Byte.SIZE - (i & 3) * Byte.SIZE);
    }
}
