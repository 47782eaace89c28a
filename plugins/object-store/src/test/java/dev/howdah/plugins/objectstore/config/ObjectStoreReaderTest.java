package dev.howdah.plugins.objectstore.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.store.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.dataformat.yaml.YAMLMapper;

class ObjectStoreReaderTest {

  @TempDir Path secrets;

  @Test
  void aResourceOfBarmansPluginIsUnderstood() {
    ObjectStoreReader.Result result =
        read(
            """
            spec:
              retentionPolicy: 30d
              configuration:
                destinationPath: s3://backups/prod
                endpointURL: https://minio:9000
                endpointCA: {name: minio-ca, key: ca.crt}
                tags: {team: storage}
                historyTags: {team: history}
                s3Credentials:
                  accessKeyId: {name: minio, key: id}
                  secretAccessKey: {name: minio, key: secret}
                  region: {name: minio, key: region}
                wal: {compression: zstd, maxParallel: 8, encryption: AES256}
                data: {compression: lz4, jobs: 4, immediateCheckpoint: true}
            """);

    assertThat(result.problems()).isEmpty();
    assertThat(result.notices()).isEmpty();
    ObjectStoreSpec spec = result.spec();
    assertThat(spec.wal().codec()).isEqualTo(Codec.ZSTD);
    assertThat(spec.wal().maxParallel()).isEqualTo(8);
    assertThat(spec.data().codec()).isEqualTo(Codec.LZ4);
    assertThat(spec.data().immediateCheckpoint()).isTrue();
    assertThat(spec.regionSecret()).contains(new SecretReference("minio", "region"));
    assertThat(spec.retentionPolicy()).contains("30d");
    assertThat(spec.credentials()).isInstanceOf(Credentials.S3Keys.class);
  }

  @Test
  void aRegionMayBeWrittenDownAsSuch() {
    assertThat(
            read("""
            spec: {configuration: {destinationPath: 's3://b',
              s3Credentials: {inheritFromIAMRole: true, region: eu-central-1}}}
            """)
                .spec()
                .region())
        .contains("eu-central-1");
  }

  @Test
  void whatIsWrongIsNamedByItsField() {
    ObjectStoreReader.Result result =
        read(
            """
            spec:
              retentionPolicy: 30 days
              configuration:
                serverName: main
                destinationPath: backups
                s3Credentials:
                  accessKeyId: {name: minio}
                wal: {compression: rar, maxParallel: 0}
                data: {jobs: many, encryption: rot13}
            """);

    assertThat(result.problems())
        .anyMatch(problem -> problem.startsWith("spec.retentionPolicy '30 days'"))
        .anyMatch(problem -> problem.startsWith("spec.configuration.serverName"))
        .anyMatch(problem -> problem.startsWith("spec.configuration.destinationPath 'backups'"))
        .anyMatch(problem -> problem.startsWith("spec.configuration.s3Credentials.accessKeyId"))
        .anyMatch(problem -> problem.startsWith("spec.configuration.wal.compression 'rar'"))
        .anyMatch(problem -> problem.startsWith("spec.configuration.wal.maxParallel"))
        .anyMatch(problem -> problem.startsWith("spec.configuration.data.jobs"))
        .anyMatch(problem -> problem.startsWith("spec.configuration.data.encryption 'rot13'"));
  }

  @Test
  void credentialsMustBeOfExactlyOneKind() {
    assertThat(read("spec: {configuration: {destinationPath: 's3://b'}}").problems())
        .singleElement()
        .asString()
        .contains("exactly one of s3Credentials");
    assertThat(
            read("""
            spec: {configuration: {destinationPath: 's3://b', s3Credentials: {
              inheritFromIAMRole: true, accessKeyId: {name: a, key: b}}}}
            """)
                .problems())
        .singleElement()
        .asString()
        .contains("either inheritFromIAMRole or accessKeyId");
  }

  @Test
  void fieldsForChildProcessesAreAcceptedAndReported() {
    ObjectStoreReader.Result result =
        read(
            """
            spec: {configuration: {destinationPath: 'file:///b',
              wal: {archiveAdditionalCommandArgs: [--read-timeout=60]}}}
            """);

    assertThat(result.problems()).isEmpty();
    assertThat(result.notices())
        .singleElement()
        .asString()
        .startsWith("spec.configuration.wal.archiveAdditionalCommandArgs has no effect");
  }

  @Test
  void aSecretIsReadAnewAndWithoutItsLastLineBreak() throws Exception {
    Files.createDirectories(secrets.resolve("minio"));
    Files.writeString(secrets.resolve("minio/id"), "key\n");
    Secrets mounted = new Secrets(secrets);
    SecretReference reference = new SecretReference("minio", "id");
    assertThat(mounted.read(reference, "field")).isEqualTo("key");

    Files.writeString(secrets.resolve("minio/id"), "changed");

    assertThat(mounted.read(reference, "field")).isEqualTo("changed");
    assertThatThrownBy(() -> mounted.read(new SecretReference("minio", "no"), "spec.x"))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("spec.x: there is no Secret's key minio/no");
    assertThatThrownBy(() -> mounted.read(new SecretReference("..", "passwd"), "spec.x"))
        .isInstanceOf(PluginException.class);
  }

  @Test
  void aChangedSecretChangesTheFingerprint() throws Exception {
    Files.createDirectories(secrets.resolve("minio"));
    Files.writeString(secrets.resolve("minio/id"), "id");
    Files.writeString(secrets.resolve("minio/secret"), "one");
    ObjectStoreSpec spec =
        read("""
        spec: {configuration: {destinationPath: 's3://b', s3Credentials: {
          accessKeyId: {name: minio, key: id},
          secretAccessKey: {name: minio, key: secret}}}}
        """)
            .spec();
    StoreOpener opener = new StoreOpener(new Secrets(secrets));
    String before = opener.fingerprint(spec);
    assertThat(opener.fingerprint(spec)).isEqualTo(before);

    Files.writeString(secrets.resolve("minio/secret"), "two");

    assertThat(opener.fingerprint(spec)).isNotEqualTo(before);
  }

  @Test
  void aKindOfStoreThatIsNotThereYetIsSaidToBe() {
    assertThat(
            read("""
            spec: {configuration: {destinationPath: 'gs://b',
              googleCredentials: {gkeEnvironment: true}}}
            """)
                .problems())
        .singleElement()
        .asString()
        .contains("not supported yet");
    assertThatThrownBy(
            () ->
                new StoreOpener(new Secrets(secrets))
                    .open(ObjectStoreSpec.of("gs://b"), ObjectStoreSpec.Encryption.NONE))
        .isInstanceOf(StoreException.class);
  }

  private static ObjectStoreReader.Result read(String yaml) {
    return ObjectStoreReader.read(YAMLMapper.builder().build().readTree(yaml));
  }

  @Test
  void optionalThingsMayBeMissing() {
    ObjectStoreSpec spec = read("spec: {configuration: {destinationPath: 'file:///b'}}").spec();

    assertThat(spec.endpointUrl()).isEqualTo(Optional.empty());
    assertThat(spec.data().jobs()).isEqualTo(2);
    assertThat(spec.wal().codec()).isEqualTo(Codec.NONE);
  }
}
