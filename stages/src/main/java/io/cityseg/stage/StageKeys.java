package io.cityseg.stage;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.cityseg.proto.ActionKey;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.Input;
import io.cityseg.proto.Piece;
import io.cityseg.proto.StageCall;
import io.cityseg.store.ActionKeys;
import java.util.List;

/** The key of a stage call, and the one piece of a stage that cannot be cut. */
public final class StageKeys {
  private StageKeys() {}

  /**
   * The key of a call: the stage, its code version, the parameters of its own section, its inputs,
   * its seed and its environment. What the call says of places, subjects and force is not in it.
   */
  public static ActionKey of(Stage stage, StageCall call) {
    FieldDescriptor section = call.getConfig().getDescriptorForType().findFieldByName(stage.name());
    if (section == null) {
      return ActionKeys.of(
          stage.name(), stage.codeVersion(), List.of(), call.getInputsList(), stage.environment());
    }
    return ActionKeys.of(
        stage.name(),
        stage.codeVersion(),
        section.getName(),
        (Message) call.getConfig().getField(section),
        call.getInputsList(),
        stage.environment());
  }

  /**
   * The single piece of a stage that cannot be cut: its key is the call's own, so it has no record
   * beside the call's.
   */
  public static Piece whole(Stage stage, StageCall call) {
    return Piece.newBuilder()
        .setName(call.getSubject().isEmpty() ? call.getStage() : call.getSubject())
        .setKey(of(stage, call))
        .setWhole(call)
        .build();
  }

  /** The input of a role. */
  public static ArtifactRef input(StageCall call, String role) {
    for (Input input : call.getInputsList()) {
      if (input.getRole().equals(role)) {
        return input.getArtifact();
      }
    }
    throw new IllegalArgumentException(
        "A call of stage " + call.getStage() + " has no input of the role '" + role + "'");
  }

  /** An input. */
  public static Input input(String role, ArtifactRef artifact) {
    return Input.newBuilder().setRole(role).setArtifact(artifact).build();
  }
}
