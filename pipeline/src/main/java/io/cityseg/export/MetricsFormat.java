package io.cityseg.export;

/** What metrics are written as. */
public enum MetricsFormat {
  /** An event file for TensorBoard. */
  TENSORBOARD,
  /** history.csv and evaluations.csv. */
  CSV,
  /** metrics.json: the message RunMetrics. */
  JSON,
  /** metrics.pb: the message RunMetrics. */
  PROTOBUF
}
