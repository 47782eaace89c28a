package dev.howdah.host.doctor;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A cluster in which all is well, as text, for tests to break in one place. */
final class Installation {

  static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");

  private static final KeyPair KEYS = keys();

  private static final String SERVER = server("2027-01-01T00:00:00Z");
  private static final String CLIENT = client("2027-01-01T00:00:00Z");

  private Installation() {}

  static String healthyClient() {
    return CLIENT;
  }

  static String healthy() {
    return OBJECTS.replace(
        "RELEASE\n",
        plugin("audit") + plugin("metrics") + secret("server", SERVER) + secret("client", CLIENT));
  }

  private static String plugin(String id) {
    return PLUGIN.replace("ID", id);
  }

  private static String secret(String role, String certificate) {
    return SECRET.replace("ROLE", role).replace("CERTIFICATE", certificate);
  }

  /** {@code tls.crt} of a server, base64 as in a Secret. */
  static String server(String end, String... names) {
    return certificate(
        Instant.parse(end),
        KeyPurposeId.id_kp_serverAuth,
        names.length > 0
            ? names
            : new String[] {
              "audit.howdah.dev", "howdah-audit", "metrics.howdah.dev", "howdah-metrics"
            });
  }

  static String client(String end) {
    return certificate(Instant.parse(end), KeyPurposeId.id_kp_clientAuth, "howdah-client");
  }

  private static String certificate(Instant end, KeyPurposeId usage, String... names) {
    try {
      X500Name subject = new X500Name("CN=test");
      X509Certificate certificate =
          new JcaX509CertificateConverter()
              .getCertificate(
                  new JcaX509v3CertificateBuilder(
                          subject,
                          BigInteger.ONE,
                          Date.from(Instant.parse("2026-01-01T00:00:00Z")),
                          Date.from(end),
                          subject,
                          KEYS.getPublic())
                      .addExtension(
                          Extension.subjectAlternativeName,
                          false,
                          new GeneralNames(
                              Stream.of(names)
                                  .map(name -> new GeneralName(GeneralName.dNSName, name))
                                  .toArray(GeneralName[]::new)))
                      .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(usage))
                      .build(
                          new JcaContentSignerBuilder("SHA256withECDSA").build(KEYS.getPrivate())));
      String pem =
          "-----BEGIN CERTIFICATE-----\n"
              + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
              + "\n-----END CERTIFICATE-----\n";
      return Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyPair keys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(256);
      return generator.generateKeyPair();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** What the chart makes for a plugin. */
  private static final String PLUGIN =
      """
        - apiVersion: v1
          kind: Service
          metadata:
            name: howdah-ID
            namespace: cnpg-system
            labels: {cnpg.io/pluginName: ID.howdah.dev, app.kubernetes.io/part-of: howdah}
            annotations:
              cnpg.io/pluginClientSecret: howdah-client-tls
              cnpg.io/pluginServerSecret: howdah-server-tls
              cnpg.io/pluginPort: "9090"
              cnpg.io/pluginServerName: ID.howdah.dev
          spec: {ports: [{port: 9090}]}
        - apiVersion: discovery.k8s.io/v1
          kind: EndpointSlice
          metadata:
            name: howdah-ID-1
            namespace: cnpg-system
            labels: {kubernetes.io/service-name: howdah-ID}
          endpoints: [{conditions: {ready: true}}]
      """;

  private static final String SECRET =
      """
        - apiVersion: v1
          kind: Secret
          metadata: {name: howdah-ROLE-tls, namespace: cnpg-system}
          data: {tls.crt: CERTIFICATE, tls.key: a2V5}
      """;

  private static final String OBJECTS =
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: cnpg-controller-manager
        namespace: cnpg-system
        labels: {app.kubernetes.io/name: cloudnative-pg}
      spec:
        template:
          spec:
            containers:
              - name: manager
                image: ghcr.io/cloudnative-pg/cloudnative-pg:1.30.0
                env: [{name: INCLUDE_PLUGINS, value: "audit.howdah.dev"}]
      ---
      apiVersion: v1
      kind: List
      items:
      RELEASE
      ---
      apiVersion: postgresql.cnpg.io/v1
      kind: Cluster
      metadata:
        name: orders
        namespace: app
        creationTimestamp: 2026-03-04T05:06:07Z
        annotations: {howdah.dev/enrich: "metrics@1"}
      spec:
        plugins:
          - name: audit.howdah.dev
          - name: metrics.howdah.dev
          - name: absent.example.com
            enabled: false
      status:
        phase: Cluster in healthy state
        pluginStatus:
          - name: metrics.howdah.dev
            capabilities: [TYPE_INSTANCE_SIDECAR_INJECTION]
      ---
      apiVersion: v1
      kind: Pod
      metadata:
        name: orders-1
        namespace: app
        labels: {cnpg.io/cluster: orders, cnpg.io/podRole: instance}
      spec:
        initContainers: [{name: howdah, image: "example/howdah:1"}]
        containers: [{name: postgres, image: postgres}]
      """;
}
