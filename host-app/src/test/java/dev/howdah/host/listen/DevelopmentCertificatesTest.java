package dev.howdah.host.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevelopmentCertificatesTest {
  private static final List<String> NAMES = List.of("hello.howdah.dev", "audit.howdah.dev");

  @TempDir private Path temporary;
  private Path folder;

  @BeforeEach
  void missingFolder() {
    folder = temporary.resolve("home/tls");
  }

  private Map<String, String> contents() throws IOException {
    Map<String, String> contents = new HashMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        contents.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    return contents;
  }

  private List<String> written(DevelopmentCertificates.Issued issued) {
    return issued.written().stream().map(file -> file.getFileName().toString()).toList();
  }

  private static List<X509Certificate> certificates(Path file) throws Exception {
    return CertificateFactory.getInstance("X.509")
        .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)))
        .stream()
        .map(X509Certificate.class::cast)
        .toList();
  }

  @Test
  void the_first_start_issues_a_complete_set_that_only_the_owner_can_use() throws Exception {
    DevelopmentCertificates.Issued issued = DevelopmentCertificates.issue(folder, NAMES);

    assertThat(contents())
        .containsOnlyKeys(
            "ca.crt", "ca.key", "server.crt", "server.key", "client.crt", "client.key");
    assertThat(written(issued)).hasSize(6);
    assertThat(Files.getPosixFilePermissions(folder))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    for (String key : List.of("ca.key", "server.key", "client.key")) {
      assertThat(Files.getPosixFilePermissions(folder.resolve(key)))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
  }

  @Test
  void a_client_and_the_host_understand_each_other_with_them() throws Exception {
    DevelopmentCertificates.Issued issued = DevelopmentCertificates.issue(folder, NAMES);
    TcpOptions tcp = new TcpOptions("127.0.0.1:0", issued.server());
    try (TestHost host = new TestHost(Optional.of(tcp), Optional.empty()).start()) {
      PemFile key = new PemFile(issued.clientKey(), Files.readAllBytes(issued.clientKey()));
      X509Certificate client = certificates(issued.clientCertificate()).getFirst();
      TestCertificate clientPair =
          new TestCertificate(
              client, new KeyPair(client.getPublicKey(), key.privateKey()), List.of());
      X509Certificate root = certificates(issued.authority()).getFirst();
      for (String name : List.of("hello.howdah.dev", "audit.howdah.dev", "localhost")) {
        ManagedChannel channel = TlsClients.channel(host, clientPair, root, name);
        assertThat(TestHost.where(channel)).contains("clientSubject=CN=howdah-client");
      }
    }
  }

  @Test
  void the_servers_file_holds_the_leaf_and_its_root_with_all_names() throws Exception {
    DevelopmentCertificates.Issued issued = DevelopmentCertificates.issue(folder, NAMES);
    List<X509Certificate> chain = certificates(issued.server().certificate());
    assertThat(chain).hasSize(2);
    chain.getFirst().verify(chain.getLast().getPublicKey());
    assertThat(chain.getLast().getBasicConstraints()).isZero();
    assertThat(chain.getFirst().getSubjectAlternativeNames())
        .extracting(name -> (Object) name.get(1))
        .containsExactly(
            "hello.howdah.dev", "audit.howdah.dev", "localhost", "127.0.0.1", "0:0:0:0:0:0:0:1");
  }

  @Test
  void the_server_certificate_lasts_a_year_and_the_authority_ten() throws Exception {
    DevelopmentCertificates.Issued issued = DevelopmentCertificates.issue(folder, NAMES);
    List<X509Certificate> chain = certificates(issued.server().certificate());
    Instant now = Instant.now();
    assertThat(Duration.between(now, chain.getFirst().getNotAfter().toInstant()).toDays())
        .isBetween(363L, 365L);
    assertThat(Duration.between(now, chain.getLast().getNotAfter().toInstant()).toDays())
        .isBetween(3648L, 3650L);
  }

  @Test
  void a_complete_set_is_left_alone() throws Exception {
    DevelopmentCertificates.issue(folder, NAMES);
    Map<String, String> before = contents();

    DevelopmentCertificates.Issued again =
        DevelopmentCertificates.issue(folder, List.of("hello.howdah.dev"));

    assertThat(again.written()).isEmpty();
    assertThat(contents()).isEqualTo(before);
  }

  @Test
  void a_new_plugin_gets_the_server_a_new_certificate_of_the_same_authority() throws Exception {
    DevelopmentCertificates.issue(folder, NAMES);
    X509Certificate authority = certificates(folder.resolve("ca.crt")).getFirst();

    DevelopmentCertificates.Issued again =
        DevelopmentCertificates.issue(folder, List.of("New.howdah.dev"));

    assertThat(written(again)).containsExactly("server.key", "server.crt");
    X509Certificate server = certificates(again.server().certificate()).getFirst();
    server.verify(authority.getPublicKey());
    assertThat(server.getSubjectAlternativeNames())
        .extracting(name -> (Object) name.get(1))
        .contains("new.howdah.dev");
    assertThat(DevelopmentCertificates.issue(folder, List.of("New.howdah.dev")).written())
        .isEmpty();
  }

  @Test
  void certificates_that_end_within_a_week_are_issued_anew() throws Exception {
    DevelopmentCertificates.issue(folder, NAMES);
    Instant inMonths = Instant.now().plus(Duration.ofDays(350));
    assertThat(
            DevelopmentCertificates.issue(folder, NAMES, InstantSource.fixed(inMonths)).written())
        .isEmpty();

    Instant almostAYear = Instant.now().plus(Duration.ofDays(359));
    DevelopmentCertificates.Issued again =
        DevelopmentCertificates.issue(folder, NAMES, InstantSource.fixed(almostAYear));

    assertThat(written(again))
        .containsExactly("server.key", "server.crt", "client.key", "client.crt");
  }

  @Test
  void what_is_missing_is_issued_when_the_authority_is_there() throws Exception {
    DevelopmentCertificates.issue(folder, NAMES);
    String server = Files.readString(folder.resolve("server.crt"));
    Files.delete(folder.resolve("client.key"));

    DevelopmentCertificates.Issued again = DevelopmentCertificates.issue(folder, NAMES);

    assertThat(written(again)).containsExactly("client.key", "client.crt");
    assertThat(folder.resolve("server.crt")).hasContent(server);
  }

  @Test
  void an_authoritys_key_that_was_taken_away_is_missed_only_when_it_is_needed() throws Exception {
    DevelopmentCertificates.issue(folder, NAMES);
    Files.delete(folder.resolve("ca.key"));
    assertThat(DevelopmentCertificates.issue(folder, NAMES).written()).isEmpty();

    assertThatThrownBy(() -> DevelopmentCertificates.issue(folder, List.of("new.howdah.dev")))
        .isInstanceOf(ListenException.class)
        .hasMessageContaining(folder.resolve("ca.key") + " is missing")
        .hasMessageContaining("Remove the folder");
  }

  @Test
  void an_incomplete_set_without_authority_is_an_error_and_stays_as_it_is() throws Exception {
    DevelopmentCertificates.issue(folder, NAMES);
    for (String gone : List.of("ca.crt", "ca.key", "client.key")) {
      Files.delete(folder.resolve(gone));
    }
    Map<String, String> before = contents();

    assertThatThrownBy(() -> DevelopmentCertificates.issue(folder, NAMES))
        .isInstanceOf(ListenException.class)
        .hasMessageContaining("is missing");
    assertThat(contents()).isEqualTo(before);
  }

  @Test
  void a_malformed_file_is_an_error_that_names_it() throws Exception {
    DevelopmentCertificates.issue(folder, NAMES);
    Files.writeString(folder.resolve("server.crt"), "-----BEGIN CERTIFICATE-----\nMII");
    assertThatThrownBy(() -> DevelopmentCertificates.issue(folder, NAMES))
        .isInstanceOf(ListenException.class)
        .hasMessageContaining(folder.resolve("server.crt").toString());
  }
}
