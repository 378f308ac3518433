package io.cityseg.train;

import java.util.ArrayList;
import java.util.List;

/**
 * How a batch is cut, for gradient accumulation and for replicas.
 *
 * @param accumulate in at most how many parts it goes through the network
 * @param replicas in at most how many chunks each part is cut
 */
record BatchParts(int accumulate, int replicas) {
  /** A whole batch at once. */
  static final BatchParts WHOLE = new BatchParts(1, 1);

  /** Batch normalisation over 1 x 1 maps needs two images. */
  private static final int FEWEST = 2;

  /**
   * Some images of a batch that go through the network together.
   *
   * @param from the first one's place in the batch
   * @param size how many
   * @param remembered whether they move the running statistics: the first replica's do
   */
  record Chunk(int from, int size, boolean remembered) {}

  BatchParts {
    if (accumulate < 1 || replicas < 1) {
      throw new IllegalArgumentException(
          "Invalid parts: accumulate %d, replicas %d (both must be at least 1)"
              .formatted(accumulate, replicas));
    }
  }

  /**
   * The chunks of a batch, in its order.
   *
   * <p>Parts differ by at most one image, and there are fewer where they would have a single one.
   * Chunks are those of {@code torch.chunk}, which nn.DataParallel's scatter uses: ceil(n /
   * replicas) images each, and the rest in the last.
   *
   * @param images in the batch
   */
  List<Chunk> of(int images) {
    List<Chunk> chunks = new ArrayList<>();
    int parts = Math.max(1, Math.min(accumulate, images / FEWEST));
    int from = 0;
    for (int part = 0; part < parts; part++) {
      int end = (int) ((long) images * (part + 1) / parts);
      int size = (end - from + replicas - 1) / replicas;
      for (int at = from; at < end; at += size) {
        chunks.add(new Chunk(at, Math.min(size, end - at), at == from));
      }
      from = end;
    }
    return List.copyOf(chunks);
  }

  /** Whether a batch of so many images is cut into chunks that can be trained on. */
  boolean fit(int images) {
    return of(images).stream().allMatch(chunk -> chunk.size() >= FEWEST);
  }
}
