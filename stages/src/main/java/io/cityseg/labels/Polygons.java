package io.cityseg.labels;

/**
 * The drawn objects of an annotation file, in the order in which they overwrite each other.
 *
 * @param width pixels of the canvas
 * @param height pixels of the canvas
 * @param count number of objects
 * @param ids the objects' label ids, 0..33
 * @param groups whether an object is a group: its label was found without the ending "group"
 * @param ends where each object's points end in {@code points}; they begin where the one before
 *     ends
 * @param points x, y, x, y, ... of all objects, pixels; outside the canvas, too
 */
@SuppressWarnings("ArrayRecordComponent") // millions of points; made and read in this package
record Polygons(
    int width, int height, int count, byte[] ids, boolean[] groups, int[] ends, int[] points) {
  Polygons {
    if (count > ids.length
        || count > groups.length
        || count > ends.length
        || (count > 0 && ends[count - 1] > points.length)) {
      throw new IllegalArgumentException("Invalid polygons: " + count + " objects, fewer points");
    }
  }

  int start(int object) {
    return object == 0 ? 0 : ends[object - 1];
  }
}
