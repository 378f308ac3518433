package io.cityseg.store;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.proto.DatasetManifest;
import io.cityseg.proto.EpochManifest;
import io.cityseg.proto.EvaluationManifest;
import io.cityseg.proto.ImagesManifest;
import io.cityseg.proto.IngestedItem;
import io.cityseg.proto.LabelsManifest;
import io.cityseg.proto.OptionsProto;
import io.cityseg.proto.ReportManifest;
import io.cityseg.proto.ShardEvaluation;
import io.cityseg.proto.ShardManifest;
import io.cityseg.proto.ShardsManifest;
import io.cityseg.proto.SourceListing;
import io.cityseg.proto.SourcesManifest;
import io.cityseg.proto.SplitManifest;
import io.cityseg.proto.StepManifest;
import io.cityseg.proto.TrainIdsManifest;
import io.cityseg.proto.TrainingManifest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Walks from an artifact to everything that it refers to. A manifest's references are the {@link
 * ArtifactRef} fields of its message, however deep, but for those marked {@code
 * transient_reference}. Manifests are read element by element, and what was seen is remembered
 * within bounds, so the memory of a walk does not grow with the number of a manifest's items. One
 * instance is for one thread.
 */
final class References {
  private static final Map<String, Message> MANIFESTS =
      Stream.of(
              SourceListing.getDefaultInstance(),
              DatasetManifest.getDefaultInstance(),
              ImagesManifest.getDefaultInstance(),
              LabelsManifest.getDefaultInstance(),
              SourcesManifest.getDefaultInstance(),
              IngestedItem.getDefaultInstance(),
              TrainIdsManifest.getDefaultInstance(),
              ShardsManifest.getDefaultInstance(),
              SplitManifest.getDefaultInstance(),
              ShardManifest.getDefaultInstance(),
              CheckpointManifest.getDefaultInstance(),
              EpochManifest.getDefaultInstance(),
              StepManifest.getDefaultInstance(),
              TrainingManifest.getDefaultInstance(),
              ShardEvaluation.getDefaultInstance(),
              EvaluationManifest.getDefaultInstance(),
              ReportManifest.getDefaultInstance())
          .collect(Collectors.toMap(m -> m.getDescriptorForType().getName(), m -> m));

  /** Ours are at most six deep; a chain without end was made to harm. */
  private static final int MAX_DEPTH = 64;

  /** So many children are looked at together; a walk holds no more of each manifest on its way. */
  static final int BATCH = 1_000;

  /** Ten times what a batch of ours has: a reference that was made to harm may be of any length. */
  private static final long BATCH_BYTES = 1L << 20;

  /** About 7 MB; more is forgotten all at once, which costs another look at each. */
  private static final int MAX_LEAVES = 50_000;

  private final ArtifactStore store;

  /** Manifests that were walked: all of them, as each may be referred to by many of many. */
  private final Set<String> manifests = new HashSet<>();

  private final Set<String> leaves = new HashSet<>();

  References(ArtifactStore store) {
    this.store = store;
  }

  /** Whether artifacts of a kind are manifests. */
  static boolean isManifest(String kind) {
    return MANIFESTS.containsKey(kind);
  }

  /**
   * The first thing that is wrong with an artifact or with anything beneath it; nothing when it is
   * complete.
   */
  Optional<String> problem(ArtifactRef ref) throws StoreException {
    return problem(ref, 0);
  }

  private Optional<String> problem(ArtifactRef ref, int depth) throws StoreException {
    if (depth > MAX_DEPTH) {
      return Optional.of(
          "blob %s (%s) is more than %d references deep"
              .formatted(ref.getSha256(), ref.getKind(), MAX_DEPTH));
    }
    if (isSeen(ref)) {
      return Optional.empty();
    }
    Optional<String> own = store.problem(ref);
    Message empty = MANIFESTS.get(ref.getKind());
    remember(ref);
    return own.isPresent() || empty == null ? own : beneath(ref, empty, depth + 1);
  }

  private boolean isSeen(ArtifactRef ref) {
    return (isManifest(ref.getKind()) ? manifests : leaves).contains(ref.getSha256());
  }

  private void remember(ArtifactRef ref) {
    if (isManifest(ref.getKind())) {
      manifests.add(ref.getSha256());
      return;
    }
    if (leaves.size() >= MAX_LEAVES) {
      leaves.clear();
    }
    leaves.add(ref.getSha256());
  }

  /** The first problem of what a manifest refers to. */
  private Optional<String> beneath(ArtifactRef ref, Message empty, int depth)
      throws StoreException {
    try (ManifestFields<Message> fields = store.fields(ref, empty, wholeBytes())) {
      return firstProblem(fields, depth);
    } catch (UnreadableBlobException e) {
      return Optional.of(e.getMessage());
    } catch (Messages.TooLargeException e) {
      throw ArtifactStore.tooLarge(ref, e);
    } catch (InvalidProtocolBufferException e) {
      return Optional.of("blob %s is no %s".formatted(ref.getSha256(), ref.getKind()));
    } catch (IOException e) {
      throw store.unreadable(ref, e);
    }
  }

  /** Those of a chain that are read whole take no more than one message may. */
  private static long wholeBytes() {
    return Math.min(ArtifactStore.SMALL_BYTES, Messages.limit() / MAX_DEPTH);
  }

  private Optional<String> firstProblem(ManifestFields<Message> fields, int depth)
      throws IOException, StoreException {
    Batch batch = new Batch();
    List<ArtifactRef> children = new ArrayList<>();
    for (Optional<Message> field = fields.next(); field.isPresent(); field = fields.next()) {
      children.clear();
      collect(field.get(), children);
      for (ArtifactRef child : children) {
        if (!isSeen(child)) {
          batch.add(child);
        }
        if (batch.isFull()) {
          Optional<String> problem = firstProblem(batch.take(), depth);
          if (problem.isPresent()) {
            return problem;
          }
        }
      }
    }
    return firstProblem(batch.take(), depth);
  }

  private Optional<String> firstProblem(List<ArtifactRef> refs, int depth) throws StoreException {
    if (!refs.isEmpty()) {
      store.lookAhead(refs);
    }
    for (ArtifactRef ref : refs) {
      Optional<String> problem = problem(ref, depth);
      if (problem.isPresent()) {
        return problem;
      }
    }
    return Optional.empty();
  }

  /** References that wait to be looked at together. */
  private static final class Batch {
    private List<ArtifactRef> refs = new ArrayList<>();
    private long bytes;

    void add(ArtifactRef ref) {
      refs.add(ref);
      bytes += ref.getSerializedSize();
    }

    boolean isFull() {
      return refs.size() >= BATCH || bytes >= BATCH_BYTES;
    }

    List<ArtifactRef> take() {
      List<ArtifactRef> taken = refs;
      refs = new ArrayList<>();
      bytes = 0;
      return taken;
    }
  }

  private static void collect(Message message, List<ArtifactRef> refs) {
    for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
      if (field.getKey().getJavaType() != FieldDescriptor.JavaType.MESSAGE
          || field.getKey().getOptions().getExtension(OptionsProto.transientReference)) {
        continue;
      }
      List<?> values =
          field.getKey().isRepeated() ? (List<?>) field.getValue() : List.of(field.getValue());
      for (Object value : values) {
        if (value instanceof ArtifactRef ref) {
          refs.add(ref);
        } else {
          collect((Message) value, refs);
        }
      }
    }
  }
}
