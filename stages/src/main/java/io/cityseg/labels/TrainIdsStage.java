package io.cityseg.labels;

import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageCodec;
import io.cityseg.image.ImageException;
import io.cityseg.image.OpenCv;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.LabelItem;
import io.cityseg.proto.LabelSource;
import io.cityseg.proto.LabelsManifest;
import io.cityseg.proto.Parameter;
import io.cityseg.proto.Piece;
import io.cityseg.proto.StageCall;
import io.cityseg.proto.TrainIdItem;
import io.cityseg.proto.TrainIdWork;
import io.cityseg.proto.TrainIdsManifest;
import io.cityseg.stage.Pieces;
import io.cityseg.stage.Stage;
import io.cityseg.stage.StageContext;
import io.cityseg.stage.StageException;
import io.cityseg.stage.StageKeys;
import io.cityseg.store.ActionKeys;
import io.cityseg.store.ManifestWriter;
import io.cityseg.store.PackedList;
import io.cityseg.store.StoreException;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stage {@code trainids}: every item's label source becomes an 8-bit grey PNG of trainIds. A piece
 * is an item; its key holds the label's bytes and kind alone, so that equal labels are drawn once
 * whatever their names and splits.
 */
public final class TrainIdsStage implements Stage {
  /** The input: a LabelsManifest. */
  public static final String LABELS = "labels";

  private static final String NAME = "trainids";
  private static final int CODE_VERSION = 1;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int codeVersion() {
    return CODE_VERSION;
  }

  @Override
  public List<Parameter> environment() {
    return List.of(ActionKeys.parameter("opencv", OpenCv.version()));
  }

  @Override
  public List<Piece> split(StageCall call, StageContext context)
      throws StageException, StoreException {
    return Pieces.of(items(call, context), this::piece);
  }

  private Piece piece(LabelItem label, int index) {
    return Piece.newBuilder()
        .setName(label.getId())
        .setIndex(index)
        .setKey(
            ActionKeys.of(
                NAME + ".item",
                CODE_VERSION,
                List.of(ActionKeys.parameter("label.source", label.getSource().name())),
                List.of(StageKeys.input("label", label.getLabel())),
                environment()))
        .setTrainId(TrainIdWork.newBuilder().setLabel(label))
        .build();
  }

  @Override
  public ArtifactRef run(Piece piece, StageContext context) throws StageException, StoreException {
    LabelItem label = piece.getTrainId().getLabel();
    byte[] content = context.store().read(label.getLabel());
    GreyImage trainIds;
    try {
      trainIds = trainIds(label, content);
    } catch (LabelException | ImageException e) {
      throw new StageException(label.getId() + ": " + e.getMessage(), e);
    }
    if (trainIds.height() != label.getHeight() || trainIds.width() != label.getWidth()) {
      throw new StageException(
          "%s: its labels are %d x %d pixels, its image %d x %d; they do not belong together"
              .formatted(
                  label.getId(),
                  trainIds.width(),
                  trainIds.height(),
                  label.getWidth(),
                  label.getHeight()));
    }
    return context.store().put("png", ImageCodec.encodePng(trainIds));
  }

  @Override
  public ArtifactRef gather(StageCall call, List<ArtifactRef> results, StageContext context)
      throws StageException, StoreException {
    Iterator<ArtifactRef> pngs = results.iterator();
    AtomicInteger labels = new AtomicInteger();
    try (ManifestWriter<TrainIdsManifest> manifest =
        context.store().write(TrainIdsManifest.getDefaultInstance())) {
      context
          .store()
          .readEach(
              StageKeys.input(call, LABELS),
              LabelsManifest.getDefaultInstance(),
              part -> {
                for (LabelItem label : part.getItemsList()) {
                  labels.incrementAndGet();
                  if (pngs.hasNext()) {
                    manifest.add(item(label, pngs.next()));
                  }
                }
              });
      if (labels.get() != results.size()) {
        throw new IllegalArgumentException(
            "Stage trainids has %d items and %d results".formatted(labels.get(), results.size()));
      }
      return manifest.put();
    }
  }

  private static TrainIdsManifest item(LabelItem label, ArtifactRef png) {
    return TrainIdsManifest.newBuilder()
        .addItems(
            TrainIdItem.newBuilder().setId(label.getId()).setSplit(label.getSplit()).setPng(png))
        .build();
  }

  private static List<LabelItem> items(StageCall call, StageContext context)
      throws StageException, StoreException {
    List<LabelItem> items = new PackedList<>(LabelItem.parser());
    context
        .store()
        .readEach(
            StageKeys.input(call, LABELS),
            LabelsManifest.getDefaultInstance(),
            part -> items.addAll(part.getItemsList()));
    List<String> unknown =
        items.stream()
            .filter(i -> i.getSource() != LabelSource.POLYGONS)
            .filter(i -> i.getSource() != LabelSource.LABEL_IDS)
            .map(i -> i.getId() + ": its labels are of no known kind (" + i.getSource() + ")")
            .toList();
    if (!unknown.isEmpty()) {
      throw new StageException(String.join("\n", unknown));
    }
    return items;
  }

  private static GreyImage trainIds(LabelItem label, byte[] content)
      throws LabelException, ImageException {
    if (label.getSource() == LabelSource.POLYGONS) {
      return LabelImages.drawTrainIds(content, label.getId() + "_gtFine_polygons.json");
    }
    String name = label.getId() + "_gtFine_labelIds.png";
    return LabelImages.trainIds(ImageCodec.decodeGrey(content, name), name);
  }
}
