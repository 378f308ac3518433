package io.cityseg.labels;

import java.util.Arrays;
import java.util.Optional;

/**
 * What the pixels of a label image say. The names are those of cityscapesScripts 2.3.0 ({@code
 * json2labelImg}, {@code json2instanceImg}), and so are the endings of files.
 */
public enum LabelEncoding {
  /** uint8 trainIds, 0..18 and 255. */
  TRAIN_IDS("trainIds", "labelTrainIds"),
  /** uint8 regular ids, 0..33. */
  IDS("ids", "labelIds"),
  /** The labels' own colours. */
  COLOR("color", "color"),
  /** uint16: id * 1000 + k for the k-th object of a label that has instances, else the id. */
  INSTANCE_IDS("instanceIds", "instanceIds"),
  /** uint16: trainId * 1000 + k, or the trainId; 255 stays 255. */
  INSTANCE_TRAIN_IDS("instanceTrainIds", "instanceTrainIds");

  private final String text;
  private final String fileEnding;

  LabelEncoding(String text, String fileEnding) {
    this.text = text;
    this.fileEnding = fileEnding;
  }

  /** The name on the command line: "trainIds". */
  public String text() {
    return text;
  }

  /**
   * The end of the data set's file names: "labelTrainIds" of {@code x_gtFine_labelTrainIds.png}.
   */
  public String fileEnding() {
    return fileEnding;
  }

  /** The encoding of a name on the command line; nothing when there is none. */
  public static Optional<LabelEncoding> ofText(String text) {
    return Arrays.stream(values()).filter(encoding -> encoding.text.equals(text)).findFirst();
  }

  boolean hasInstances() {
    return this == INSTANCE_IDS || this == INSTANCE_TRAIN_IDS;
  }

  /** What a pixel of a label holds, instances aside. Not for colours. */
  int value(Label label) {
    return this == TRAIN_IDS || this == INSTANCE_TRAIN_IDS ? label.trainId() : label.id();
  }
}
