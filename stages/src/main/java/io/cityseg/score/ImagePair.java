package io.cityseg.score;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The files of one image.
 *
 * @param groundTruth labelIds: 8-bit regular ids
 * @param instances instanceIds: 16-bit, id for stuff and id * 1000 + k for an instance; none where
 *     instances are not evaluated
 * @param prediction 8-bit regular ids
 */
record ImagePair(Path groundTruth, Optional<Path> instances, Path prediction) {
  ImagePair {
    requireNonNull(groundTruth, "groundTruth");
    requireNonNull(instances, "instances");
    requireNonNull(prediction, "prediction");
  }
}
