package io.cityseg.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.configuration.BatchExecutionOptions;
import org.apache.flink.configuration.GlobalConfiguration;

/**
 * Flink's settings that decide on the client what a job is. Those of a cluster have no say in them.
 */
final class FlinkClientSettings {
  private FlinkClientSettings() {}

  /**
   * A folder with a configuration file: the settings of {@code FLINK_CONF_DIR}, if there are any,
   * and that a job has the parallelism that it was given. Left to itself, Flink chooses one by the
   * bytes between the tasks, which are a few kilobytes of references however long the work takes:
   * every stage would run in one slot. The folder goes with the process.
   */
  static Path folder() throws FlinkMasterException {
    Map<String, String> settings = new TreeMap<>(GlobalConfiguration.loadConfiguration().toMap());
    settings.put(BatchExecutionOptions.ADAPTIVE_AUTO_PARALLELISM_ENABLED.key(), "false");
    try {
      Path folder = Files.createTempDirectory("cityseg-flink");
      folder.toFile().deleteOnExit();
      Path file = folder.resolve(GlobalConfiguration.FLINK_CONF_FILENAME);
      file.toFile().deleteOnExit();
      // JSON is YAML
      new ObjectMapper().writeValue(file.toFile(), settings);
      return folder;
    } catch (IOException e) {
      throw new FlinkMasterException(
          "Cannot write a temporary file with Flink's settings: " + e.getMessage(), e);
    }
  }
}
