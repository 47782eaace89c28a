package dev.howdah.plugins.objectstore.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.store.LimitedStore;
import dev.howdah.plugins.objectstore.store.Store;
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
  void annotationsSayWhatBarmansResourceHasNoFieldsFor() throws Exception {
    ObjectStoreReader.Result result =
        read(
            """
            metadata:
              annotations:
                howdah.dev/s3-addressing: virtual
                howdah.dev/transfer-limit: 50Mi
            spec: {configuration: {destinationPath: 'file://%s'}}
            """
                .formatted(secrets));

    assertThat(result.problems()).isEmpty();
    assertThat(result.spec().bucketInPath()).contains(false);
    assertThat(result.spec().transferLimit()).contains(50L << 20);
    try (Store store =
        new StoreOpener(new Secrets(secrets))
            .open(result.spec(), ObjectStoreSpec.Encryption.NONE)) {
      assertThat(store).isInstanceOf(LimitedStore.class);
    }
  }

  @Test
  void annotationsThatCannotBeFollowedAreNamed() {
    assertThat(
            read("""
            metadata:
              annotations:
                howdah.dev/s3-addressing: host
                howdah.dev/transfer-limit: slow
            spec: {configuration: {destinationPath: 'file:///tmp'}}
            """)
                .problems())
        .containsExactly(
            "metadata.annotations['howdah.dev/s3-addressing'] 'host' is neither path nor virtual",
            "metadata.annotations['howdah.dev/transfer-limit'] 'slow' is no number of bytes per"
                + " second from 256Ki on, such as 50Mi");
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
  void azuresAndGooglesCredentialsAreUnderstood() {
    assertThat(azure("storageAccount: {name: a, key: n}, storageKey: {name: a, key: k}"))
        .isEqualTo(
            new Credentials.AzureKey(new SecretReference("a", "n"), new SecretReference("a", "k")));
    assertThat(azure("connectionString: {name: a, key: c}"))
        .isEqualTo(new Credentials.AzureConnection(new SecretReference("a", "c")));
    assertThat(azure("inheritFromAzureAD: true")).isEqualTo(new Credentials.AzureIdentity(true));
    assertThat(azure("useDefaultAzureCredentials: true"))
        .isEqualTo(new Credentials.AzureIdentity(false));
    assertThat(google("gkeEnvironment: true").spec().credentials())
        .isEqualTo(new Credentials.GoogleEnvironment());
    assertThat(google("applicationCredentials: {name: g, key: json}").spec().credentials())
        .isEqualTo(new Credentials.GoogleKey(new SecretReference("g", "json")));
  }

  @Test
  void credentialsThatContradictEachOtherAreNamed() {
    assertThat(google("").problems())
        .containsExactly(
            "spec.configuration.googleCredentials must have either gkeEnvironment or"
                + " applicationCredentials");
    assertThat(
            azureResult("connectionString: {name: a, key: c}, inheritFromAzureAD: true").problems())
        .singleElement()
        .asString()
        .startsWith("spec.configuration.azureCredentials must have exactly one of");
    assertThat(azureResult("storageKey: {name: a, key: k}").problems())
        .containsExactly("spec.configuration.azureCredentials.storageAccount is required, too");
  }

  @Test
  void azuresAndGooglesStoresAreOpenedWhereTheirUrlsPoint() throws Exception {
    Files.createDirectories(secrets.resolve("a"));
    Files.writeString(secrets.resolve("a/n"), "account");
    Files.writeString(secrets.resolve("a/k"), "a2V5");
    StoreOpener opener = new StoreOpener(new Secrets(secrets));
    ObjectStoreSpec azure =
        azureResult("storageAccount: {name: a, key: n}, storageKey: {name: a, key: k}").spec();
    try (Store store = opener.open(azure, ObjectStoreSpec.Encryption.NONE)) {
      assertThat(store.location())
          .isEqualTo("https://account.blob.core.windows.net/backups/prod/pg");
    }
    Files.createDirectories(secrets.resolve("g"));
    Files.writeString(secrets.resolve("g/json"), "no key");
    assertThatThrownBy(
            () ->
                opener.open(
                    google("applicationCredentials: {name: g, key: json}").spec(),
                    ObjectStoreSpec.Encryption.NONE))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("googleCredentials can't be used");
  }

  private static Credentials azure(String fields) {
    ObjectStoreReader.Result result = azureResult(fields);
    assertThat(result.problems()).isEmpty();
    return result.spec().credentials();
  }

  private static ObjectStoreReader.Result azureResult(String fields) {
    return read(
        """
        spec: {configuration: {
          destinationPath: 'https://account.blob.core.windows.net/backups/prod/pg',
          azureCredentials: {%s}}}
        """
            .formatted(fields));
  }

  private static ObjectStoreReader.Result google(String fields) {
    return read(
        "spec: {configuration: {destinationPath: 'gs://b/pg', googleCredentials: {%s}}}"
            .formatted(fields));
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
