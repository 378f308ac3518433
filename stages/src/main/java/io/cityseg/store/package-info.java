/**
 * The store: immutable blobs named by their SHA-256, the records of the actions that made them, and
 * leases.
 *
 * <p>Comes in: bytes and action keys. Goes out: verified bytes, hits and misses with their reason.
 * It must not know what a stage does; it sees messages, digests and keys alone.
 *
 * <p>A blob file is sealed: read-only, with a fixed modification time. A file without that time is
 * hashed again before it is trusted, so a lookup can be both complete and fast. A bucket is trusted
 * for being there, not for its bytes: the server checks digests when it receives, a lookup asks for
 * names and sizes only (many at once, remembered for half a minute), and every read is hashed. So a
 * damaged object shows when it is read, which makes it a miss. A creation that was sent twice knows
 * its own object by a random mark in the object's metadata ({@code S3Upload}), so a lost answer is
 * not taken for a lost race. Connections are shared in a JVM ({@code ObjectStorages}), the one
 * piece of static state: Beam makes an object of each function for every thread.
 */
package io.cityseg.store;
