package dev.howdah.plugins.objectstore.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugins.objectstore.cli.ObjectStoreCommand;
import dev.howdah.plugins.objectstore.store.StoreException.Kind;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * The same store at a server that takes the bucket from the host's name. That name alone leads to
 * the server, so an answer shows that the bucket stood in it.
 */
@Timeout(180)
class S3BucketInHostTest extends StoreContract {

  private static final S3Settings.Timeouts SHORT =
      new S3Settings.Timeouts(
          Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(10), 1);

  private static S3Server server;

  @BeforeAll
  static void startServer() throws Exception {
    server = S3Server.startWithBucketsInHost();
  }

  @AfterAll
  static void stopServer() throws Exception {
    server.close();
  }

  @Override
  Store open() throws Exception {
    String bucket = "bucket-" + UUID.randomUUID();
    server.createBucket(bucket);
    return S3Store.open(server.settings(bucket, "some/path"));
  }

  @Test
  void whoPutsTheBucketIntoThePathGetsNowhere() throws Exception {
    server.createBucket("in-path");
    S3Settings inPath =
        S3Settings.of("in-path", "", server.endpoint(), S3Server.CREDENTIALS).within(SHORT);

    try (Store away = S3Store.open(inPath)) {
      assertFails(Kind.UNAVAILABLE, () -> away.find("a"));
    }
  }

  @Test
  void anObjectStoreSaysWhereTheBucketStandsAndWhichAuthorityToTrust(@TempDir Path scratch)
      throws Exception {
    WildcardCertificate certificate = WildcardCertificate.issue(scratch, BucketNames.DOMAIN);
    try (S3Server secure = S3Server.startWithBucketsInHost(certificate.serverContext())) {
      secure.createBucket("backups", certificate.authority());
      try (Store trusting =
          S3Store.open(secure.settings("backups", "pg", certificate.authority()))) {
        byte[] bytes = random(trusting.partLimits().clamp(1) + 7);
        upload(trusting, "orders/base/20260301T000000/data.tar", bytes);
        try (Download download = trusting.read("orders/base/20260301T000000/data.tar", 0, null)) {
          assertThat(download.content().readAllBytes()).isEqualTo(bytes);
        }
        assertThat(trusting.folders("orders/base/")).containsExactly("20260301T000000");
      }
      try (Store distrusting = S3Store.open(secure.settings("backups", "pg").within(SHORT))) {
        assertFails(Kind.UNAVAILABLE, () -> distrusting.find("a"));
      }

      String answer = list(objectStore(scratch, secure, certificate), scratch);
      assertThat(answer).contains("20260301T000000", "no backup.info");
    }
  }

  private static void upload(Store store, String key, byte[] bytes) throws Exception {
    int partSize = store.partLimits().clamp(1);
    Upload upload = store.upload(key, partSize, WriteOptions.CREATE);
    upload.part(1, bytes, partSize);
    upload.part(2, tail(bytes, partSize), bytes.length - partSize);
    upload.complete();
  }

  private static Path objectStore(Path scratch, S3Server server, WildcardCertificate certificate)
      throws Exception {
    Path secret = Files.createDirectories(scratch.resolve("secrets/backups"));
    Files.writeString(secret.resolve("id"), "access");
    Files.writeString(secret.resolve("secret"), "secret");
    Files.writeString(
        secret.resolve("ca.crt"),
        "-----BEGIN CERTIFICATE-----\n"
            + Base64.getMimeEncoder().encodeToString(certificate.authority().getEncoded())
            + "\n-----END CERTIFICATE-----\n");
    return Files.writeString(
        scratch.resolve("backups.yaml"),
        """
        apiVersion: barmancloud.cnpg.io/v1
        kind: ObjectStore
        metadata:
          name: backups
          annotations: {howdah.dev/s3-addressing: virtual}
        spec:
          configuration:
            destinationPath: s3://backups/pg
            endpointURL: %s
            endpointCA: {name: backups, key: ca.crt}
            s3Credentials:
              accessKeyId: {name: backups, key: id}
              secretAccessKey: {name: backups, key: secret}
        """
            .formatted(server.endpoint()));
  }

  private static String list(Path objectStore, Path scratch) {
    StringWriter said = new StringWriter();
    CommandLine command = new CommandLine(new ObjectStoreCommand());
    command.setOut(new PrintWriter(said, true)).setErr(new PrintWriter(said, true));
    int exitCode =
        command.execute(
            "list",
            "--server",
            "orders",
            "--object-store",
            objectStore.toString(),
            "--secrets",
            scratch.resolve("secrets").toString());
    assertThat(exitCode).as(said.toString()).isZero();
    return said.toString();
  }
}
