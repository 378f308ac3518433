/**
 * The networks: their weights in files, their first weights, and their forward pass.
 *
 * <p>Comes in: files of safetensors and torch.save, and normalised images [N, 3, H, W]. Goes out:
 * checkpoints in the store and logits [N, C, H, W]. It must not know of losses, optimisers, epochs
 * or shards.
 */
package io.cityseg.model;
