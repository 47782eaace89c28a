package dev.howdah.plugins.objectstore.config;

import dev.howdah.plugins.objectstore.config.ObjectStoreSpec.Encryption;
import dev.howdah.plugins.objectstore.store.DirectoryStore;
import dev.howdah.plugins.objectstore.store.S3Settings;
import dev.howdah.plugins.objectstore.store.S3Store;
import dev.howdah.plugins.objectstore.store.Store;
import dev.howdah.plugins.objectstore.store.StoreException;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Opens the store that an {@link ObjectStoreSpec} describes. */
public final class StoreOpener {

  private static final String CREDENTIALS = "spec.configuration.s3Credentials";

  private final Secrets secrets;

  /** Makes it, with the Secrets that specs refer to. */
  public StoreOpener(Secrets secrets) {
    this.secrets = secrets;
  }

  /**
   * Opens a store.
   *
   * @param spec the store
   * @param encryption encryption at rest
   * @throws StoreException of kind {@code MISCONFIGURED} if it can't be opened like that
   */
  public Store open(ObjectStoreSpec spec, Encryption encryption) throws StoreException {
    URI destination = url("destinationPath", spec.destinationPath());
    return switch (String.valueOf(destination.getScheme())) {
      case "file" -> DirectoryStore.open(Path.of(destination.getPath()));
      case "s3" -> S3Store.open(s3(spec, destination, encryption));
      default ->
          throw new StoreException(
              StoreException.Kind.MISCONFIGURED,
              "destinationPath %s: only s3:// and file:/// are supported so far"
                  .formatted(spec.destinationPath()),
              null);
    };
  }

  /**
   * A digest of all that decides how a store is opened, Secrets included: the same digest, the same
   * store.
   */
  public String fingerprint(ObjectStoreSpec spec) {
    StringBuilder all = new StringBuilder(spec.toString());
    spec.endpointCa().ifPresent(ca -> append(all, ca, "spec.configuration.endpointCA"));
    spec.regionSecret().ifPresent(region -> append(all, region, CREDENTIALS + ".region"));
    if (spec.credentials() instanceof Credentials.S3Keys keys) {
      append(all, keys.accessKeyId(), CREDENTIALS + ".accessKeyId");
      append(all, keys.secretAccessKey(), CREDENTIALS + ".secretAccessKey");
      keys.sessionToken().ifPresent(token -> append(all, token, CREDENTIALS + ".sessionToken"));
    }
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest(all.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private void append(StringBuilder all, SecretReference reference, String field) {
    all.append('\0').append(secrets.read(reference, field));
  }

  private S3Settings s3(ObjectStoreSpec spec, URI destination, Encryption encryption)
      throws StoreException {
    Optional<URI> endpoint = Optional.empty();
    if (spec.endpointUrl().isPresent()) {
      endpoint = Optional.of(url("endpointURL", spec.endpointUrl().get()));
    }
    Optional<String> region =
        spec.region()
            .or(
                () ->
                    spec.regionSecret()
                        .map(secret -> secrets.read(secret, CREDENTIALS + ".region")));
    S3Settings plain =
        S3Settings.of(
            destination.getAuthority(),
            withoutSlashes(destination.getPath()),
            credentials(spec.credentials()));
    return new S3Settings(
        plain.bucket(),
        plain.path(),
        endpoint,
        region,
        Optional.empty(),
        certificates(spec),
        plain.credentials(),
        switch (encryption) {
          case NONE -> new S3Settings.Encryption.None();
          case AES256 -> new S3Settings.Encryption.StoreKeys();
          case KMS -> new S3Settings.Encryption.ManagedKey(Optional.empty());
        },
        plain.timeouts(),
        plain.connections());
  }

  private S3Settings.Credentials credentials(Credentials credentials) throws StoreException {
    return switch (credentials) {
      case Credentials.S3Environment environment -> new S3Settings.Credentials.Environment();
      case Credentials.S3Keys keys ->
          new S3Settings.Credentials.Keys(
              secrets.read(keys.accessKeyId(), CREDENTIALS + ".accessKeyId"),
              secrets.read(keys.secretAccessKey(), CREDENTIALS + ".secretAccessKey"),
              keys.sessionToken().map(token -> secrets.read(token, CREDENTIALS + ".sessionToken")));
      case Credentials.None none -> throw unusable("spec.configuration has no s3Credentials");
      case Credentials.Unsupported unsupported ->
          throw unusable("spec.configuration." + unsupported.field() + " is not supported yet");
    };
  }

  private List<X509Certificate> certificates(ObjectStoreSpec spec) throws StoreException {
    if (spec.endpointCa().isEmpty()) {
      return List.of();
    }
    String field = "spec.configuration.endpointCA";
    String pem = secrets.read(spec.endpointCa().get(), field);
    try {
      return CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)))
          .stream()
          .map(X509Certificate.class::cast)
          .toList();
    } catch (CertificateException e) {
      throw new StoreException(
          StoreException.Kind.MISCONFIGURED, field + " holds no certificates in PEM form", e);
    }
  }

  private static StoreException unusable(String why) {
    return new StoreException(StoreException.Kind.MISCONFIGURED, why, null);
  }

  private static URI url(String field, String text) throws StoreException {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      throw new StoreException(
          StoreException.Kind.MISCONFIGURED,
          "spec.configuration.%s '%s' is not a URL".formatted(field, text),
          e);
    }
  }

  private static String withoutSlashes(String path) {
    return path.replaceAll("^/+|/+$", "");
  }
}
