/**
 * The store: immutable blobs named by their SHA-256, the records of the actions that made them, and
 * leases.
 *
 * <p>Comes in: bytes and action keys. Goes out: verified bytes, hits and misses with their reason.
 * It must not know what a stage does; it sees messages, digests and keys alone.
 */
package io.cityseg.store;
