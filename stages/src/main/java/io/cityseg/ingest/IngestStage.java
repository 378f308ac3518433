package io.cityseg.ingest;

import io.cityseg.proto.ActionKey;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.DatasetManifest;
import io.cityseg.proto.ImageItem;
import io.cityseg.proto.IngestWork;
import io.cityseg.proto.IngestedItem;
import io.cityseg.proto.Input;
import io.cityseg.proto.LabelItem;
import io.cityseg.proto.LabelSource;
import io.cityseg.proto.Parameter;
import io.cityseg.proto.Piece;
import io.cityseg.proto.SourceFile;
import io.cityseg.proto.SourceListing;
import io.cityseg.proto.StageCall;
import io.cityseg.scan.SourceKind;
import io.cityseg.stage.Pieces;
import io.cityseg.stage.Stage;
import io.cityseg.stage.StageContext;
import io.cityseg.stage.StageException;
import io.cityseg.stage.StageKeys;
import io.cityseg.store.ActionKeys;
import io.cityseg.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stage ingest: from a {@link SourceListing} (role "sources") and the folders that hold its files
 * (the call's locations) to a {@link DatasetManifest}. One piece an item.
 *
 * <p>All problems are told at once: those of names and folders by {@link #split}, those of contents
 * by {@link #gather}. A bad item does not stop {@link #run}; its result, an {@link IngestedItem}
 * with problems, follows from its content, so it is as good in the cache as any other.
 */
public final class IngestStage implements Stage {
  private static final Logger LOG = LoggerFactory.getLogger(IngestStage.class);

  static final String NAME = "ingest";

  private static final String ROLE = "sources";
  private static final String ITEM = "ingest.item";

  /** So many items' manifests are read together, and held. */
  private static final int TOGETHER = 256;

  /** Raised by itself: what an item without instances gives is what it always was. */
  private static final int ITEM_VERSION = 1;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int codeVersion() {
    return 2;
  }

  @Override
  public List<Parameter> environment() {
    return List.of();
  }

  @Override
  public List<Piece> split(StageCall call, StageContext context)
      throws StageException, StoreException {
    Pairing.Pairs pairs = pairs(call, context);
    if (pairs.pairs().isEmpty()) {
      pairs.problems().throwIfAny();
    }
    sayWhichLabels(call, pairs);
    return Pieces.of(pairs.pairs(), (pair, index) -> piece(pair, index, pairs.source(), call));
  }

  private Piece piece(Pairing.Pair pair, int index, LabelSource source, StageCall call) {
    IngestWork.Builder work =
        IngestWork.newBuilder()
            .setId(pair.item().id())
            .setSplit(pair.item().split())
            .setCity(pair.item().city())
            .setImage(pair.image())
            .setLabel(pair.label())
            .setSource(source)
            .addAllLocations(call.getLocationsList());
    pair.instances().ifPresent(work::setInstances);
    return Piece.newBuilder()
        .setName(work.getId())
        .setIndex(index)
        .setKey(key(work.build()))
        .setIngest(work)
        .build();
  }

  private static Pairing.Pairs pairs(StageCall call, StageContext context) throws StoreException {
    Pairing pairing = new Pairing();
    context
        .store()
        .readEach(
            StageKeys.input(call, ROLE),
            SourceListing.getDefaultInstance(),
            listing -> listing.getFilesList().forEach(pairing::add));
    return pairing.pairs(call.getConfig().getIngest().getLabels());
  }

  /**
   * A single lost polygons file changes where all labels come from: nobody should have to guess.
   */
  private static void sayWhichLabels(StageCall call, Pairing.Pairs pairs) {
    long without = pairs.withoutPolygons();
    boolean some = without > 0 && without < pairs.pairs().size();
    if (some
        && pairs.source() == LabelSource.LABEL_IDS
        && call.getConfig().getIngest().getLabels().equals("auto")) {
      LOG.warn(
          "Labels come from the labelIds images: {} of {} items have no polygons (ingest.labels)",
          without,
          pairs.pairs().size());
    }
  }

  private ActionKey key(IngestWork work) {
    List<Input> inputs = new ArrayList<>();
    inputs.add(StageKeys.input("image", artifact(work.getImage(), SourceKind.IMAGE)));
    inputs.add(StageKeys.input("label", artifact(work.getLabel(), labelKind(work.getSource()))));
    if (work.hasInstances()) {
      inputs.add(
          StageKeys.input("instances", artifact(work.getInstances(), SourceKind.INSTANCE_IDS)));
    }
    return ActionKeys.of(
        ITEM,
        ITEM_VERSION,
        List.of(
            ActionKeys.parameter("ingest.city", work.getCity()),
            ActionKeys.parameter("ingest.id", work.getId()),
            ActionKeys.parameter("ingest.source", work.getSource().name()),
            ActionKeys.parameter("ingest.split", work.getSplit())),
        inputs,
        environment());
  }

  private static SourceKind labelKind(LabelSource source) {
    return source == LabelSource.POLYGONS ? SourceKind.POLYGONS : SourceKind.LABEL_IDS;
  }

  private static ArtifactRef artifact(SourceFile file, SourceKind kind) {
    return ArtifactRef.newBuilder()
        .setKind(kind.format())
        .setSha256(file.getSha256())
        .setSize(file.getSize())
        .build();
  }

  @Override
  public ArtifactRef run(Piece piece, StageContext context) throws StageException, StoreException {
    IngestWork work = piece.getIngest();
    SourceReader reader = new SourceReader(work.getLocationsList());
    byte[] image = reader.read(work.getImage());
    byte[] label = reader.read(work.getLabel());
    Optional<byte[]> instances =
        work.hasInstances() ? Optional.of(reader.read(work.getInstances())) : Optional.empty();
    ItemCheck check = ItemCheck.of(work, image, label, instances);
    if (!check.problems().isEmpty()) {
      return context
          .store()
          .putManifest(IngestedItem.newBuilder().addAllProblems(check.problems()).build());
    }
    ImageItem imageItem =
        ImageItem.newBuilder()
            .setId(work.getId())
            .setSplit(work.getSplit())
            .setCity(work.getCity())
            .setImage(context.store().put(SourceKind.IMAGE.format(), image))
            .setHeight(check.height())
            .setWidth(check.width())
            .build();
    LabelItem labelItem =
        LabelItem.newBuilder()
            .setId(work.getId())
            .setSplit(work.getSplit())
            .setSource(work.getSource())
            .setLabel(context.store().put(labelKind(work.getSource()).format(), label))
            .setHeight(check.height())
            .setWidth(check.width())
            .build();
    IngestedItem.Builder item = IngestedItem.newBuilder().setImage(imageItem).setLabel(labelItem);
    if (instances.isPresent()) {
      item.setInstances(context.store().put(SourceKind.INSTANCE_IDS.format(), instances.get()));
    }
    return context.store().putManifest(item.build());
  }

  @Override
  public ArtifactRef gather(StageCall call, List<ArtifactRef> results, StageContext context)
      throws StageException, StoreException {
    Problems problems = pairs(call, context).problems();
    try (DatasetWriter dataset = new DatasetWriter(context.store())) {
      for (int from = 0; from < results.size(); from += TOGETHER) {
        List<ArtifactRef> some = results.subList(from, Math.min(from + TOGETHER, results.size()));
        for (IngestedItem item : context.store().readManifests(some, IngestedItem.parser())) {
          problems.addAll(item.getProblemsList());
          dataset.add(item);
        }
      }
      problems.throwIfAny();
      return dataset.put();
    }
  }
}
