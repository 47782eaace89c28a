package dev.howdah.host.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Names an API server of a test the way users name theirs. */
public final class Kubeconfig {

  private Kubeconfig() {}

  /** Writes a kubeconfig for a server that asks for no credentials. */
  public static Path write(Path folder, String server, String namespace) throws IOException {
    return Files.writeString(
        folder.resolve("kubeconfig"),
        """
        apiVersion: v1
        kind: Config
        current-context: test
        clusters:
          - name: test
            cluster: {server: "%s"}
        contexts:
          - name: test
            context: {cluster: test, namespace: %s, user: test}
        users:
          - name: test
            user: {}
        """
            .formatted(server, namespace));
  }
}
