package io.cityseg.labels;

/** What the pixels of a label image say. The names are those of cityscapesScripts. */
public enum LabelEncoding {
  /** uint8 trainIds, 0..18 and 255. */
  TRAIN_IDS("trainIds"),
  /** uint8 regular ids, 0..33. */
  IDS("ids"),
  /** The labels' own colours. */
  COLOR("color");

  private final String text;

  LabelEncoding(String text) {
    this.text = text;
  }

  /** The name on the command line: "trainIds". */
  public String text() {
    return text;
  }
}
