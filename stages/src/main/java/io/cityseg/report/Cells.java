package io.cityseg.report;

import static io.cityseg.report.Element.element;

import io.cityseg.store.Digest;
import java.util.OptionalDouble;

/** What is found in the cells of tables. */
final class Cells {
  private static final String DASH = "\u2013";

  private Cells() {}

  /** A share of 0..1 in percent; "absent" where there is none. */
  static Node share(OptionalDouble share) {
    return share.isPresent() ? Node.text(Numbers.finePercent(share.getAsDouble())) : absent();
  }

  /** A share of 0..1 in percent with one digit after the point; "absent" where there is none. */
  static Node roundShare(OptionalDouble share) {
    return share.isPresent() ? Node.text(Numbers.percent(share.getAsDouble())) : absent();
  }

  /** A share of 0..1 in percent beside a bar of that length; "absent" where there is none. */
  static Node bar(OptionalDouble share, String cssClass) {
    if (share.isEmpty()) {
      return absent();
    }
    Element fill =
        element("span", "fill " + cssClass)
            .attribute("style", "width:" + Numbers.coordinate(100 * share.getAsDouble()) + "%");
    return element("span", "measured")
        .add(element("span", "value").text(Numbers.percent(share.getAsDouble())))
        .add(element("span", "bar").attribute("aria-hidden", "true").add(fill));
  }

  /** A difference of two shares in percentage points with its sign. */
  static Node difference(OptionalDouble difference) {
    if (difference.isEmpty()) {
      return none();
    }
    double points = difference.getAsDouble();
    String cssClass = points > 0 ? "up" : points < 0 ? "down" : "level";
    return element("span", cssClass).text(Numbers.signedPoints(points));
  }

  /** The first digits of a digest, with all of them as its title. */
  static Node digest(String sha256) {
    return element("code", "digest")
        .attribute("title", sha256)
        .text(new Digest(sha256).abbreviated());
  }

  /** What is said of a class that is neither in the ground truth nor predicted. */
  static Node absent() {
    return element("span", "absent").text("absent");
  }

  /** Where a cell has nothing to say. */
  static Node none() {
    return element("span", "absent").text(DASH);
  }
}
