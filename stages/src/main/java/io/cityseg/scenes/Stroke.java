package io.cityseg.scenes;

import java.util.List;

/** One polygon of a scene, in the order in which a scene is painted: back to front. */
sealed interface Stroke {
  /** The corners; some may lie outside of the picture. */
  List<Pixel> polygon();

  Paint paint();

  /**
   * An object of the annotation.
   *
   * @param label the official name of its class
   */
  record Annotated(String label, List<Pixel> polygon, Paint paint) implements Stroke {}

  /** A part of the object painted last, and visible on it alone: a window, a wheel. */
  record Detail(List<Pixel> polygon, Paint paint) implements Stroke {}

  /** Something that lies on whatever is there and has no class of its own: a shadow, a marking. */
  record Overlay(List<Pixel> polygon, Paint paint) implements Stroke {}
}
