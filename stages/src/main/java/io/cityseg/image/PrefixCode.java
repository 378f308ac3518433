package io.cityseg.image;

import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * A Huffman code in the form of RFC 1951, 3.2.2.
 *
 * @param lengths bits of every symbol, 0 where it does not come
 * @param codes the bits, the first in the lowest place
 */
@SuppressWarnings("ArrayRecordComponent") // made and read in this package
record PrefixCode(int[] lengths, int[] codes) {
  private record Node(long weight, int order, int symbol, Node left, Node right) {}

  /**
   * The code of symbols that come so often. At least two symbols come.
   *
   * @param maxBits the longest code; a little is lost where the best code would be longer
   */
  static PrefixCode of(int[] frequencies, int maxBits) {
    int[] weights = frequencies.clone();
    int[] lengths = lengths(weights);
    while (Arrays.stream(lengths).max().orElse(0) > maxBits) {
      for (int i = 0; i < weights.length; i++) {
        weights[i] = (weights[i] + 1) / 2;
      }
      lengths = lengths(weights);
    }
    return new PrefixCode(lengths, codes(lengths, maxBits));
  }

  private static int[] lengths(int[] weights) {
    PriorityQueue<Node> queue =
        new PriorityQueue<>(Comparator.comparingLong(Node::weight).thenComparingInt(Node::order));
    for (int symbol = 0; symbol < weights.length; symbol++) {
      if (weights[symbol] > 0) {
        queue.add(new Node(weights[symbol], symbol, symbol, null, null));
      }
    }
    if (queue.size() < 2) {
      throw new IllegalArgumentException(
          "Invalid code: %d symbols (must be 2 or more)".formatted(queue.size()));
    }
    int order = weights.length;
    while (queue.size() > 1) {
      Node left = queue.remove();
      Node right = queue.remove();
      queue.add(new Node(left.weight() + right.weight(), order++, -1, left, right));
    }
    int[] lengths = new int[weights.length];
    measure(queue.remove(), 0, lengths);
    return lengths;
  }

  private static void measure(Node node, int depth, int[] lengths) {
    if (node.symbol() >= 0) {
      lengths[node.symbol()] = depth;
    } else {
      measure(node.left(), depth + 1, lengths);
      measure(node.right(), depth + 1, lengths);
    }
  }

  private static int[] codes(int[] lengths, int maxBits) {
    int[] codes = new int[lengths.length];
    int next = 0;
    for (int bits = 1; bits <= maxBits; bits++) {
      for (int symbol = 0; symbol < lengths.length; symbol++) {
        if (lengths[symbol] == bits) {
          codes[symbol] = Integer.reverse(next++) >>> (Integer.SIZE - bits);
        }
      }
      next <<= 1;
    }
    return codes;
  }
}
