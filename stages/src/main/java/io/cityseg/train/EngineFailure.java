package io.cityseg.train;

import io.cityseg.proto.TrainConfig;
import io.cityseg.stage.StageException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is said when the engine gives up: for want of memory, which settings to lower. */
final class EngineFailure {
  /** "CUDA out of memory", and on a CPU "DefaultCPUAllocator: can't allocate memory". */
  private static final Pattern MEMORY =
      Pattern.compile("out of memory|not enough memory|allocate memory|alloc_cpu|buffer memory");

  /** at::Context::alertNotDeterministic. */
  private static final Pattern NO_DETERMINISTIC =
      Pattern.compile("(\\S+) does not have a deterministic implementation");

  private EngineFailure() {}

  static StageException of(Throwable failure, TrainConfig config) {
    String message = String.valueOf(failure.getMessage()).strip();
    if (failure instanceof OutOfMemoryError || isOfMemory(message)) {
      return new StageException(
          "Training ran out of memory on the %s: %s; raise train.accumulate (now %d: the batch goes through the network in so many parts), or lower train.batch_size (now %d), shards.height or shards.width"
              .formatted(
                  config.getDevice(), message, config.getAccumulate(), config.getBatchSize()),
          failure);
    }
    Matcher operation = NO_DETERMINISTIC.matcher(message);
    if (operation.find()) {
      return new StageException(
          "Training cannot be deterministic on the %s: the engine has no deterministic implementation of %s; set train.deterministic to false"
              .formatted(config.getDevice(), operation.group(1)),
          failure);
    }
    return new StageException("Training failed in the engine: " + message, failure);
  }

  private static boolean isOfMemory(String message) {
    return MEMORY.matcher(message.toLowerCase(Locale.ROOT)).find();
  }
}
