/**
 * Stage evaluate: a checkpoint on the validation shards.
 *
 * <p>Comes in: a checkpoint and a split's shards, or its original files for the official measure.
 * Goes out: exact pixel counts, the measures that follow from them, and some predictions as
 * pictures. It must not know how the checkpoint was trained or what the report makes of the
 * numbers.
 *
 * <p>Full resolution is made in bands: logits are enlarged 64 rows at a time by two matrix products
 * (the engine's own interpolation smooths where it makes smaller), so an image costs its forward
 * pass and a few MB. Averaging scales or mirror images costs one float a class and pixel (159 MB at
 * 2048x1024), sliding windows the same at the input's size. Memory does not grow with the images
 * ({@code infra/bench/evaluate/bench_memory.py}): from 64 to 160 of 1024x2048, 1,860 and 1,876 MiB
 * are resident, JVM, engine and a heap of 1 GiB included.
 *
 * <p>The original files of a split ({@code SourcesManifest}) are an input only when {@code
 * evaluate.measure} asks for {@code cityscapes}, so a changed instance file reaches evaluation at
 * full resolution and nothing else. A piece is a shard and forward pass: one of both measures where
 * both see the same input, else one for each, that of {@code paper} with the key that it has alone.
 * Pieces hold integers; the weighted sums of iIoU are made when all are there, in the order of the
 * official script's files.
 *
 * <p>For {@code cityscapes} the logits (an eighth of the network's input) are enlarged bilinearly
 * to the label's own size, as {@code F.interpolate(align_corners=False)} does, and the class is
 * then chosen among the 19: void is never predicted, since it could never be right. Scales and
 * mirror images average probabilities, windows average logits, as mmsegmentation's {@code aug_test}
 * and {@code slide_inference} do.
 */
package io.cityseg.evaluate;
