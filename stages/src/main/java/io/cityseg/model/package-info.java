/**
 * The networks: their weights in files, their first weights, and their forward pass.
 *
 * <p>Comes in: files of safetensors and torch.save, and normalised images [N, 3, H, W]. Goes out:
 * checkpoints in the store and logits [N, C, H, W]. It must not know of losses, optimisers, epochs
 * or shards.
 *
 * <p>A {@code .pth} file is a program that nobody runs here: {@code PickleMachine} reads its
 * opcodes as data, {@code TorchObjects} lists the five kinds of things that it may name, and
 * storages are views of the file. An unpickler with a filter would still build whatever the filter
 * forgot.
 *
 * <p>What DJL lacks comes from a TorchScript archive ({@code Operators}, made by {@code
 * operators.py} beside it): fused Adam, ReLU in place, memory formats, bfloat16. Activations have
 * their channels innermost, forwards and backwards. Evaluation freezes the network: batch
 * normalisation is folded into convolutions ({@code FoldedWeights}), so nothing may change weights
 * between freeze and thaw. One user of the engine at a time in a JVM: two would share cores and
 * double memory; parallelism comes from more workers.
 */
package io.cityseg.model;
