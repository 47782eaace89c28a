package dev.howdah.benchmarks;

import dev.howdah.host.listen.DevelopmentCertificates;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * The Secrets of a release with generated certificates, and what the hosts have mounted of them,
 * which is older for a while after a change. As in the chart, the server's file has its authority's
 * certificate behind its own, and hosts trust the authority of the operator's certificate.
 */
final class FleetCertificates {

  private static final List<String> MOUNTED =
      List.of("server.crt", "server.key", "client.crt", "ca.crt");

  private final Path secrets;
  private final Path mounted;
  private final List<String> names;

  private FleetCertificates(Path home, List<String> names) {
    this.secrets = home.resolve("secrets");
    this.mounted = home.resolve("mounted");
    this.names = names;
  }

  static FleetCertificates issue(Path home, List<String> names) {
    FleetCertificates certificates = new FleetCertificates(home, names);
    DevelopmentCertificates.issue(certificates.secrets, names);
    certificates.bringToHosts();
    return certificates;
  }

  /** New certificates of the same authority, for now in the Secrets only. */
  void renew() {
    try {
      for (String file : List.of("server.crt", "server.key", "client.crt", "client.key")) {
        Files.delete(secrets.resolve(file));
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    DevelopmentCertificates.issue(secrets, names);
  }

  /** The kubelet's part. */
  void bringToHosts() {
    try {
      Files.createDirectories(mounted);
      for (String file : MOUNTED) {
        Path draft = mounted.resolve("." + file);
        Files.copy(secrets.resolve(file), draft, StandardCopyOption.REPLACE_EXISTING);
        Files.move(draft, mounted.resolve(file), StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** What the operator shows and trusts. */
  SslContext operatorTls() {
    return Connections.tls(secrets);
  }

  Path mounted(String file) {
    return mounted.resolve(file);
  }
}
