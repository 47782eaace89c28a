package dev.howdah.plugins.objectstore.config;

import dev.howdah.plugins.objectstore.config.ObjectStoreSpec.Encryption;
import dev.howdah.plugins.objectstore.store.AzureSettings;
import dev.howdah.plugins.objectstore.store.AzureStore;
import dev.howdah.plugins.objectstore.store.DirectoryStore;
import dev.howdah.plugins.objectstore.store.GoogleSettings;
import dev.howdah.plugins.objectstore.store.GoogleStore;
import dev.howdah.plugins.objectstore.store.LimitedStore;
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
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** Opens the store that an {@link ObjectStoreSpec} describes. */
public final class StoreOpener {

  private static final String CA = "spec.configuration.endpointCA";
  private static final String CREDENTIALS = "spec.configuration.s3Credentials";
  private static final String AZURE = "spec.configuration.azureCredentials";
  private static final String GOOGLE = "spec.configuration.googleCredentials";

  private final Secrets secrets;
  // WAL and base backups may be encrypted differently, and share one limit.
  private final Map<String, LimitedStore.Rates> rates = new ConcurrentHashMap<>();

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
    Store store = unlimited(spec, encryption);
    return spec.transferLimit().isPresent()
        ? new LimitedStore(
            store,
            rates.computeIfAbsent(
                spec.destinationPath() + " " + spec.transferLimit().get(),
                key -> new LimitedStore.Rates(spec.transferLimit().get())))
        : store;
  }

  private Store unlimited(ObjectStoreSpec spec, Encryption encryption) throws StoreException {
    URI destination = url("destinationPath", spec.destinationPath());
    return switch (spec.credentials()) {
      case Credentials.None none when "file".equals(destination.getScheme()) ->
          DirectoryStore.open(Path.of(destination.getPath()));
      case Credentials.None none ->
          throw unusable("spec.configuration has no credentials for " + spec.destinationPath());
      case Credentials.S3Environment environment ->
          S3Store.open(s3(spec, destination, encryption, new S3Settings.Credentials.Environment()));
      case Credentials.S3Keys keys -> S3Store.open(s3(spec, destination, encryption, keys(keys)));
      case Credentials.AzureConnection connection -> azure(spec, destination);
      case Credentials.AzureKey key -> azure(spec, destination);
      case Credentials.AzureSignature signature -> azure(spec, destination);
      case Credentials.AzureIdentity identity -> azure(spec, destination);
      case Credentials.GoogleKey key -> google(spec, destination);
      case Credentials.GoogleEnvironment environment -> google(spec, destination);
    };
  }

  /**
   * A digest of all that decides how a store is opened, Secrets included: the same digest, the same
   * store.
   */
  public String fingerprint(ObjectStoreSpec spec) {
    StringBuilder all = new StringBuilder(spec.toString());
    secretsOf(spec).forEach((field, secret) -> append(all, secret, field));
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

  /** All entries of Secrets that a store is opened with, by the fields that name them. */
  public static SortedMap<String, SecretReference> secretsOf(ObjectStoreSpec spec) {
    SortedMap<String, SecretReference> all = new TreeMap<>(secretsOf(spec.credentials()));
    spec.endpointCa().ifPresent(ca -> all.put(CA, ca));
    spec.regionSecret().ifPresent(region -> all.put(CREDENTIALS + ".region", region));
    return all;
  }

  private static Map<String, SecretReference> secretsOf(Credentials credentials) {
    return switch (credentials) {
      case Credentials.None none -> Map.of();
      case Credentials.S3Environment environment -> Map.of();
      case Credentials.AzureIdentity identity -> Map.of();
      case Credentials.GoogleEnvironment environment -> Map.of();
      case Credentials.S3Keys keys -> {
        SortedMap<String, SecretReference> all = new TreeMap<>();
        all.put(CREDENTIALS + ".accessKeyId", keys.accessKeyId());
        all.put(CREDENTIALS + ".secretAccessKey", keys.secretAccessKey());
        keys.sessionToken().ifPresent(token -> all.put(CREDENTIALS + ".sessionToken", token));
        yield all;
      }
      case Credentials.AzureConnection connection ->
          Map.of(AZURE + ".connectionString", connection.connectionString());
      case Credentials.AzureKey key ->
          Map.of(
              AZURE + ".storageAccount", key.storageAccount(),
              AZURE + ".storageKey", key.storageKey());
      case Credentials.AzureSignature signature ->
          Map.of(
              AZURE + ".storageAccount", signature.storageAccount(),
              AZURE + ".storageSasToken", signature.storageSasToken());
      case Credentials.GoogleKey key ->
          Map.of(GOOGLE + ".applicationCredentials", key.applicationCredentials());
    };
  }

  private AzureStore azure(ObjectStoreSpec spec, URI destination) throws StoreException {
    String path = withoutSlashes(destination.getPath());
    String endpoint = destination.getScheme() + "://" + destination.getAuthority();
    AzureSettings.Credentials credentials = azure(spec.credentials());
    // Emulators and own endpoints have the account in the path.
    if (!destination.getAuthority().contains(".blob.")) {
      int slash = path.indexOf('/');
      if (slash < 0) {
        throw unusable(
            "spec.configuration.destinationPath must name the account and the container");
      }
      endpoint += "/" + path.substring(0, slash);
      path = path.substring(slash + 1);
    }
    int slash = path.indexOf('/');
    return AzureStore.open(
        new AzureSettings(
            endpoint,
            slash < 0 ? path : path.substring(0, slash),
            slash < 0 ? "" : path.substring(slash + 1),
            credentials,
            certificates(spec),
            S3Settings.Timeouts.DEFAULT));
  }

  private AzureSettings.Credentials azure(Credentials credentials) throws StoreException {
    return switch (credentials) {
      case Credentials.AzureConnection connection ->
          new AzureSettings.Credentials.ConnectionString(
              secrets.read(connection.connectionString(), AZURE + ".connectionString"));
      case Credentials.AzureKey key ->
          new AzureSettings.Credentials.AccountKey(
              secrets.read(key.storageAccount(), AZURE + ".storageAccount"),
              secrets.read(key.storageKey(), AZURE + ".storageKey"));
      case Credentials.AzureSignature signature ->
          new AzureSettings.Credentials.Signature(
              secrets.read(signature.storageSasToken(), AZURE + ".storageSasToken"));
      case Credentials.AzureIdentity identity ->
          identity.managed()
              ? new AzureSettings.Credentials.ManagedIdentity(Optional.empty())
              : new AzureSettings.Credentials.Environment();
      default -> throw unusable(AZURE + " is missing");
    };
  }

  private GoogleStore google(ObjectStoreSpec spec, URI destination) throws StoreException {
    String path = withoutSlashes(destination.getPath());
    String bucket = destination.getAuthority();
    if (!"gs".equals(destination.getScheme())) {
      path = path.replaceFirst("^storage/browser/", "");
      int slash = path.indexOf('/');
      bucket = slash < 0 ? path : path.substring(0, slash);
      path = slash < 0 ? "" : path.substring(slash + 1);
    }
    URI endpoint = GoogleSettings.GOOGLE;
    if (spec.endpointUrl().isPresent()) {
      endpoint = url("endpointURL", spec.endpointUrl().get());
    }
    return GoogleStore.open(
        new GoogleSettings(
            endpoint,
            bucket,
            path,
            spec.credentials() instanceof Credentials.GoogleKey key
                ? new GoogleSettings.Credentials.Key(
                    secrets.read(key.applicationCredentials(), GOOGLE + ".applicationCredentials"))
                : new GoogleSettings.Credentials.Environment(),
            S3Settings.Timeouts.DEFAULT));
  }

  private S3Settings s3(
      ObjectStoreSpec spec,
      URI destination,
      Encryption encryption,
      S3Settings.Credentials credentials)
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
            destination.getAuthority(), withoutSlashes(destination.getPath()), credentials);
    return new S3Settings(
        plain.bucket(),
        plain.path(),
        endpoint,
        region,
        spec.bucketInPath(),
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

  private S3Settings.Credentials keys(Credentials.S3Keys keys) {
    return new S3Settings.Credentials.Keys(
        secrets.read(keys.accessKeyId(), CREDENTIALS + ".accessKeyId"),
        secrets.read(keys.secretAccessKey(), CREDENTIALS + ".secretAccessKey"),
        keys.sessionToken().map(token -> secrets.read(token, CREDENTIALS + ".sessionToken")));
  }

  private List<X509Certificate> certificates(ObjectStoreSpec spec) throws StoreException {
    if (spec.endpointCa().isEmpty()) {
      return List.of();
    }
    String pem = secrets.read(spec.endpointCa().get(), CA);
    try {
      return CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)))
          .stream()
          .map(X509Certificate.class::cast)
          .toList();
    } catch (CertificateException e) {
      throw new StoreException(
          StoreException.Kind.MISCONFIGURED, CA + " holds no certificates in PEM form", e);
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
