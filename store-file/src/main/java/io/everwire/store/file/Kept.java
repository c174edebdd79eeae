package io.everwire.store.file;

/** Where the payload of a kept message lies in the journal. */
record Kept(long offset, int length, boolean isText) {}
