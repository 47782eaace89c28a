package dev.howdah.plugins.objectstore.store;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A certificate for all names below a domain, issued by an authority that only its owner knows.
 *
 * @param authority the authority
 * @param serverContext TLS for a server that shows the certificate
 */
record WildcardCertificate(X509Certificate authority, SSLContext serverContext) {

  private static final char[] PASSWORD = "not-secret".toCharArray();

  /** Issues one with the JDK's keytool. */
  static WildcardCertificate issue(Path scratch, String domain) throws Exception {
    Path file = scratch.resolve("keys.p12");
    generate(file, "authority", "-ext", "bc:critical=ca:true");
    generate(file, "server", "-signer", "authority", "-ext", "san=dns:*." + domain);
    KeyStore all = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      all.load(in, PASSWORD);
    }
    // The authority's own key must not be taken for the server's.
    KeyStore server = KeyStore.getInstance("PKCS12");
    server.load(null, null);
    server.setKeyEntry(
        "server", all.getKey("server", PASSWORD), PASSWORD, all.getCertificateChain("server"));
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(server, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return new WildcardCertificate((X509Certificate) all.getCertificate("authority"), context);
  }

  private static void generate(Path file, String alias, String... more) throws Exception {
    List<String> words =
        new ArrayList<>(List.of("-genkeypair", "-alias", alias, "-dname", "CN=" + alias));
    words.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1", "-validity", "2"));
    words.addAll(List.of(more));
    keytool(file, words.toArray(String[]::new));
  }

  private static void keytool(Path file, String... words) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin/keytool").toString()));
    command.addAll(List.of(words));
    command.addAll(List.of("-keystore", file.toString(), "-storepass", new String(PASSWORD)));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException("keytool failed: " + said);
    }
  }
}
