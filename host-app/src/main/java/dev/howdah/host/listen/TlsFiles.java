package dev.howdah.host.listen;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the certificates are. All are PEM files and may be symbolic links, as in a mounted
 * Kubernetes Secret.
 *
 * @param certificate the server's certificate, the leaf first, followed by its issuers if any
 * @param key the private key of the leaf, unencrypted: PKCS#8, PKCS#1 or SEC 1 ({@code EC})
 * @param trustedClients certificates of clients that may connect: a leaf is accepted as it is, a
 *     certificate authority vouches for all certificates that it issued. {@code null} asks clients
 *     for none, which a gRPC listener doesn't take
 */
public record TlsFiles(Path certificate, Path key, @Nullable Path trustedClients) {
  /** Makes the paths absolute, so that messages name them in full. */
  public TlsFiles {
    certificate = certificate.toAbsolutePath().normalize();
    key = key.toAbsolutePath().normalize();
    trustedClients = trustedClients == null ? null : trustedClients.toAbsolutePath().normalize();
  }

  /** The files that there are: certificate, key and perhaps trusted clients. */
  List<Path> paths() {
    List<Path> paths = new ArrayList<>(List.of(certificate, key));
    if (trustedClients != null) {
      paths.add(trustedClients);
    }
    return List.copyOf(paths);
  }
}
