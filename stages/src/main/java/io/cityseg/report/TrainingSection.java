package io.cityseg.report;

import static io.cityseg.report.Element.element;

import io.cityseg.evaluate.PaperMeasure;
import io.cityseg.proto.EpochHistory;
import io.cityseg.proto.TrainedEpoch;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * How training went.
 *
 * @param epochs in ascending order, at least one
 */
record TrainingSection(List<TrainedEpoch> epochs) {
  private static final double PERCENT = 100;

  TrainingSection {
    epochs = List.copyOf(epochs);
    if (epochs.isEmpty()) {
      throw new IllegalArgumentException("Training curves need one epoch at least");
    }
  }

  Section section() {
    Element charts =
        element("div", "charts")
            .add(
                figure(
                    chart(
                        "Cross entropy by epoch, on train and on val",
                        "loss (cross entropy, nats)",
                        curve("train loss", "first", EpochHistory::getTrainLoss),
                        curve("val loss", "second", EpochHistory::getValLoss))),
                figure(
                    chart(
                        "mIoU by epoch, on train and on val (measure: " + PaperMeasure.NAME + ")",
                        "mIoU, %",
                        curve("train mIoU", "first", h -> PERCENT * h.getTrainMeanIou()),
                        curve("val mIoU", "second", h -> PERCENT * h.getValMeanIou()))));
    return new Section(
        "training",
        "Training curves",
        List.of(
            charts,
            Section.note(
                "The train curves are measured while training (dropout on, before each update), the"
                    + " val curves after the epoch. The loss is the mean over the batches."),
            Section.folded("The numbers of every epoch", table())));
  }

  private static Element figure(LineChart chart) {
    return element("figure").add(chart.svg(), element("figcaption").text(chart.title()));
  }

  private LineChart chart(String title, String unit, LineChart.Curve... curves) {
    return new LineChart(
        title, unit, epochs.stream().map(TrainedEpoch::getEpoch).toList(), List.of(curves));
  }

  private LineChart.Curve curve(
      String name, String cssClass, ToDoubleFunction<EpochHistory> measure) {
    return new LineChart.Curve(
        name, cssClass, epochs.stream().map(e -> measure.applyAsDouble(e.getHistory())).toList());
  }

  private Element table() {
    Table table =
        new Table("Every epoch (measure: " + PaperMeasure.NAME + ")")
            .numbers("Epoch")
            .numbers("Steps")
            .numbers("Learning rate")
            .numbers("Train loss")
            .numbers("Val loss")
            .numbers("Train mIoU")
            .numbers("Val mIoU")
            .numbers("Val pixel accuracy");
    for (TrainedEpoch epoch : epochs) {
      EpochHistory history = epoch.getHistory();
      table.row(
          Node.text(Integer.toString(epoch.getEpoch())),
          List.of(
              Node.text(Numbers.count(history.getSteps())),
              Node.text(Numbers.plain(history.getLearningRate())),
              Node.text(Numbers.fixed(history.getTrainLoss(), 4)),
              Node.text(Numbers.fixed(history.getValLoss(), 4)),
              Node.text(Numbers.finePercent(history.getTrainMeanIou())),
              Node.text(Numbers.finePercent(history.getValMeanIou())),
              Node.text(Numbers.finePercent(history.getValPixelAccuracy()))));
    }
    return table.framed();
  }
}
