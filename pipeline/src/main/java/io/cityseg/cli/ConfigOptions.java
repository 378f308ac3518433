package io.cityseg.cli;

import io.cityseg.config.ConfigException;
import io.cityseg.config.ConfigLoader;
import io.cityseg.proto.PipelineConfig;
import io.cityseg.store.S3Address;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What is run: the configuration and the data. */
final class ConfigOptions {
  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "Configuration file (YAML); `cityseg init` writes one.")
  private Path file;

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      defaultValue = "quickstart",
      description = "What the file and --set start from: quickstart (default), paper or recipe.")
  private String preset;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Sets one parameter, over preset and file: --set train.epochs=3. Repeatable.")
  private List<String> settings = new ArrayList<>();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Data set in the Cityscapes layout (leftImg8bit/, gtFine/): a folder, or s3://bucket/prefix?endpoint=…. Repeatable. Without it, street scenes are drawn.")
  private List<String> data = new ArrayList<>();

  /** The configuration with every field set; --data replaces data.paths. */
  PipelineConfig resolve() throws ConfigException, UsageException {
    if (data.contains("")) {
      throw new UsageException("--data is empty (must name a folder)");
    }
    PipelineConfig config = ConfigLoader.resolve(preset, Optional.ofNullable(file), settings);
    if (data.isEmpty()) {
      return config;
    }
    PipelineConfig.Builder builder = config.toBuilder();
    builder.getDataBuilder().clearPaths();
    for (String path : data) {
      builder
          .getDataBuilder()
          .addPaths(S3Address.isOne(path) ? path : Path.of(path).toAbsolutePath().toString());
    }
    return builder.build();
  }
}
