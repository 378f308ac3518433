package io.cityseg.shards;

import java.io.IOException;

/** A shard file is damaged. The message names the file, the record and the byte. */
public class DamagedShardException extends IOException {
  public DamagedShardException(String message) {
    super(message);
  }

  public DamagedShardException(String message, Throwable cause) {
    super(message, cause);
  }
}
