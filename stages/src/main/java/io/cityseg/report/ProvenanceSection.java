package io.cityseg.report;

import static io.cityseg.report.Element.element;

import io.cityseg.labels.CityscapesLabels;
import io.cityseg.proto.ConfusionMatrix;
import io.cityseg.proto.EvaluationManifest;
import io.cityseg.proto.Input;
import io.cityseg.proto.SplitManifest;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** What the numbers were made from, and what exactly they measure. */
record ProvenanceSection(ReportInputs inputs) {
  Section section() {
    List<Node> content = new ArrayList<>();
    for (Measure measure : inputs.measures()) {
      content.add(element("h3").text("The measure: " + measure.text()));
      content.add(
          element("ul")
              .add(
                  measure.definition().stream()
                      .map(sentence -> element("li").text(sentence))
                      .toList()));
    }
    content.addAll(
        List.of(
            element("h3").text("Inputs"),
            references(),
            Section.note(
                "A digest is the SHA-256 of the artifact's bytes. This page is a function of these"
                    + " inputs and its title alone: the same inputs give the same page, byte for byte."
                    + " \u201Ccityseg lineage\u201D with one of the digests shows what that artifact was"
                    + " made from, \u201Ccityseg reproduce\u201D makes it again and compares."),
            element("h3").text("Evaluations"),
            evaluations(),
            element("h3").text("Splits"),
            splits(),
            Section.folded("Pixels of each class, train and val", histogram())));
    return new Section("provenance", "What it was made from", content);
  }

  private Element references() {
    Table table =
        new Table("Every input of this report, in order")
            .column("Role")
            .column("Kind")
            .numbers("Bytes")
            .column("SHA-256", "hex");
    for (Input input : inputs.references()) {
      table.row(
          Node.text(input.getRole()),
          List.of(
              Node.text(input.getArtifact().getKind()),
              Node.text(Numbers.count(input.getArtifact().getSize())),
              element("code").text(input.getArtifact().getSha256())));
    }
    return table.framed();
  }

  private Element evaluations() {
    Table table =
        new Table("What was evaluated on what")
            .column("Evaluation of")
            .column("Measure")
            .numbers("Pixels")
            .column("Checkpoint, SHA-256", "hex")
            .column("Split, SHA-256", "hex");
    for (Evaluated evaluated : inputs.comparison().all()) {
      EvaluationManifest manifest = evaluated.manifest();
      String split = manifest.getSplit().getSha256();
      for (Measure measure : inputs.measures()) {
        boolean paper = measure == Measure.PAPER;
        table.row(
            Node.text(evaluated.subject()),
            List.of(
                Node.text(measure.text()),
                Node.text(
                    Numbers.count(
                        pixels(
                            paper
                                ? manifest.getConfusion()
                                : manifest.getCityscapes().getConfusion()))),
                element("code").text(manifest.getCheckpoint().getSha256()),
                element("code")
                    .text(paper ? split : manifest.getCityscapes().getSources().getSha256())));
      }
    }
    return table.framed();
  }

  private static long pixels(ConfusionMatrix confusion) {
    return confusion.getCountsList().stream().mapToLong(Long::longValue).sum();
  }

  private Element splits() {
    Table table =
        new Table("The splits, height x width in pixels")
            .column("Split")
            .numbers("Items")
            .numbers("Shards")
            .numbers("Size");
    for (SplitManifest split : List.of(inputs.train(), inputs.val())) {
      table.row(
          Node.text(split.getSplit()),
          List.of(
              Node.text(Numbers.count(split.getItems())),
              Node.text(Numbers.count(split.getShardsCount())),
              Node.text(split.getHeight() + "x" + split.getWidth())));
    }
    return table.framed();
  }

  private Element histogram() {
    Table table =
        new Table("Pixels of each class over the split")
            .column("Class")
            .numbers("Train, pixels")
            .column("Train, share", "meter")
            .numbers("Val, pixels")
            .column("Val, share", "meter");
    PixelHistogram train = PixelHistogram.of(inputs.train());
    PixelHistogram val = PixelHistogram.of(inputs.val());
    for (int c = 0; c < CityscapesLabels.CLASSES; c++) {
      table.row(
          ClassPalette.named(c, CityscapesLabels.className(c)),
          List.of(
              Node.text(Numbers.count(train.count(c))),
              share(train.share(c)),
              Node.text(Numbers.count(val.count(c))),
              share(val.share(c))));
    }
    return table.framed();
  }

  private static Node share(OptionalDouble share) {
    return Cells.bar(share, "baseline");
  }
}
