package io.cityseg.labels;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The label table of cityscapesScripts 2.3.0 ({@code helpers/labels.py}), and the 20 classes that
 * the reference run counts: class 0..18 is the trainId, class 19 is void.
 */
public final class CityscapesLabels {
  /** The class that void pixels (trainId 255) are counted as. */
  public static final int VOID_CLASS = 19;

  /** Number of classes, void among them. */
  public static final int CLASSES = 20;

  /** The trainId of void. */
  public static final int VOID_TRAIN_ID = 255;

  private static final List<Label> ALL =
      List.of(
          new Label(0, 255, "unlabeled", "void", false, 0x000000),
          new Label(1, 255, "ego vehicle", "void", false, 0x000000),
          new Label(2, 255, "rectification border", "void", false, 0x000000),
          new Label(3, 255, "out of roi", "void", false, 0x000000),
          new Label(4, 255, "static", "void", false, 0x000000),
          new Label(5, 255, "dynamic", "void", false, 0x6f4a00),
          new Label(6, 255, "ground", "void", false, 0x510051),
          new Label(7, 0, "road", "flat", false, 0x804080),
          new Label(8, 1, "sidewalk", "flat", false, 0xf423e8),
          new Label(9, 255, "parking", "flat", false, 0xfaaaa0),
          new Label(10, 255, "rail track", "flat", false, 0xe6968c),
          new Label(11, 2, "building", "construction", false, 0x464646),
          new Label(12, 3, "wall", "construction", false, 0x66669c),
          new Label(13, 4, "fence", "construction", false, 0xbe9999),
          new Label(14, 255, "guard rail", "construction", false, 0xb4a5b4),
          new Label(15, 255, "bridge", "construction", false, 0x966464),
          new Label(16, 255, "tunnel", "construction", false, 0x96785a),
          new Label(17, 5, "pole", "object", false, 0x999999),
          new Label(18, 255, "polegroup", "object", false, 0x999999),
          new Label(19, 6, "traffic light", "object", false, 0xfaaa1e),
          new Label(20, 7, "traffic sign", "object", false, 0xdcdc00),
          new Label(21, 8, "vegetation", "nature", false, 0x6b8e23),
          new Label(22, 9, "terrain", "nature", false, 0x98fb98),
          new Label(23, 10, "sky", "sky", false, 0x4682b4),
          new Label(24, 11, "person", "human", true, 0xdc143c),
          new Label(25, 12, "rider", "human", true, 0xff0000),
          new Label(26, 13, "car", "vehicle", true, 0x00008e),
          new Label(27, 14, "truck", "vehicle", true, 0x000046),
          new Label(28, 15, "bus", "vehicle", true, 0x003c64),
          new Label(29, 255, "caravan", "vehicle", true, 0x00005a),
          new Label(30, 255, "trailer", "vehicle", true, 0x00006e),
          new Label(31, 16, "train", "vehicle", true, 0x005064),
          new Label(32, 17, "motorcycle", "vehicle", true, 0x0000e6),
          new Label(33, 18, "bicycle", "vehicle", true, 0x770b20),
          new Label(-1, -1, "license plate", "vehicle", false, 0x00008e));

  private static final Map<String, Label> BY_NAME = new HashMap<>();
  private static final Label[] BY_ID = new Label[ALL.size() - 1];
  private static final Label[] BY_CLASS = new Label[VOID_CLASS];

  static {
    for (Label label : ALL) {
      BY_NAME.put(label.name(), label);
      if (label.id() >= 0) {
        BY_ID[label.id()] = label;
      }
      if (label.isTrained()) {
        BY_CLASS[label.trainId()] = label;
      }
    }
  }

  private CityscapesLabels() {}

  /** The table in the order of ids, the license plate (-1) last. */
  public static List<Label> all() {
    return ALL;
  }

  /** The label of a regular id; nothing when the table has none (and for the license plate). */
  public static Optional<Label> ofId(int id) {
    return id >= 0 && id < BY_ID.length ? Optional.of(BY_ID[id]) : Optional.empty();
  }

  /** The label of exactly this name; nothing when the table has none. */
  public static Optional<Label> ofName(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  /** The label of a class 0..18; void has many. */
  public static Label ofClass(int classIndex) {
    if (classIndex < 0 || classIndex >= VOID_CLASS) {
      throw new IllegalArgumentException(
          "Invalid class: "
              + classIndex
              + " (must be 0 to 18; 19 is void, which has no one label)");
    }
    return BY_CLASS[classIndex];
  }

  /** The name of a class 0..19: "road" ... "bicycle", "void". */
  public static String className(int classIndex) {
    return classIndex == VOID_CLASS ? "void" : ofClass(classIndex).name();
  }

  /** The class of a trainId: 0..18 themselves, 255 is 19. */
  public static int classIndex(int trainId) {
    if (trainId == VOID_TRAIN_ID) {
      return VOID_CLASS;
    }
    if (trainId < 0 || trainId >= VOID_CLASS) {
      throw new IllegalArgumentException(
          "Invalid trainId: " + trainId + " (must be 0 to 18, or 255 for void)");
    }
    return trainId;
  }

  /** The colour of a class 0..19 as 0xRRGGBB; void is black. */
  public static int classColor(int classIndex) {
    return classIndex == VOID_CLASS ? 0 : ofClass(classIndex).color();
  }
}
