package io.cityseg.evaluate;

import static java.util.stream.Collectors.toMap;

import io.cityseg.image.PixelSize;
import io.cityseg.proto.ActionKey;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.EvaluateConfig;
import io.cityseg.proto.EvaluateWork;
import io.cityseg.proto.Input;
import io.cityseg.proto.LabelSource;
import io.cityseg.proto.Parameter;
import io.cityseg.proto.Piece;
import io.cityseg.proto.ShardManifest;
import io.cityseg.proto.SourceItem;
import io.cityseg.proto.SourcesManifest;
import io.cityseg.proto.SplitManifest;
import io.cityseg.stage.StageException;
import io.cityseg.stage.StageKeys;
import io.cityseg.store.ActionKeys;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How an evaluation is cut: a piece a shard and forward pass. A piece of both measures is one of
 * {@code cityscapes} that counts for {@code paper}, too; where they need passes of their own, there
 * are two pieces, and that of {@code paper} has the key that it has alone.
 *
 * <p>The keys name the files that a piece reads and not the split, so a changed one costs its piece
 * alone.
 */
final class EvaluationPieces {
  private static final String STAGE = "evaluate.shard";
  private static final List<String> PAPER = List.of(PaperMeasure.NAME);
  private static final List<String> CITYSCAPES = List.of(CityscapesMeasure.NAME);

  private final EvaluateStage stage;
  private final ArtifactRef checkpoint;
  private final EvaluateConfig config;
  private final SplitManifest split;
  private final Map<String, SourceItem> sources;
  private final FullSizeOptions options;
  private final Set<String> pictures;

  /**
   * An evaluation to cut.
   *
   * @param sources of the same items; without items when the measure is paper alone
   * @throws StageException when an item of the split is not among the sources
   */
  EvaluationPieces(
      EvaluateStage stage,
      ArtifactRef checkpoint,
      EvaluateConfig config,
      SplitManifest split,
      SourcesManifest sources)
      throws StageException {
    this.stage = stage;
    this.checkpoint = checkpoint;
    this.config = config;
    this.split = split;
    this.sources = sources.getItemsList().stream().collect(toMap(SourceItem::getId, item -> item));
    this.options = FullSizeOptions.of(config, new PixelSize(split.getHeight(), split.getWidth()));
    this.pictures = pictures(split, config.getPictures());
    if (Measures.cityscapes(config)) {
      requireSources();
    }
  }

  /** The pieces, named after what is evaluated. */
  List<Piece> of(String subject) {
    List<Piece> pieces = new ArrayList<>();
    for (ShardManifest shard : split.getShardsList()) {
      for (List<String> measures : passes()) {
        EvaluateWork work = work(shard, measures);
        pieces.add(
            Piece.newBuilder()
                .setName(subject + " " + pieces.size())
                .setIndex(pieces.size())
                .setKey(key(work))
                .setEvaluate(work)
                .build());
      }
    }
    return pieces;
  }

  private List<List<String>> passes() {
    if (!Measures.cityscapes(config)) {
      return List.of(PAPER);
    }
    if (!Measures.paper(config)) {
      return List.of(CITYSCAPES);
    }
    return options.isPlain()
        ? List.of(List.of(PaperMeasure.NAME, CityscapesMeasure.NAME))
        : List.of(PAPER, CITYSCAPES);
  }

  private EvaluateWork work(ShardManifest shard, List<String> measures) {
    // Pictures are of the measure paper where it is asked for: they show what was trained.
    boolean keepsPictures = measures.contains(PaperMeasure.NAME) || !Measures.paper(config);
    EvaluateWork.Builder work =
        EvaluateWork.newBuilder()
            .setCheckpoint(checkpoint)
            .setShard(shard)
            .setConfig(config)
            .setHeight(split.getHeight())
            .setWidth(split.getWidth())
            .addAllMeasures(measures);
    for (String id : shard.getItemIdsList()) {
      if (keepsPictures && pictures.contains(id)) {
        work.addPictures(id);
      }
      if (measures.contains(CityscapesMeasure.NAME)) {
        work.addSources(sources.get(id));
      }
    }
    return work.build();
  }

  private ActionKey key(EvaluateWork work) {
    boolean paper = work.getMeasuresList().contains(PaperMeasure.NAME);
    boolean cityscapes = work.getMeasuresList().contains(CityscapesMeasure.NAME);
    boolean readsShard = paper || options.isPlain();
    List<Parameter> parameters = new ArrayList<>();
    List<Input> inputs = new ArrayList<>();
    parameters.add(
        ActionKeys.parameter("evaluate.pictures", String.join(",", work.getPicturesList())));
    inputs.add(StageKeys.input(EvaluateStage.CHECKPOINT, work.getCheckpoint()));
    if (readsShard) {
      parameters.add(
          ActionKeys.parameter("evaluate.batch_size", Integer.toString(config.getBatchSize())));
      inputs.add(StageKeys.input("shard", work.getShard().getFile()));
    }
    if (!cityscapes) {
      return ActionKeys.of(STAGE, stage.codeVersion(), parameters, inputs, EvaluateStage.engine());
    }
    parameters.add(
        ActionKeys.parameter("evaluate.measure", String.join(",", work.getMeasuresList())));
    parameters.addAll(options.parameters());
    if (config.getBoundary()) {
      parameters.add(ActionKeys.parameter("evaluate.boundary", "true"));
    }
    if (!readsShard && work.getPicturesCount() > 0) {
      parameters.add(
          ActionKeys.parameter("picture.size", split.getHeight() + "x" + split.getWidth()));
    }
    for (SourceItem item : work.getSourcesList()) {
      inputs.addAll(inputs(item, !readsShard));
    }
    return ActionKeys.of(STAGE, stage.codeVersion(), parameters, inputs, stage.environment());
  }

  private static List<Input> inputs(SourceItem item, boolean withImage) {
    List<Input> inputs = new ArrayList<>();
    if (withImage) {
      inputs.add(StageKeys.input("image:" + item.getId(), item.getImage()));
    }
    String kind = item.getLabelSource() == LabelSource.POLYGONS ? "polygons:" : "labelIds:";
    inputs.add(StageKeys.input(kind + item.getId(), item.getLabel()));
    if (item.hasInstances()) {
      inputs.add(StageKeys.input("instances:" + item.getId(), item.getInstances()));
    }
    return inputs;
  }

  private void requireSources() throws StageException {
    List<String> missing =
        split.getShardsList().stream()
            .flatMap(shard -> shard.getItemIdsList().stream())
            .filter(id -> !sources.containsKey(id))
            .toList();
    if (!missing.isEmpty()) {
      throw new StageException(
          "Cannot evaluate at full resolution: the split '%s' has items whose files are not among the sources: %s"
              .formatted(split.getSplit(), String.join(", ", missing)));
    }
  }

  /** Items evenly spaced over the split, the first among them. */
  private static Set<String> pictures(SplitManifest split, int wanted) {
    List<String> ids =
        split.getShardsList().stream().flatMap(s -> s.getItemIdsList().stream()).toList();
    int count = Math.min(wanted, ids.size());
    Set<String> pictures = new LinkedHashSet<>();
    for (int i = 0; i < count; i++) {
      pictures.add(ids.get((int) ((long) i * ids.size() / count)));
    }
    return pictures;
  }
}
