/**
 * One run: what it is about, its journal in the store, and how it is carried out.
 *
 * <p>Comes in: configuration, data and a selection of stages. Goes out: a {@link
 * io.cityseg.proto.RunRecord}. It must not know how anything is printed.
 */
package io.cityseg.run;
