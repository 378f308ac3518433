/**
 * The network: its weights in files, its first weights, and its forward pass.
 *
 * <p>Comes in: safetensors files and normalised images [N, 3, H, W]. Goes out: checkpoints in the
 * store and logits [N, C, H, W]. It must not know of losses, optimisers, epochs or shards.
 */
package io.cityseg.model;
