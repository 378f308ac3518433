package io.cityseg.store;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
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
 * transient_reference}. Remembers what it has seen; one instance is for one thread.
 */
final class References {
  private static final Map<String, Parser<? extends Message>> MANIFESTS =
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
          .collect(
              Collectors.toMap(m -> m.getDescriptorForType().getName(), Message::getParserForType));

  /** Ours are at most six deep; a chain without end was made to harm. */
  private static final int MAX_DEPTH = 64;

  private final ArtifactStore store;
  private final Set<String> seen = new HashSet<>();

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
    if (!seen.add(ref.getSha256())) {
      return Optional.empty();
    }
    Optional<String> own = store.problem(ref);
    Parser<? extends Message> parser = MANIFESTS.get(ref.getKind());
    if (own.isPresent() || parser == null) {
      return own;
    }
    Message manifest;
    try {
      manifest = store.parsed(ref, parser);
    } catch (UnreadableBlobException e) {
      return Optional.of(e.getMessage());
    } catch (InvalidProtocolBufferException e) {
      return Optional.of("blob %s is no %s".formatted(ref.getSha256(), ref.getKind()));
    }
    List<ArtifactRef> children = direct(manifest);
    store.lookAhead(children);
    for (ArtifactRef child : children) {
      Optional<String> problem = problem(child, depth + 1);
      if (problem.isPresent()) {
        return problem;
      }
    }
    return Optional.empty();
  }

  private static List<ArtifactRef> direct(Message message) {
    List<ArtifactRef> refs = new ArrayList<>();
    collect(message, refs);
    return refs;
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
