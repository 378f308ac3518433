package io.cityseg.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.store.S3Address.Addressing;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class S3AddressTest {
  @Test
  void parse_whenAllIsSaid_readsItAndWritesItAgain() throws Exception {
    String uri =
        "s3://bucket/a/b?endpoint=https://host:9000&region=eu-west-1&addressing=path&ca=/ca%20file.pem&credentials=/c&cache=/d&cache-size=1024";

    S3Address address = S3Address.parse(uri);

    assertThat(address)
        .isEqualTo(
            new S3Address(
                "bucket",
                "a/b",
                Optional.of("https://host:9000"),
                Optional.of("eu-west-1"),
                Optional.of(Addressing.PATH),
                Optional.of(Path.of("/ca file.pem")),
                Optional.of(Path.of("/c")),
                Optional.of(Path.of("/d")),
                Optional.of(1024L)));
    assertThat(address.uri()).isEqualTo(uri);
  }

  @Test
  void withDefaults_whenTheEnvironmentSaysMore_takesItWhereTheAddressIsSilent() throws Exception {
    Map<String, String> environment =
        Map.of(
            "AWS_ENDPOINT_URL", "http://general",
            "AWS_ENDPOINT_URL_S3", "http://s3",
            "AWS_DEFAULT_REGION", "eu-central-1",
            "AWS_REGION", " ");

    assertThat(S3Address.parse("s3://bucket").withDefaults(environment::get).uri())
        .isEqualTo("s3://bucket?endpoint=http://s3&region=eu-central-1");
    assertThat(
            S3Address.parse("s3://bucket/p/?endpoint=http://own").withDefaults(name -> null).uri())
        .isEqualTo("s3://bucket/p?endpoint=http://own&region=us-east-1");
  }

  @ParameterizedTest
  @CsvSource({
    "s3://bucket,true",
    "s3://bucket?endpoint=http://minio:9000,false",
    "s3://bucket?endpoint=http://minio:9000&addressing=virtual,true",
    "s3://bucket?addressing=path,false",
  })
  void isVirtual_whenNotSaid_isAmazonsWay(String uri, boolean virtual) throws Exception {
    assertThat(S3Address.parse(uri).isVirtual()).isEqualTo(virtual);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3://",
        "s3://B",
        "s3://ab",
        "s3://a..b",
        "s3://bucket/../x",
        "s3://bucket//x",
        "s3://bucket/a b",
        "s3://bucket?endpoint=host:9000",
        "s3://bucket?endpoint=https://host/path",
        "s3://bucket?region=eu%20west",
        "s3://bucket?addressing=auto",
        "s3://bucket?cache-size=0",
        "s3://bucket?cache-size=much",
        "s3://bucket?region=a&region=b",
        "s3://bucket?region=%zz",
        "s3://bucket?what=x",
      })
  void parse_whenMalformed_fails(String uri) {
    assertThatThrownBy(() -> S3Address.parse(uri))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("Invalid store");
  }

  @Test
  void parse_whenTheEndpointIsMalformed_showsItUnlessItCouldHoldASecret() {
    assertThatThrownBy(() -> S3Address.parse("s3://bucket?endpoint=host:9000"))
        .hasMessage(
            "Invalid store 's3://bucket': Invalid endpoint: 'host:9000' (must be http://host:port or https://host:port, with nothing else)");
    assertThatThrownBy(() -> S3Address.parse("s3://bucket?endpoint=http://me:canary@host"))
        .hasMessageContaining("Invalid endpoint (must be")
        .hasMessageNotContaining("canary");
  }

  @ParameterizedTest
  @CsvSource({"0,0", "17,17", "1kb,1024", "10 GB,10737418240", "500MB,524288000"})
  void byteSize_whenOfTheForm_isRead(String text, long bytes) {
    assertThat(ByteSize.parse(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "1.5GB", "GB", "999999999999999TB"})
  void byteSize_whenOfAnotherForm_fails(String text) {
    assertThatThrownBy(() -> ByteSize.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid size: '%s' (must be a number of bytes like 500MB or 10GB)", text);
  }
}
