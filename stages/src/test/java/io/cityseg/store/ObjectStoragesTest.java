package io.cityseg.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectStoragesTest {
  @TempDir Path folder;

  @Test
  void open_whenGivenAPathOrAFileUri_opensTheDirectory() throws Exception {
    Path root = folder.resolve("a store");

    for (String uri : new String[] {root.toString(), "file:" + root, root.toUri().toString()}) {
      ObjectStorage objects = ObjectStorages.open(uri);
      assertThat(objects).isInstanceOf(LocalObjects.class);
      assertThat(objects.location()).isEqualTo(root.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://x", "s3:bucket", "gs://x"})
  void open_whenTheSchemeIsAnother_fails(String uri) {
    assertThatThrownBy(() -> ObjectStorages.open(uri))
        .isInstanceOf(StoreException.class)
        .hasMessage(
            "Unknown store '%s': a store is a directory, or s3://bucket/prefix".formatted(uri));
  }

  @Test
  void open_whenTheAddressHoldsAPassword_doesNotRepeatIt() {
    for (String uri :
        new String[] {
          "http://user:canary@host/x",
          "s3://user:canary@bucket/x",
          "s3://bucket/x?secret_key=canary",
          "s3://bucket?endpoint=http://user:canary@host",
          "s3://bucket?canary",
        }) {
      assertThatThrownBy(() -> ObjectStorages.open(uri))
          .isInstanceOf(StoreException.class)
          .message()
          .doesNotContain("canary");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"file://host/path", "file:///a b", "file://", "a\0b"})
  void open_whenTheAddressIsMalformed_fails(String uri) {
    assertThatThrownBy(() -> ObjectStorages.open(uri))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("Invalid store '" + uri + "': ");
  }

  @Test
  void open_whenTheAddressIsEmpty_fails() {
    for (String uri : new String[] {"", " ", "file:"}) {
      assertThatThrownBy(() -> ObjectStorages.open(uri))
          .isInstanceOf(StoreException.class)
          .hasMessage("The store's address is empty: give a directory or s3://bucket");
    }
  }
}
